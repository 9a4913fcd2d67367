#ifndef OSSICLE_TESTS_UNIT_KERNELS_LINEAR_INPUT_H_
#define OSSICLE_TESTS_UNIT_KERNELS_LINEAR_INPUT_H_

// Packed products and quantised rows that own their memory.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "kernels/linear.h"
#include "ossicle/types.h"
#include "synthetic_catalogue.h"

namespace ossicle::testing {

inline std::vector<float> random_f32(std::uint64_t& state, std::size_t n, float size) {
  std::vector<float> x(n);
  for (float& v : x) v = static_cast<float>(2 * next_uniform(state) - 1) * size;
  return x;
}

inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i])) return false;
  }
  return true;
}

struct Linear {
  std::vector<float> weight;  // [out, in]
  std::vector<std::int8_t> q, panels;
  std::vector<float> scale, offset, bias;

  Linear(std::size_t in, std::size_t out, std::uint64_t& state)
      : Linear(random_f32(state, in * out, 0.1f), random_f32(state, out, 1), in) {}
  Linear(std::vector<float> w, std::vector<float> b, std::size_t in)
      : weight(std::move(w)),
        q(weight.size()),
        scale(b.size()),
        offset(b.size()),
        bias(b),
        in_(in) {
    kernels::quantise_weight(weight.data(), in, out(), q.data(), scale.data(), offset.data());
    pack();
  }
  /// Weights as they are, scale 1, no bias.
  Linear(std::vector<std::int8_t> weights, std::size_t in, std::size_t out)
      : q(std::move(weights)), scale(out, 1.0f), offset(out), bias(out), in_(in) {
    for (std::size_t i = 0; i < q.size(); ++i) offset[i / in] += q[i];
    pack();
  }

  std::size_t in() const { return in_; }
  std::size_t out() const { return bias.size(); }
  kernels::PackedLinear view() const {
    return {in_, out(), panels.data(), scale.data(), offset.data(), bias.data()};
  }

 private:
  void pack() {
    panels.resize(kernels::packed_linear_bytes(in_, out()));
    kernels::pack_linear(q.data(), in_, out(), panels.data());
  }
  std::size_t in_;
};

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_UNIT_KERNELS_LINEAR_INPUT_H_
