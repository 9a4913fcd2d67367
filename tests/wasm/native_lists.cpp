// The native side of tests/wasm: makes a synthetic bundle, and runs histories through the C ABI.
//
//   native_lists bundle FOLDER                     writes bundle.json and its shard
//   native_lists lists FOLDER HISTORIES RESULTS    u32 n, n x osl_listen, ... ->
//                                                 osl_recommended, scored, reasons, reason_n, ...

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "ossicle.h"
#include "ossicle/catalogue.h"
#include "synthetic_catalogue.h"

namespace {

constexpr std::uint32_t kResults = 50;
constexpr std::uint32_t kReasons = 3;
constexpr std::int64_t kNowS = 1780000000;  // as in lists.mjs

// The knobs of history number i, as in lists.mjs: every second list has some.
osl_request request_of(std::size_t i) {
  osl_request request;
  osl_request_default(&request);
  request.now_s = kNowS;
  request.reasons_per_item = kReasons;
  if (i % 2 == 0) return request;
  const double step = static_cast<double>(i % 8) / 8;
  request.neighbours = step;
  request.novelty = 1 - step;
  request.diversity = step / 2;
  request.repeat_days = static_cast<double>(i % 3) * 400;
  request.per_artist = static_cast<std::uint32_t>(i % 4);
  request.follow = i % 16 == 5 ? 1 : 0;
  request.seed = i;
  return request;
}

std::vector<std::uint8_t> read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

int fail(const char* what, const osl_error& error) {
  std::fprintf(stderr, "%s: code %d, %.*s (at %llu)\n", what, error.code,
               static_cast<int>(error.what_n), error.what,
               static_cast<unsigned long long>(error.at));
  return 1;
}

int make_bundle(const std::filesystem::path& folder) {
  const ossicle::CatalogueData data = ossicle::testing::synthetic_catalogue(
      {.n_items = 3000,
       .n_factors = 48,
       .seed = 7,
       .model = {.mu = 0.03, .alpha0 = 0.05, .user_lambda = 3, .user_bias = true},
       .bias_sd = 0.02});
  const auto bytes = ossicle::write_catalogue(
      data.view,
      {.name = "synthetic", .licence = "CC0-1.0", .source = "random", .recipe = "native_lists"});
  if (!bytes.ok()) return 1;
  write_file(folder / "bundle.json", bytes.value().bundle_json);
  write_file(folder / "catalogue-0.safetensors", bytes.value().shard);
  return 0;
}

osl_engine* open_engine(const std::filesystem::path& folder) {
  osl_error error = {};
  osl_reader* reader = nullptr;
  const auto json = read_file(folder / "bundle.json");
  if (osl_reader_open(json.data(), static_cast<std::uint32_t>(json.size()), &reader, &error) != 0) {
    fail("bundle.json", error);
    return nullptr;
  }
  std::uint32_t files = 0;
  osl_reader_files(reader, &files);
  for (std::uint32_t i = 0; i < files; ++i) {
    char path[256];
    std::uint32_t path_n = 0;
    std::uint64_t size = 0;
    osl_reader_file(reader, i, path, sizeof path, &path_n, &size);
    const auto bytes = read_file(folder / std::string(path, path_n));
    if (osl_reader_add(reader, i, bytes.data(), static_cast<std::uint32_t>(bytes.size()), nullptr,
                       &error) != 0) {
      fail("a shard", error);
      return nullptr;
    }
  }
  osl_options options;
  osl_options_default(&options);
  osl_engine* engine = nullptr;
  if (osl_engine_open(reader, &options, &engine, &error) != 0) fail("the engine", error);
  osl_reader_close(reader);
  return engine;
}

template <class T>
void append(std::vector<std::byte>& out, const T* values, std::size_t n) {
  const auto bytes = std::as_bytes(std::span(values, n));
  out.insert(out.end(), bytes.begin(), bytes.end());
}

int make_lists(const std::filesystem::path& folder, const std::string& in, const std::string& out) {
  osl_engine* engine = open_engine(folder);
  if (engine == nullptr) return 1;
  const auto histories = read_file(in);
  std::vector<std::byte> results;
  std::vector<osl_listen> events;
  osl_scored list[kResults];
  osl_reason reasons[kResults * kReasons];
  std::uint32_t reason_n[kResults];
  osl_error error = {};
  std::size_t number = 0;
  for (std::size_t at = 0; at < histories.size(); ++number) {
    std::uint32_t n = 0;
    std::memcpy(&n, histories.data() + at, sizeof n);
    at += sizeof n;
    events.resize(n);
    std::memcpy(events.data(), histories.data() + at, n * sizeof(osl_listen));
    at += n * sizeof(osl_listen);
    osl_history_forget(engine);
    if (osl_history_record(engine, events.data(), n, nullptr, &error) != 0) {
      return fail("record", error);
    }
    std::memset(list, 0, sizeof list);
    std::memset(reasons, 0, sizeof reasons);
    std::memset(reason_n, 0, sizeof reason_n);
    osl_recommended made = {};
    const osl_request request = request_of(number);
    if (osl_recommend_run(engine, &request, list, kResults, &made, reasons, reason_n, &error) !=
        0) {
      return fail("recommend", error);
    }
    append(results, &made, 1);
    append(results, list, kResults);
    append(results, reasons, kResults * kReasons);
    append(results, reason_n, kResults);
  }
  osl_engine_close(engine);
  write_file(out, results);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "bundle" && argc == 3) return make_bundle(argv[2]);
  if (verb == "lists" && argc == 5) return make_lists(argv[2], argv[3], argv[4]);
  std::fprintf(stderr, "usage: native_lists bundle FOLDER | lists FOLDER HISTORIES RESULTS\n");
  return 2;
}
