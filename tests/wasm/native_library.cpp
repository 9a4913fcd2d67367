// The native side of library.test.mjs: the same calls of the C ABI over the same bytes.
//
//   native_library FOLDER INPUT RESULTS    the catalogue's bundle; what library.mjs packed; lists

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "ossicle.h"

namespace {

constexpr std::int64_t kNowS = 1780000000;  // as in histories.mjs
constexpr std::uint32_t kResults = 50;      // as in library.mjs

std::vector<std::uint8_t> read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void check(osl_code code, const char* what, const osl_error& error = {}) {
  if (code == 0) return;
  std::fprintf(stderr, "%s: code %d, %.*s (at %llu)\n", what, code, static_cast<int>(error.what_n),
               error.what, static_cast<unsigned long long>(error.at));
  std::exit(1);
}

osl_engine* open_engine(const std::filesystem::path& folder) {
  osl_error error = {};
  osl_reader* reader = nullptr;
  const auto json = read_file(folder / "bundle.json");
  check(osl_reader_open(json.data(), static_cast<std::uint32_t>(json.size()), &reader, &error),
        "bundle.json", error);
  std::uint32_t files = 0;
  osl_reader_files(reader, &files);
  for (std::uint32_t i = 0; i < files; ++i) {
    char path[256];
    std::uint32_t path_n = 0;
    std::uint64_t size = 0;
    osl_reader_file(reader, i, path, sizeof path, &path_n, &size);
    const auto bytes = read_file(folder / std::string(path, path_n));
    check(osl_reader_add(reader, i, bytes.data(), static_cast<std::uint32_t>(bytes.size()), nullptr,
                         &error),
          "a shard", error);
  }
  osl_options options;
  osl_options_default(&options);
  osl_engine* engine = nullptr;
  check(osl_engine_open(reader, &options, &engine, &error), "the engine", error);
  osl_reader_close(reader);
  return engine;
}

/// What library.mjs packed: six counts, then arrays.
class Input {
 public:
  explicit Input(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}
  template <class T>
  std::vector<T> take(std::size_t n) {
    std::vector<T> out(n);
    if (n > 0) std::memcpy(out.data(), bytes_.data() + at_, n * sizeof(T));
    at_ += n * sizeof(T);
    return out;
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: native_library FOLDER INPUT RESULTS\n");
    return 2;
  }
  osl_engine* const engine = open_engine(argv[1]);
  Input input(read_file(argv[2]));
  const auto counts = input.take<std::uint32_t>(6);
  const auto tracks = input.take<osl_track>(counts[0]);
  const auto vectors = input.take<float>(counts[1]);
  const auto map = input.take<float>(counts[2]);
  const auto events = input.take<osl_listen>(counts[3]);
  const auto text = input.take<char>(counts[4]);

  osl_error error = {};
  osl_library_options options;
  osl_track_knobs knobs;
  osl_library_default(&options, &knobs);
  options.capacity = counts[0];
  options.text_dimensions = counts[5];
  osl_library* library = nullptr;
  check(osl_library_open(engine, &options, map.data(), counts[2], &library, &error), "open", error);
  check(osl_library_add(library, engine, text.data(), counts[4], tracks.data(), counts[0],
                        vectors.data(), counts[1], &error),
        "add", error);
  std::vector<std::uint32_t> recorded(events.size());
  check(osl_history_record(engine, events.data(), counts[3], recorded.data(), &error), "record",
        error);
  check(osl_library_record(library, events.data(), recorded.data(), counts[3]), "record");

  std::ofstream out(argv[3], std::ios::binary);
  std::vector<osl_scored_track> list(kResults);
  const auto write = [&](std::uint32_t n) {
    out.write(reinterpret_cast<const char*>(&n), sizeof n);
    out.write(reinterpret_cast<const char*>(list.data()),
              static_cast<std::streamsize>(n * sizeof(osl_scored_track)));
  };
  std::uint32_t n = 0;
  for (std::uint32_t shelf = 0; shelf < 3; ++shelf) {
    for (const double familiarity : {0.0, -0.1, 0.05}) {
      knobs.shelf = shelf;
      knobs.familiarity = familiarity;
      check(
          osl_library_recommend(library, engine, kNowS, &knobs, list.data(), kResults, &n, &error),
          "recommend", error);
      write(n);
    }
  }
  knobs.shelf = 0;
  for (std::uint32_t row = 0; row < 20; ++row) {
    check(osl_library_similar(library, kNowS, row * 37 % counts[0], &knobs, list.data(), kResults,
                              &n, &error),
          "similar", error);
    write(n);
  }
  osl_library_close(library, engine);
  osl_engine_close(engine);
  return 0;
}
