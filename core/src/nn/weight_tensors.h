#ifndef OSSICLE_NN_WEIGHT_TENSORS_H_
#define OSSICLE_NN_WEIGHT_TENSORS_H_

// Makes the tensors that nn/weights.h reads. For training tools.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "io/safetensors.h"
#include "kernels/linear.h"

namespace ossicle::nn {

/// Tensors and what they look at. Deques, so that nothing moves.
class WeightTensors {
 public:
  void add_floats(const std::string& name, std::span<const float> values) {
    add(name, io::Dtype::kF32, {values.size()}, std::as_bytes(values));
  }

  /// `weight` [out, in], quantised and packed.
  void add_linear(const std::string& name, std::size_t in, std::size_t out,
                  std::span<const float> weight, std::span<const float> bias) {
    std::vector<std::int8_t> q(in * out);
    std::vector<float>& scale = floats_.emplace_back(out);
    std::vector<float>& offset = floats_.emplace_back(out);
    kernels::quantise_weight(weight.data(), in, out, q.data(), scale.data(), offset.data());
    std::vector<std::int8_t>& panels = bytes_.emplace_back(kernels::packed_linear_bytes(in, out));
    kernels::pack_linear(q.data(), in, out, panels.data());
    add(name + ".panels", io::Dtype::kI8, {panels.size()}, std::as_bytes(std::span(panels)));
    add_floats(name + ".scale", scale);
    add_floats(name + ".offset", offset);
    add_floats(name + ".bias", bias.empty() ? floats_.emplace_back(out) : bias);
  }

  /// `table` [rows, columns], s8 with a scale a row.
  void add_rows(const std::string& name, std::size_t columns, std::span<const float> table) {
    const std::size_t rows = table.size() / columns;
    std::vector<std::int8_t>& q = bytes_.emplace_back(table.size());
    std::vector<float>& scale = floats_.emplace_back(rows);
    for (std::size_t r = 0; r < rows; ++r) {
      const std::span<const float> row = table.subspan(r * columns, columns);
      float largest = 0;
      for (const float v : row) largest = std::max(largest, std::fabs(v));
      scale[r] = largest / 127.0f;
      if (scale[r] < 1e-30f) continue;
      for (std::size_t i = 0; i < columns; ++i) {
        q[r * columns + i] = static_cast<std::int8_t>(std::lrint(row[i] / scale[r]));
      }
    }
    add(name + ".q", io::Dtype::kI8, {rows, columns}, std::as_bytes(std::span(q)));
    add_floats(name + ".scale", scale);
  }

  std::span<const io::TensorSource> all() const { return sources_; }

 private:
  void add(const std::string& name, io::Dtype dtype, std::vector<std::uint64_t> shape,
           std::span<const std::byte> bytes) {
    sources_.push_back({names_.emplace_back(name), dtype, std::move(shape), bytes});
  }

  std::deque<std::string> names_;
  std::deque<std::vector<float>> floats_;
  std::deque<std::vector<std::int8_t>> bytes_;
  std::vector<io::TensorSource> sources_;
};

}  // namespace ossicle::nn

#endif  // OSSICLE_NN_WEIGHT_TENSORS_H_
