#include "workload.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

#include "kernels/dense.h"
#include "synthetic_catalogue.h"

namespace ossicle::bench {
#if defined(__wasm_simd128__)
std::uint32_t read_all(const std::byte* at, std::size_t n) {
  v128_t a = wasm_i32x4_splat(0), b = a, c = a, d = a;
  for (std::size_t i = 0; i < n; i += 64) {
    a = wasm_v128_or(a, wasm_v128_load(at + i));
    b = wasm_v128_or(b, wasm_v128_load(at + i + 16));
    c = wasm_v128_or(c, wasm_v128_load(at + i + 32));
    d = wasm_v128_or(d, wasm_v128_load(at + i + 48));
  }
  const v128_t all = wasm_v128_or(wasm_v128_or(a, b), wasm_v128_or(c, d));
  return static_cast<std::uint32_t>(
      wasm_i32x4_extract_lane(all, 0) | wasm_i32x4_extract_lane(all, 1) |
      wasm_i32x4_extract_lane(all, 2) | wasm_i32x4_extract_lane(all, 3));
}
#else
std::uint32_t read_all(const std::byte* at, std::size_t n) {
  std::uint32_t lanes[16] = {};
  for (std::size_t i = 0; i < n; i += 64) {
    std::uint32_t word[16];
    std::memcpy(word, at + i, sizeof word);
    for (std::size_t l = 0; l < 16; ++l) lanes[l] |= word[l];
  }
  std::uint32_t all = 0;
  for (const std::uint32_t lane : lanes) all |= lane;
  return all;
}
#endif

namespace {

std::size_t up_to_64(std::size_t n) { return (n + 63) / 64 * 64; }

}  // namespace

bool ScanWorkload::open(std::uint32_t n, std::uint32_t d, std::uint32_t k) {
  if (d % 16 != 0 || k > kMostResults) return false;
  const std::size_t row_bytes = up_to_64(std::size_t{n} * d);
  const std::size_t column_bytes = up_to_64(std::size_t{n} * 4);
  memory_ = {};
  memory_ = OwnedBytes::allocate(row_bytes + 3 * column_bytes);
  if (!memory_.ok()) return false;
  std::byte* base = memory_.data();
  auto* rows = reinterpret_cast<std::int8_t*>(base);
  auto* scale = reinterpret_cast<float*>(base + row_bytes);
  auto* bias = reinterpret_cast<float*>(base + row_bytes + column_bytes);
  auto* rowsum = reinterpret_cast<std::int32_t*>(base + row_bytes + 2 * column_bytes);

  std::uint64_t state = 1;
  for (std::size_t at = 0; at < std::size_t{n} * d; at += 8) {
    const std::uint64_t bits = testing::next_random(state);
    for (std::size_t j = 0; j < 8; ++j) {
      const auto byte = static_cast<std::int8_t>(bits >> (8 * j) & 0xff);
      rows[at + j] = std::max<std::int8_t>(byte, -127);
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < d; ++j) rowsum[i] += rows[i * d + j];
    scale[i] = static_cast<float>(0.002 + 0.002 * testing::next_uniform(state));
    bias[i] = static_cast<float>(0.1 * testing::next_uniform(state));
  }
  query_.assign(d, 0);
  for (auto& v : query_) v = static_cast<std::uint8_t>(testing::next_below(state, 128));
  excluded_.assign(n, 0);
  for (std::size_t i = 0; i < n; i += 200) excluded_[i] = 1;
  out_.assign(k, Candidate{});
  found_ = 0;
  rows_ = {rows, d, {scale, n}, {bias, n}, {rowsum, n}, excluded_};
  return true;
}

std::uint32_t ScanWorkload::run() {
  found_ = static_cast<std::uint32_t>(kernels::scan_top(rows_, {query_.data(), 0.01f, 0.0f}, out_));
  return found_;
}

std::uint32_t ScanWorkload::stream() const { return read_all(memory_.data(), memory_.size()); }

bool ScanWorkload::check() {
  run();
  std::vector<Candidate> oracle(out_.size());
  const std::size_t n = kernels::scan_top_scalar(rows_, {query_.data(), 0.01f, 0.0f}, oracle);
  return n == found_ && std::memcmp(oracle.data(), out_.data(), n * sizeof(Candidate)) == 0;
}

std::uint64_t ScanWorkload::answer_hash() const {
  Hash hash;
  hash.add(out_.data(), found_ * sizeof(Candidate));
  return hash.value;
}

bool FoldInWorkload::open(std::uint32_t n_items, std::uint32_t d, std::uint32_t plays) {
  if (plays > n_items) return false;
  data_ = {};
  data_ = testing::synthetic_catalogue({.n_items = n_items, .n_factors = d});
  if (!data_.memory.ok()) return false;
  std::uint64_t state = 2;
  observations_.clear();
  for (std::uint32_t j = 0; j < plays; ++j) {
    Observation o;
    // Spread over the whole catalogue, as a history is.
    o.item = static_cast<std::uint32_t>(std::uint64_t{j} * n_items / plays);
    o.weight = 0.1 + 3 * testing::next_uniform(state);
    o.target = testing::next_below(state, 8) == 0 ? 0 : 1;
    observations_.push_back(o);
  }
  p_.assign(d + 1, 0);
  cholesky_.assign(std::size_t{d + 1} * (d + 1), 0);
  p_u7_.assign(data_.view.row_stride, 0);
  user_.p = p_;
  user_.cholesky = cholesky_;
  user_.p_u7 = p_u7_;
  return true;
}

std::int32_t FoldInWorkload::run() {
  const Status status = fold_in(data_.view, observations_, user_);
  return static_cast<std::int32_t>(status.error().code);
}

std::uint32_t FoldInWorkload::stream() const {
  const Catalogue& c = data_.view;
  std::uint32_t all =
      read_all(reinterpret_cast<const std::byte*>(c.gram.data()), c.gram.size_bytes() / 64 * 64);
  const std::size_t row_bytes = c.row_stride / 64 * 64;
  for (const Observation& o : observations_) {
    all |= read_all(
        reinterpret_cast<const std::byte*>(c.q.data()) + std::size_t{o.item} * c.row_stride,
        row_bytes);
  }
  return all;
}

bool FoldInWorkload::check() {
  const Catalogue& c = data_.view;
  if (run() != 0) return false;
  const std::size_t d = c.n_factors;
  std::vector<double> a(d * d), z(d), f(d);
  for (std::size_t r = 0; r < d; ++r) {
    for (std::size_t col = 0; col <= r; ++col) {
      a[r * d + col] = c.model.alpha0 * c.gram[r * d + col];
    }
    a[r * d + r] += c.model.user_lambda;
    z[r] = 0 - c.model.alpha0 * c.offset_sum[r];
  }
  for (const Observation& o : observations_) {
    for (std::size_t i = 0; i < d; ++i) {
      f[i] = static_cast<double>(c.scale[o.item]) * c.q[o.item * c.row_stride + i];
    }
    const double target = o.target - (c.model.mu + static_cast<double>(c.bias[o.item]));
    kernels::axpy_scalar(o.weight * target, f.data(), d, z.data());
    kernels::syrk_accumulate_scalar(f.data(), d, &o.weight, 1, d, a.data());
  }
  if (!kernels::cholesky_scalar(a.data(), d)) return false;
  kernels::solve_lower_scalar(a.data(), d, z.data());
  kernels::solve_lower_transposed_scalar(a.data(), d, z.data());
  return std::memcmp(z.data(), p_.data(), d * sizeof(double)) == 0;
}

std::uint64_t FoldInWorkload::answer_hash() const {
  Hash hash;
  hash.add(p_.data(), p_.size() * sizeof(double));
  hash.add(p_u7_.data(), p_u7_.size());
  return hash.value;
}

std::uint64_t FoldInWorkload::bytes() const {
  return data_.view.gram.size_bytes() + observations_.size() * data_.view.row_stride;
}

}  // namespace ossicle::bench
