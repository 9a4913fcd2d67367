#include "kernels/selftest.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "kernels/attention.h"
#include "kernels/dense.h"
#include "kernels/dot.h"
#include "kernels/elementwise.h"
#include "kernels/selftest_answers.h"

namespace ossicle::kernels {
namespace {

/// The committed answers were made from these numbers: change nothing without making them again
/// (tests/unit/kernels prints them).
std::uint32_t mixed(std::uint32_t index, std::uint32_t salt) {
  std::uint32_t x = (index + 1) * 2654435761u ^ salt * 0x9e3779b9u;
  x ^= x >> 15;
  x *= 0x85ebca6bu;
  return x ^ (x >> 13);
}
std::int8_t mixed_s8(std::uint32_t index, std::uint32_t salt) {
  return static_cast<std::int8_t>(static_cast<int>(mixed(index, salt) % 255) - 127);
}
std::uint8_t mixed_u7(std::uint32_t index, std::uint32_t salt) {
  return static_cast<std::uint8_t>(mixed(index, salt) & 127);
}
float mixed_unit(std::uint32_t index, std::uint32_t salt) {
  return static_cast<float>(mixed(index, salt) >> 16) * 0x1p-16f;
}

/// FNV-1a over 64-bit words.
struct Hash {
  std::uint64_t value = 0xcbf29ce484222325u;
  void add(std::uint64_t word) {
    for (int shift = 0; shift < 64; shift += 8) {
      value = (value ^ ((word >> shift) & 0xff)) * 0x100000001b3u;
    }
  }
  void add(const double* x, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) add(std::bit_cast<std::uint64_t>(x[i]));
  }
  void add(const float* x, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) add(std::uint64_t{std::bit_cast<std::uint32_t>(x[i])});
  }
};

class Recorder {
 public:
  explicit Recorder(SelftestAnswers& answers) : answers_(answers) {}
  void put(const char* what, std::uint64_t bits) {
    if (n_ == kSelftestAnswers) __builtin_trap();
    answers_.bits[n_] = bits;
    answers_.what[n_++] = what;
  }
  std::size_t count() const { return n_; }

 private:
  SelftestAnswers& answers_;
  std::size_t n_ = 0;
};

constexpr std::size_t kLongest = 384;

// The kernels of a Transformer layer work so long in one question that V8 optimises them within 125
// questions; the small ones take more than 1,000 (node --trace-wasm-compilation-times).
constexpr std::uint32_t kLayersEvery = 8;

void ask_dot(const SelftestKernels& kernels, Recorder& record) {
  std::array<std::int8_t, kLongest> a;
  std::array<std::uint8_t, kLongest> b;
  const auto ask = [&](std::size_t n, auto value_a, auto value_b) {
    for (std::uint32_t i = 0; i < n; ++i) {
      a[i] = static_cast<std::int8_t>(value_a(i));
      b[i] = static_cast<std::uint8_t>(value_b(i));
    }
    record.put("the int8 x 7-bit dot product",
               static_cast<std::uint32_t>(kernels.dot(a.data(), b.data(), n)));
  };
  // The baseline compiler of V8 11.3 loses the accumulator and doubles the product: -120 for
  // 4 x (-3 x 5) + 100. Three steps, because after two of them that is right again.
  ask(48, [](auto) { return -3; }, [](auto) { return 5; });
  // Two and four products at the limit of 16 bits: an engine that saturates them differs. The last
  // two keep the signs from cancelling what saturation loses.
  ask(64, [](auto) { return 127; }, [](auto) { return 127; });
  ask(64, [](auto) { return -127; }, [](auto) { return 127; });
  ask(64, [](auto i) { return i % 4 == 3 ? 1 : 127; }, [](auto) { return 127; });
  ask(64, [](auto i) { return i % 4 < 2 ? -127 : 3; }, [](auto i) { return i % 2 ? 127 : 126; });
  // Operands taken the wrong way round: a negative a read as unsigned, or b read with a sign.
  ask(16, [](auto) { return -1; }, [](auto i) { return 64 + i; });
  // Each product in a place of its own: a lane added twice or left out shows.
  ask(16, [](auto i) { return i < 7 ? 1 << i : -(1 << (i % 7)); }, [](auto i) { return i * 8; });
  ask(80, [](auto i) { return i == 79 ? 127 : 0; }, [](auto i) { return i; });
  for (const std::size_t n : {0u, 1u, 15u, 16u, 17u, 48u, 64u, 384u}) {
    const auto salt = static_cast<std::uint32_t>(n);
    ask(
        n, [&](auto i) { return mixed_s8(i, salt); },
        [&](auto i) { return mixed_u7(i, salt + 1); });
  }
}

constexpr std::size_t kRows = 39;  // not a multiple of the rows scored together
constexpr std::size_t kWidest = 64;

void ask_scan(const SelftestKernels& kernels, std::size_t stride, std::uint32_t salt,
              Recorder& record) {
  std::array<std::int8_t, kRows * kWidest> rows;
  std::array<std::uint8_t, kWidest> query;
  std::array<float, kRows> scale, bias;
  std::array<std::int32_t, kRows> rowsum;
  std::array<std::uint8_t, kRows> excluded;
  for (std::uint32_t i = 0; i < stride; ++i) query[i] = mixed_u7(i, salt);
  for (std::uint32_t r = 0; r < kRows; ++r) {
    const std::uint32_t source = r % 13 == 12 ? r - 1 : r;  // some rows tie
    rowsum[r] = 0;
    for (std::uint32_t j = 0; j < stride; ++j) {
      const std::int8_t value = mixed_s8(source * 64 + j, salt + 1);
      rows[r * stride + j] = value;
      rowsum[r] += value;
    }
    scale[r] = mixed_unit(source, salt + 2) * 0.01f;
    bias[r] = mixed_unit(source, salt + 3) - 0.5f;
    excluded[r] = r % 11 == 5;
  }
  std::array<Candidate, 10> out;
  const ScanRows scan_rows = {rows.data(), stride, scale, bias, rowsum, excluded};
  const std::size_t n = kernels.scan(scan_rows, {query.data(), 0.0123f, 0.25f}, out);
  Hash hash;
  hash.add(n);
  for (std::size_t i = 0; i < n; ++i) {
    hash.add(std::uint64_t{out[i].item} << 32 | std::bit_cast<std::uint32_t>(out[i].score));
  }
  record.put("the top-k scan", hash.value);
}

void ask_dense(const SelftestKernels& kernels, Recorder& record) {
  constexpr std::size_t kK = 9, kN = 11;
  std::array<double, kN * kK> f;
  std::array<double, kN> w;
  std::array<double, kK * kK> a{};
  std::array<double, kK> b;
  for (std::uint32_t i = 0; i < kN * kK; ++i) f[i] = static_cast<double>(mixed_s8(i, 70)) * 0.013;
  for (std::uint32_t j = 0; j < kN; ++j) w[j] = static_cast<double>(mixed_unit(j, 71)) + 0.1;
  for (std::uint32_t i = 0; i < kK; ++i) {
    a[i * kK + i] = 0.7;
    b[i] = static_cast<double>(mixed_s8(i, 72)) / 3;
  }
  kernels.syrk(f.data(), kK, w.data(), kN, kK, a.data());
  Hash hash;
  hash.add(a.data(), a.size());
  record.put("the f64 rank-k update", hash.value);
  const bool solvable = kernels.cholesky(a.data(), kK);
  hash = {};
  hash.add(solvable ? 1 : 0);
  hash.add(a.data(), a.size());
  record.put("the f64 Cholesky factor", hash.value);
  kernels.solve(a.data(), kK, b.data());
  kernels.solve_transposed(a.data(), kK, b.data());
  hash = {};
  hash.add(b.data(), b.size());
  record.put("the f64 triangular solves", hash.value);
}

/// Memory for the kernels of a Transformer layer, enough on every build for the sizes below.
constexpr std::size_t kLayerBytes = 24576;
struct LayerMemory {
  alignas(64) std::array<std::byte, kLayerBytes> bytes{};
};

template <std::size_t kSize>
void fill(std::array<float, kSize>& x, std::uint32_t salt, float size) {
  for (std::uint32_t i = 0; i < kSize; ++i) x[i] = (2 * mixed_unit(i, salt) - 1) * size;
}

/// Sizes that fill neither a tile of rows nor a panel nor a block. `largest`: groups of weights at
/// the limit of 16 bits, of one sign a channel, and rows of the largest activations.
void ask_linear(const SelftestKernels& kernels, bool largest, Dot dot, Recorder& record) {
  constexpr std::size_t kIn = 40, kOut = 13, kPanels = 48 * 16, kN = 17;
  std::array<std::int8_t, kIn * kOut> q;
  std::array<std::int8_t, kPanels> panels;
  std::array<float, kOut> scale, offset{}, bias;
  std::array<float, kN * kIn> x;
  std::array<float, kN * kOut> y{};
  LayerMemory scratch;
  for (std::uint32_t i = 0; i < q.size(); ++i) {
    const int sign = i / kIn % 2 == 0 ? 1 : -1;
    q[i] = static_cast<std::int8_t>(largest ? 32 * sign : mixed_s8(i, 80) / 4);
    offset[i / kIn] += static_cast<float>(q[i]) * 0.25f;
  }
  fill(scale, 81, 0.01f);
  fill(bias, 82, 1);
  fill(x, 83, 3);
  if (largest) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = i % kIn == 7 ? 0.0f : 1.0f;
  }
  if (packed_linear_bytes(kIn, kOut) != kPanels || linear_bytes(kIn) > kLayerBytes) {
    __builtin_trap();
  }
  pack_linear(q.data(), kIn, kOut, panels.data());
  kernels.linear({kIn, kOut, panels.data(), scale.data(), offset.data(), bias.data()}, x.data(), kN,
                 y.data(), scratch.bytes.data(), dot);
  Hash hash;
  hash.add(y.data(), y.size());
  record.put("the int8 product", hash.value);
}

void ask_attention(const SelftestKernels& kernels, Dot dot, Recorder& record) {
  constexpr std::size_t kD = 24, kTokens = 19;
  std::array<float, kTokens * 3 * kD> qkv;
  std::array<float, kTokens * kD> out{};
  LayerMemory memory;
  fill(qkv, 84, 2);
  if (key_values_bytes(kD, kTokens) + attend_bytes(kD, kTokens) > kLayerBytes) __builtin_trap();
  kernels.attention(kD, qkv.data(), kTokens, out.data(), memory.bytes.data(), dot);
  Hash hash;
  hash.add(out.data(), out.size());
  record.put("int8 attention", hash.value);
}

void ask_elementwise(const SelftestKernels& kernels, Recorder& record) {
  constexpr std::size_t kChannels = 24, kN = 3;
  std::array<float, kN * kChannels> x, y;
  std::array<float, kChannels> weight, bias;
  fill(x, 85, 6);
  fill(y, 86, 6);
  fill(weight, 87, 1);
  fill(bias, 88, 1);
  kernels.gelu(x.data(), x.size() - 1);  // the last has no three neighbours
  Hash hash;
  hash.add(x.data(), x.size());
  record.put("GELU", hash.value);
  kernels.add_layer_norm(x.data(), y.data(), kN, kChannels, weight.data(), bias.data(), 1e-12f);
  hash = {};
  hash.add(x.data(), x.size());
  record.put("layer norm", hash.value);
}

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
void ask_rounding(Recorder& record) {
  const auto bits32 = [](float x) { return std::uint64_t{std::bit_cast<std::uint32_t>(x)}; };
  const auto bits64 = [](double x) { return std::bit_cast<std::uint64_t>(x); };
  volatile std::int32_t down = 16777217, up = 16777219;  // halfway: to even
  Hash converted;
  converted.add(bits32(static_cast<float>(down)));
  converted.add(bits32(static_cast<float>(up)));
  record.put("rounding of int32 to f32", converted.value);

  volatile double tenth = 0.1, third = 1.0 / 3, two = 2, tiny = 5e-324;
  Hash narrowed;
  narrowed.add(bits32(static_cast<float>(tenth)));
  narrowed.add(bits32(static_cast<float>(third)));
  narrowed.add(bits32(static_cast<float>(tiny)));
  record.put("rounding of f64 to f32", narrowed.value);

  record.put("the f64 square root", bits64(__builtin_sqrt(two)));
  record.put("the f64 division", bits64(two / (tenth + third)));
  // (1 + e)^2 - 1 loses e^2 unless an engine fuses the multiplication with the addition.
  volatile double near_one = 1 + 0x1p-30, minus_one = -(1 + 0x1p-29);
  record.put("f64 multiply then add, not fused", bits64(near_one * near_one + minus_one));
  volatile float near_one_f = 1 + 0x1p-12f, minus_one_f = -(1 + 0x1p-11f);
  record.put("f32 multiply then add, not fused", bits32(near_one_f * near_one_f + minus_one_f));
  // Subnormal numbers are kept, and NaN compares false.
  volatile double nan = std::numeric_limits<double>::quiet_NaN();
  record.put("subnormal numbers", bits64(tiny / two + tiny));
  record.put("comparison with NaN",
             (nan > two ? 1u : 0u) | (nan < two ? 2u : 0u) | (nan == nan ? 4u : 0u));
}

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

SelftestAnswers selftest_answers(const SelftestKernels& kernels, Ask what) {
  SelftestAnswers answers;
  Recorder record(answers);
  ask_dot(kernels, record);
  ask_scan(kernels, 64, 50, record);
  ask_scan(kernels, 48, 60, record);
  ask_dense(kernels, record);
  ask_rounding(record);
  if (what == Ask::kAll) {
    for (const Dot dot : {Dot::kPairs, Dot::kQuads}) {
      ask_linear(kernels, false, dot, record);
      ask_linear(kernels, true, dot, record);
      ask_attention(kernels, dot, record);
    }
    ask_elementwise(kernels, record);
  }
  answers.count = record.count();
  return answers;
}

Status selftest(std::uint32_t rounds) { return selftest(rounds, product_kernels()); }

Status selftest(std::uint32_t rounds, const SelftestKernels& kernels) {
  for (std::uint32_t round = 0; round < rounds; ++round) {
    const SelftestAnswers answers =
        selftest_answers(kernels, round % kLayersEvery == 0 ? Ask::kAll : Ask::kBrief);
    for (std::size_t i = 0; i < answers.count; ++i) {
      if (answers.bits[i] != kCommittedAnswers[i]) {
        return Error{Code::kInternal, i, answers.what[i]};
      }
    }
  }
  return {};
}

}  // namespace ossicle::kernels
