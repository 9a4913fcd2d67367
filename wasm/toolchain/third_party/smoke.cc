// Proves the third-party archives: XNNPACK's three operators against naive arithmetic, the same
// bytes in every build, and sentencepiece loading a model and splitting text.
//
//   third_party_smoke MODEL    MODEL is smoke.model, which train() below makes; a native build
//   trains it
//                              again and expects the same bytes.
//   third_party_smoke --train MODEL    (native) writes it
#include <sentencepiece_processor.h>
#include <xnnpack.h>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>
#ifndef __EMSCRIPTEN__
#include <sentencepiece_trainer.h>
#endif

namespace {

int failures = 0;

void check(bool ok, const char* what) {
  std::printf("%s %s\n", ok ? "ok    " : "FAILED", what);
  if (!ok) ++failures;
}

// XNNPACK reads up to 16 bytes past its inputs.
std::vector<float> padded(size_t n) { return std::vector<float>(n + XNN_EXTRA_BYTES / 4); }

std::vector<float> noise(size_t n, uint32_t seed) {
  std::vector<float> v = padded(n);
  for (float& x : v) {
    seed = seed * 1664525u + 1013904223u;
    x = static_cast<float>(seed >> 8) * (2.0f / 16777216.0f) - 1.0f;
  }
  return v;
}

uint64_t digest = 1469598103934665603u;  // FNV-1a over every result, in order

bool near(const std::vector<float>& got, const std::vector<double>& want, double tolerance) {
  double worst = 0;
  for (size_t i = 0; i < want.size(); ++i) worst = std::max(worst, std::fabs(got[i] - want[i]));
  for (size_t i = 0; i < want.size(); ++i) {
    uint32_t bits;
    std::memcpy(&bits, &got[i], 4);
    digest = (digest ^ bits) * 1099511628211u;
  }
  return worst <= tolerance;
}

bool fully_connected(size_t m, size_t k, size_t n) {
  const float inf = std::numeric_limits<float>::infinity();
  std::vector<float> a = noise(m * k, 1), w = noise(n * k, 2), b = noise(n, 3), y = padded(m * n);
  xnn_operator_t op = nullptr;
  bool ok = xnn_create_fully_connected_nc_f32(k, n, k, n, w.data(), b.data(), -inf, inf, 0, nullptr,
                                              nullptr, &op) == xnn_status_success &&
            xnn_reshape_fully_connected_nc_f32(op, m, nullptr) == xnn_status_success &&
            xnn_setup_fully_connected_nc_f32(op, a.data(), y.data()) == xnn_status_success &&
            xnn_run_operator(op, nullptr) == xnn_status_success;
  xnn_delete_operator(op);
  std::vector<double> want(m * n);
  for (size_t i = 0; i < m; ++i)
    for (size_t j = 0; j < n; ++j) {
      double s = b[j];
      for (size_t c = 0; c < k; ++c) s += double{a[i * k + c]} * w[j * k + c];
      want[i * n + j] = s;
    }
  return ok && near(y, want, 1e-4);
}

bool batch_matrix_multiply(size_t batch, size_t m, size_t k, size_t n, bool transpose_b) {
  std::vector<float> a = noise(batch * m * k, 4), b = noise(batch * k * n, 5),
                     y = padded(batch * m * n);
  xnn_operator_t op = nullptr;
  size_t bytes = 0, alignment = 0;
  const uint32_t flags = transpose_b ? XNN_FLAG_TRANSPOSE_B : 0;
  bool ok = xnn_create_batch_matrix_multiply_nc_f32(flags, &op) == xnn_status_success &&
            xnn_reshape_batch_matrix_multiply_nc_f32(op, 1, &batch, &batch, m, k, n, &bytes,
                                                     &alignment, nullptr) == xnn_status_success;
  std::vector<char> workspace(bytes + 64);
  void* aligned = workspace.data() + (64 - reinterpret_cast<uintptr_t>(workspace.data()) % 64) % 64;
  ok = ok && alignment <= 64 &&
       xnn_setup_batch_matrix_multiply_nc_f32(op, aligned, a.data(), b.data(), y.data()) ==
           xnn_status_success &&
       xnn_run_operator(op, nullptr) == xnn_status_success;
  xnn_delete_operator(op);
  std::vector<double> want(batch * m * n);
  for (size_t g = 0; g < batch; ++g)
    for (size_t i = 0; i < m; ++i)
      for (size_t j = 0; j < n; ++j) {
        double s = 0;
        for (size_t c = 0; c < k; ++c)
          s += double{a[(g * m + i) * k + c]} *
               (transpose_b ? b[(g * n + j) * k + c] : b[(g * k + c) * n + j]);
        want[(g * m + i) * n + j] = s;
      }
  return ok && near(y, want, 1e-4);
}

bool softmax(size_t rows, size_t channels) {
  std::vector<float> x = noise(rows * channels, 6), y = padded(rows * channels);
  for (float& v : x) v *= 8.0f;
  xnn_operator_t op = nullptr;
  bool ok = xnn_create_softmax_nc_f32(0, &op) == xnn_status_success &&
            xnn_reshape_softmax_nc_f32(op, channels, channels, channels, rows, nullptr) ==
                xnn_status_success &&
            xnn_setup_softmax_nc_f32(op, x.data(), y.data()) == xnn_status_success &&
            xnn_run_operator(op, nullptr) == xnn_status_success;
  xnn_delete_operator(op);
  std::vector<double> want(rows * channels);
  for (size_t r = 0; r < rows; ++r) {
    double sum = 0;
    for (size_t c = 0; c < channels; ++c) sum += std::exp(double{x[r * channels + c]});
    for (size_t c = 0; c < channels; ++c)
      want[r * channels + c] = std::exp(double{x[r * channels + c]}) / sum;
  }
  return ok && near(y, want, 1e-6);
}

void check_xnnpack() {
  check(xnn_initialize(nullptr) == xnn_status_success, "xnnpack initialises");
  bool fc = true, bmm = true, soft = true;
  for (size_t m : {1, 3, 4, 5, 32})
    for (size_t k : {1, 7, 64, 129})
      for (size_t n : {1, 2, 7, 8, 17, 96}) fc = fully_connected(m, k, n) && fc;
  for (size_t m : {1, 5, 16})
    for (size_t n : {1, 7, 33})
      for (bool t : {false, true}) bmm = batch_matrix_multiply(3, m, 32, n, t) && bmm;
  for (size_t c : {1, 3, 16, 31, 128}) soft = softmax(5, c) && soft;
  check(fc, "fully connected agrees with naive arithmetic");
  check(bmm, "batch matrix multiply agrees with naive arithmetic");
  check(soft, "softmax agrees with naive arithmetic");
  std::printf("digest %016llx\n", static_cast<unsigned long long>(digest));
#ifndef OSSICLE_SMOKE_OTHER_ROUNDING
  check(digest == 0x3ead064972156793u, "xnnpack gives the bytes that every other build gives");
#endif
}

#ifndef __EMSCRIPTEN__
struct Lines : sentencepiece::SentenceIterator {
  std::vector<std::string> lines;
  size_t at = 0;
  bool done() const override { return at == lines.size(); }
  void Next() override { ++at; }
  const std::string& value() const override { return lines[at]; }
  sentencepiece::util::Status status() const override { return {}; }
};

std::string train() {
  Lines corpus;
  const char* words[] = {"the",  "piano",  "plays", "a",    "sad",   "song",   "drums", "slow",
                         "fast", "violin", "night", "blue", "voice", "melody", "rain",  "city"};
  uint32_t seed = 7;
  for (int i = 0; i < 400; ++i) {
    std::string line;
    for (int j = 0; j < 8; ++j) {
      seed = seed * 1664525u + 1013904223u;
      line += std::string(j ? " " : "") + words[(seed >> 16) % 16];
    }
    corpus.lines.push_back(line);
  }
  std::string model;
  if (!sentencepiece::SentencePieceTrainer::Train(
           "--vocab_size=60 --model_type=unigram --minloglevel=2 --num_threads=1 "
           "--normalization_rule_name=identity --hard_vocab_limit=false --character_coverage=1.0",
           &corpus, &model)
           .ok())
    return {};
  return model;
}
#endif

void check_sentencepiece(const std::string& model) {
  sentencepiece::SentencePieceProcessor sp;
  check(!sp.LoadFromSerializedProto("no model").ok(), "sentencepiece refuses what is no model");
  check(sp.LoadFromSerializedProto(model).ok(), "sentencepiece loads a model");
  const std::string text = "the piano plays a sad song";
  std::vector<int> ids;
  std::string back;
  check(sp.Encode(text, &ids).ok() && ids.size() > 3 && ids.size() < text.size(),
        "sentencepiece encodes");
  check(sp.Decode(ids, &back).ok() && back == text, "sentencepiece decodes to the same text");
  check(ids == std::vector<int>{12, 13, 5, 8, 4, 9},
        "sentencepiece gives the ids that every other build gives");
#ifndef __EMSCRIPTEN__
  check(train() == model, "sentencepiece trains the same model");
#endif
}

void check_headers() {
  const Eigen::Matrix2f a{{2, 1}, {1, 3}};
  const Eigen::Vector2f x = a.llt().solve(Eigen::Vector2f{3, 4});
  check((x - Eigen::Vector2f{1, 1}).norm() < 1e-5f, "Eigen solves");
  check(nlohmann::json::parse("{\"a\": [1, 2]}", nullptr, false)["a"].size() == 2, "json parses");
  check(nlohmann::json::parse("{", nullptr, false).is_discarded(), "json refuses without throwing");
}

bool write([[maybe_unused]] const char* path) {
#ifdef __EMSCRIPTEN__
  return false;
#else
  return static_cast<bool>(std::ofstream(path, std::ios::binary) << train());
#endif
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string(argv[1]) == "--train") {
    return write(argv[2]) ? 0 : 1;
  }
  if (argc != 2) {
    std::printf("usage: third_party_smoke [--train] MODEL\n");
    return 2;
  }
  std::ifstream in(argv[1], std::ios::binary);
  const std::string model((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  check_xnnpack();
  check_sentencepiece(model);
  check_headers();
  return failures == 0 ? 0 : 1;
}
