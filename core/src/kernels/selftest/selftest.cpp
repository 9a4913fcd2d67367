#include "kernels/selftest/selftest.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "kernels/attention.h"
#include "kernels/dense.h"
#include "kernels/dot.h"
#include "kernels/elementwise.h"
#include "kernels/selftest/answers.h"
#include "kernels/selftest/questions.h"

namespace ossicle::kernels {
namespace {

/// What the kernels gave, as it lies in memory: two rounds are compared without looking at it.
/// Arrays of one element size each, so that there is no padding.
struct Outputs {
  struct Scan {
    std::uint64_t n = 0;
    std::array<Candidate, 10> best{};
  };
  struct Layer {
    std::array<std::array<float, LinearQuestion::kN * LinearQuestion::kOut>, 2> linear{};
    std::array<float, AttentionQuestion::kTokens * AttentionQuestion::kD> attention{};
  };

  std::array<std::int32_t, 16> dots{};
  std::array<Scan, 2> scans{};
  std::array<double, DenseQuestion::kK * DenseQuestion::kK> updated{}, factor{};
  std::array<double, DenseQuestion::kK> solved{};
  std::uint64_t solvable = 0;
  std::array<std::uint64_t, 11> rounding{};
  std::array<float, 2 * ElementwiseQuestion::kN * ElementwiseQuestion::kChannels> elementwise{};
  std::array<Layer, 2> layers{};  // pairs, quads
};

/// Memory for the kernels of a Transformer layer, enough on every build for the sizes asked.
constexpr std::size_t kLayerBytes = 24576;
struct LayerMemory {
  alignas(64) std::array<std::byte, kLayerBytes> bytes{};
};

void product_linear(const PackedLinear& l, const float* x, std::size_t rows, float* y,
                    std::byte* scratch, Dot dot) {
  linear(l, x, l.in, rows, y, l.out, scratch, dot);
}
void oracle_linear(const PackedLinear& l, const float* x, std::size_t rows, float* y, std::byte*,
                   Dot) {
  linear_scalar(l, x, rows, y);
}

constexpr Visible kCausal = {.first = 1, .step = 1};
void product_attention(std::size_t d, const float* qkv, std::size_t tokens, float* out,
                       std::byte* memory, Dot dot) {
  const KeyValues cache = {d, tokens, memory};
  append_key_values(cache, 0, qkv + d, qkv + 2 * d, 3 * d, tokens);
  attend(cache, qkv, 3 * d, tokens, kCausal, out, d, memory + key_values_bytes(d, tokens), dot);
}
void oracle_attention(std::size_t d, const float* qkv, std::size_t tokens, float* out,
                      std::byte* memory, Dot) {
  attention_scalar(d, qkv, qkv + d, qkv + 2 * d, 3 * d, tokens, kCausal, out, d,
                   reinterpret_cast<float*>(memory));
}
void oracle_gelu(float* x, std::size_t n) { std::transform(x, x + n, x, gelu_scalar); }

/// Single operations whose rounding everything else rests on. The operands are volatile, so that
/// the engine computes them and not our compiler.
void round_numbers(std::array<std::uint64_t, 11>& out) {
  const auto bits32 = [](float x) { return std::uint64_t{std::bit_cast<std::uint32_t>(x)}; };
  const auto bits64 = [](double x) { return std::bit_cast<std::uint64_t>(x); };
  volatile std::int32_t down = 16777217, up = 16777219;  // halfway: to even
  out[0] = bits32(static_cast<float>(down));
  out[1] = bits32(static_cast<float>(up));
  volatile double tenth = 0.1, third = 1.0 / 3, two = 2, tiny = 5e-324;
  out[2] = bits32(static_cast<float>(tenth));
  out[3] = bits32(static_cast<float>(third));
  out[4] = bits32(static_cast<float>(tiny));
  out[5] = bits64(__builtin_sqrt(two));
  out[6] = bits64(two / (tenth + third));
  // (1 + e)^2 - 1 loses e^2 unless an engine fuses the multiplication with the addition.
  volatile double near_one = 1 + 0x1p-30, minus_one = -(1 + 0x1p-29);
  out[7] = bits64(near_one * near_one + minus_one);
  volatile float near_one_f = 1 + 0x1p-12f, minus_one_f = -(1 + 0x1p-11f);
  out[8] = bits32(near_one_f * near_one_f + minus_one_f);
  // Subnormal numbers are kept, and NaN compares false.
  volatile double nan = std::numeric_limits<double>::quiet_NaN();
  out[9] = bits64(tiny / two + tiny);
  out[10] = (nan > two ? 1u : 0u) | (nan < two ? 2u : 0u) | (nan == nan ? 4u : 0u);
}

void ask_brief(const SelftestKernels& kernels, const SelftestQuestions& questions, Outputs& out) {
  for (std::size_t i = 0; i < out.dots.size(); ++i) {
    const DotQuestion& q = questions.dots[i];
    out.dots[i] = kernels.dot(q.a.data(), q.b.data(), q.n);
  }
  for (std::size_t i = 0; i < out.scans.size(); ++i) {
    const ScanQuestion& q = questions.scans[i];
    const ScanRows rows = {q.rows.data(), q.stride, q.scale, q.bias, q.rowsum, q.excluded};
    out.scans[i].n = kernels.scan(rows, {q.query.data(), 0.0123f, 0.25f}, out.scans[i].best);
  }
  constexpr std::size_t kK = DenseQuestion::kK, kN = DenseQuestion::kN;
  const DenseQuestion& dense = questions.dense;
  out.updated = dense.a;
  kernels.syrk(dense.f.data(), kK, dense.w.data(), kN, kK, out.updated.data());
  out.factor = out.updated;
  out.solvable = kernels.cholesky(out.factor.data(), kK) ? 1 : 0;
  out.solved = dense.b;
  kernels.solve(out.factor.data(), kK, out.solved.data());
  kernels.solve_transposed(out.factor.data(), kK, out.solved.data());
  round_numbers(out.rounding);
  using E = ElementwiseQuestion;
  const E& q = questions.elementwise;
  float* gelu = out.elementwise.data();
  std::copy(q.x.begin(), q.x.end(), gelu);
  kernels.gelu(gelu, q.x.size() - 1);  // the last has no three neighbours
  float* norm = gelu + q.x.size();
  std::copy_n(gelu, q.x.size(), norm);
  kernels.add_layer_norm(norm, q.y.data(), E::kN, E::kChannels, q.weight.data(), q.bias.data(),
                         1e-12f);
}

void ask_layers(const SelftestKernels& kernels, const SelftestQuestions& questions, Outputs& out) {
  using L = LinearQuestion;
  using A = AttentionQuestion;
  LayerMemory scratch;
  if (linear_bytes(L::kIn) > kLayerBytes ||
      key_values_bytes(A::kD, A::kTokens) + attend_bytes(A::kD, A::kTokens) > kLayerBytes) {
    __builtin_trap();
  }
  for (const Dot dot : {Dot::kPairs, Dot::kQuads}) {
    Outputs::Layer& layer = out.layers[dot == Dot::kPairs ? 0 : 1];
    for (std::size_t i = 0; i < layer.linear.size(); ++i) {
      const L& q = questions.linears[i];
      kernels.linear(
          {L::kIn, L::kOut, q.panels.data(), q.scale.data(), q.offset.data(), q.bias.data()},
          q.x.data(), L::kN, layer.linear[i].data(), scratch.bytes.data(), dot);
    }
    LayerMemory memory;  // a cache begins with zeros
    kernels.attention(A::kD, questions.attention.qkv.data(), A::kTokens, layer.attention.data(),
                      memory.bytes.data(), dot);
  }
}

/// FNV-1a over 64-bit words.
struct Hash {
  std::uint64_t value = 0xcbf29ce484222325u;
  void add(std::uint64_t word) {
    for (int shift = 0; shift < 64; shift += 8) {
      value = (value ^ ((word >> shift) & 0xff)) * 0x100000001b3u;
    }
  }
  void add(std::span<const double> x) {
    for (const double v : x) add(std::bit_cast<std::uint64_t>(v));
  }
  void add(std::span<const float> x) {
    for (const float v : x) add(std::uint64_t{std::bit_cast<std::uint32_t>(v)});
  }
};

/// The outputs as the answers that are committed, each with the kernel that gave it.
SelftestAnswers answers_of(const Outputs& out) {
  SelftestAnswers answers;
  const auto put = [&](const char* kernel, std::uint64_t bits) {
    if (answers.count == kSelftestAnswers) __builtin_trap();
    answers.bits[answers.count] = bits;
    answers.what[answers.count++] = kernel;
  };
  const auto put_hash = [&](const char* kernel, auto add) {
    Hash hash;
    add(hash);
    put(kernel, hash.value);
  };
  for (const std::int32_t dot : out.dots) {
    put("the int8 x 7-bit dot product", static_cast<std::uint32_t>(dot));
  }
  for (const Outputs::Scan& scan : out.scans) {
    put_hash("the top-k scan", [&](Hash& hash) {
      hash.add(scan.n);
      for (const Candidate& c : std::span(scan.best).first(static_cast<std::size_t>(scan.n))) {
        hash.add(std::uint64_t{c.item} << 32 | std::bit_cast<std::uint32_t>(c.score));
      }
    });
  }
  put_hash("the f64 rank-k update", [&](Hash& hash) { hash.add(out.updated); });
  put_hash("the f64 Cholesky factor", [&](Hash& hash) {
    hash.add(out.solvable);
    hash.add(out.factor);
  });
  put_hash("the f64 triangular solves", [&](Hash& hash) { hash.add(out.solved); });
  const std::span<const std::uint64_t> rounding(out.rounding);
  put_hash("rounding of int32 to f32", [&](Hash& hash) {
    for (const std::uint64_t bits : rounding.first(2)) hash.add(bits);
  });
  put_hash("rounding of f64 to f32", [&](Hash& hash) {
    for (const std::uint64_t bits : rounding.subspan(2, 3)) hash.add(bits);
  });
  const char* const operations[] = {"the f64 square root",
                                    "the f64 division",
                                    "f64 multiply then add, not fused",
                                    "f32 multiply then add, not fused",
                                    "subnormal numbers",
                                    "comparison with NaN"};
  for (std::size_t i = 0; i < std::size(operations); ++i) put(operations[i], rounding[5 + i]);
  for (const Outputs::Layer& layer : out.layers) {
    for (const auto& y : layer.linear) {
      put_hash("the int8 product", [&](Hash& hash) { hash.add(y); });
    }
    put_hash("int8 attention", [&](Hash& hash) { hash.add(layer.attention); });
  }
  const std::span<const float> elementwise(out.elementwise);
  const std::size_t half = elementwise.size() / 2;
  put_hash("GELU", [&](Hash& hash) { hash.add(elementwise.first(half)); });
  put_hash("layer norm", [&](Hash& hash) { hash.add(elementwise.last(half)); });
  return answers;
}

bool same_bytes(const Outputs& a, const Outputs& b) {
  return std::memcmp(std::as_bytes(std::span(&a, 1)).data(), std::as_bytes(std::span(&b, 1)).data(),
                     sizeof a) == 0;
}

Status compare(const Outputs& out) {
  const SelftestAnswers answers = answers_of(out);
  for (std::size_t i = 0; i < answers.count; ++i) {
    if (answers.bits[i] != kCommittedAnswers[i]) {
      return Error{Code::kInternal, i, answers.what[i]};
    }
  }
  return {};
}

// Products and attention work so long in one question that V8 optimises them within 50 questions;
// the others take 300 to 1,500 (node --trace-wasm-compilation-times).
constexpr std::uint32_t kLayersEvery = 8;

}  // namespace

SelftestKernels product_kernels() {
  return {dot_s8u7,       scan_top,          syrk_accumulate,
          cholesky,       solve_lower,       solve_lower_transposed,
          product_linear, product_attention, gelu,
          add_layer_norm};
}

SelftestKernels scalar_kernels() {
  return {dot_s8u7_scalar,      scan_top_scalar,    syrk_accumulate_scalar,
          cholesky_scalar,      solve_lower_scalar, solve_lower_transposed_scalar,
          oracle_linear,        oracle_attention,   oracle_gelu,
          add_layer_norm_scalar};
}

SelftestAnswers selftest_answers(const SelftestKernels& kernels) {
  const SelftestQuestions questions;
  Outputs out;
  ask_brief(kernels, questions, out);
  ask_layers(kernels, questions, out);
  return answers_of(out);
}

Status selftest(std::uint32_t rounds) { return selftest(rounds, product_kernels()); }

Status selftest(std::uint32_t rounds, const SelftestKernels& kernels) {
  const SelftestQuestions questions;
  Outputs first;
  for (std::uint32_t round = 0; round < rounds; ++round) {
    Outputs again;
    ask_brief(kernels, questions, again);
    if (round % kLayersEvery == 0) {
      ask_layers(kernels, questions, again);
    } else {
      again.layers = first.layers;
    }
    // Right once, so right again when not a byte has changed: that is quicker to see than a hash.
    if (round > 0 && same_bytes(first, again)) continue;
    OSL_TRY(compare(again));
    if (round == 0) first = again;
  }
  return {};
}

}  // namespace ossicle::kernels
