#include "kernels/selftest/questions.h"

#include "kernels/linear.h"

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

template <std::size_t kSize>
void fill(std::array<float, kSize>& x, std::uint32_t salt, float size) {
  for (std::uint32_t i = 0; i < kSize; ++i) x[i] = (2 * mixed_unit(i, salt) - 1) * size;
}

void make_dots(std::array<DotQuestion, 16>& dots) {
  std::size_t at = 0;
  const auto add = [&](std::size_t n, auto value_a, auto value_b) {
    DotQuestion& q = dots[at++];
    q.n = n;
    for (std::uint32_t i = 0; i < n; ++i) {
      q.a[i] = static_cast<std::int8_t>(value_a(i));
      q.b[i] = static_cast<std::uint8_t>(value_b(i));
    }
  };
  // The baseline compiler of V8 11.3 loses the accumulator and doubles the product: -120 for
  // 4 x (-3 x 5) + 100. Three steps, because after two of them that is right again.
  add(48, [](auto) { return -3; }, [](auto) { return 5; });
  // Two and four products at the limit of 16 bits: an engine that saturates them differs. The last
  // two keep the signs from cancelling what saturation loses.
  add(64, [](auto) { return 127; }, [](auto) { return 127; });
  add(64, [](auto) { return -127; }, [](auto) { return 127; });
  add(64, [](auto i) { return i % 4 == 3 ? 1 : 127; }, [](auto) { return 127; });
  add(64, [](auto i) { return i % 4 < 2 ? -127 : 3; }, [](auto i) { return i % 2 ? 127 : 126; });
  // Operands taken the wrong way round: a negative a read as unsigned, or b read with a sign.
  add(16, [](auto) { return -1; }, [](auto i) { return 64 + i; });
  // Each product in a place of its own: a lane added twice or left out shows.
  add(16, [](auto i) { return i < 7 ? 1 << i : -(1 << (i % 7)); }, [](auto i) { return i * 8; });
  add(80, [](auto i) { return i == 79 ? 127 : 0; }, [](auto i) { return i; });
  for (const std::uint32_t n : {0u, 1u, 15u, 16u, 17u, 48u, 64u, 384u}) {
    add(n, [&](auto i) { return mixed_s8(i, n); }, [&](auto i) { return mixed_u7(i, n + 1); });
  }
}

void make_scan(std::size_t stride, std::uint32_t salt, ScanQuestion& q) {
  q.stride = stride;
  for (std::uint32_t i = 0; i < stride; ++i) q.query[i] = mixed_u7(i, salt);
  for (std::uint32_t r = 0; r < ScanQuestion::kRows; ++r) {
    const std::uint32_t source = r % 13 == 12 ? r - 1 : r;  // some rows tie
    for (std::uint32_t j = 0; j < stride; ++j) {
      const std::int8_t value = mixed_s8(source * 64 + j, salt + 1);
      q.rows[r * stride + j] = value;
      q.rowsum[r] += value;
    }
    q.scale[r] = mixed_unit(source, salt + 2) * 0.01f;
    q.bias[r] = mixed_unit(source, salt + 3) - 0.5f;
    q.excluded[r] = r % 11 == 5;
  }
}

void make_dense(DenseQuestion& q) {
  for (std::uint32_t i = 0; i < q.f.size(); ++i) {
    q.f[i] = static_cast<double>(mixed_s8(i, 70)) * 0.013;
  }
  for (std::uint32_t j = 0; j < q.w.size(); ++j) {
    q.w[j] = static_cast<double>(mixed_unit(j, 71)) + 0.1;
  }
  for (std::uint32_t i = 0; i < q.b.size(); ++i) {
    q.a[i * DenseQuestion::kK + i] = 0.7;
    q.b[i] = static_cast<double>(mixed_s8(i, 72)) / 3;
  }
}

/// `largest`: groups of weights at the limit of 16 bits, of one sign a channel, and rows of the
/// largest activations.
void make_linear(bool largest, LinearQuestion& q) {
  constexpr std::size_t kIn = LinearQuestion::kIn, kOut = LinearQuestion::kOut;
  std::array<std::int8_t, kIn * kOut> weight;
  for (std::uint32_t i = 0; i < weight.size(); ++i) {
    const int sign = i / kIn % 2 == 0 ? 1 : -1;
    weight[i] = static_cast<std::int8_t>(largest ? 32 * sign : mixed_s8(i, 80) / 4);
    q.offset[i / kIn] += static_cast<float>(weight[i]) * 0.25f;
  }
  fill(q.scale, 81, 0.01f);
  fill(q.bias, 82, 1);
  fill(q.x, 83, 3);
  if (largest) {
    for (std::size_t i = 0; i < q.x.size(); ++i) q.x[i] = i % kIn == 7 ? 0.0f : 1.0f;
  }
  if (packed_linear_bytes(kIn, kOut) != q.panels.size()) __builtin_trap();
  pack_linear(weight.data(), kIn, kOut, q.panels.data());
}

}  // namespace

SelftestQuestions::SelftestQuestions() {
  make_dots(dots);
  make_scan(64, 50, scans[0]);
  make_scan(48, 60, scans[1]);
  make_dense(dense);
  make_linear(false, linears[0]);
  make_linear(true, linears[1]);
  fill(attention.qkv, 84, 2);
  fill(elementwise.x, 85, 6);
  fill(elementwise.y, 86, 6);
  fill(elementwise.weight, 87, 1);
  fill(elementwise.bias, 88, 1);
}

}  // namespace ossicle::kernels
