#ifndef OSSICLE_TESTS_SUPPORT_STYLE_FILE_H_
#define OSSICLE_TESTS_SUPPORT_STYLE_FILE_H_

// Style files to be changed and written, for tests of what is read and refused. Needs the module
// `io`.

#include <algorithm>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "io/safetensors.h"

namespace ossicle::testing {

/// The tensors of a style file, each changeable.
class StyleFile {
 public:
  struct Tensor {
    io::Dtype dtype;
    std::vector<std::uint64_t> shape;
    std::vector<std::byte> bytes;
  };

  /// Four labels of 4 dimensions: metal > death metal, sad, piano. Each label's vector is one axis;
  /// piano has a trained row along the first axis too.
  StyleFile() {
    set<std::uint32_t>("style.version", io::Dtype::kU32, {1}, {1});
    const std::string names = "metaldeath metalsadpiano";
    set<char>("style.label.bytes", io::Dtype::kU8, {names.size()}, {names.begin(), names.end()});
    set<std::uint32_t>("style.label.offset", io::Dtype::kU32, {5}, {0, 5, 16, 19, 24});
    set<std::uint8_t>("style.kind", io::Dtype::kU8, {4}, {0, 0, 1, 2});
    constexpr std::uint32_t kNone = 0xffffffffU;
    set<std::uint32_t>("style.parent", io::Dtype::kU32, {4}, {kNone, 0, kNone, kNone});
    set<std::int8_t>("style.vector", io::Dtype::kI8, {4, 4},
                     {127, 0, 0, 0, 0, 127, 0, 0, 0, 0, 127, 0, 0, 0, 0, 127});
    set_calibration("style.vector", 4, {10, 10, 10, 10}, {-5, -5, -5, -5});
    set<std::int8_t>("style.head", io::Dtype::kI8, {1, 4}, {127, 0, 0, 127});
    set_calibration("style.head", 1, {4}, {-2});
    set<std::uint32_t>("style.head.label", io::Dtype::kU32, {1}, {3});
  }

  template <class T>
  void set(const std::string& name, io::Dtype dtype, std::vector<std::uint64_t> shape,
           const std::vector<T>& values) {
    const auto bytes = std::as_bytes(std::span(values));
    tensors[name] = {dtype, std::move(shape), {bytes.begin(), bytes.end()}};
  }
  template <class T>
  void put(const std::string& name, std::size_t index, T value) {
    std::memcpy(tensors.at(name).bytes.data() + index * sizeof(T), &value, sizeof(T));
  }

  std::vector<std::byte> write() const {
    std::vector<io::TensorSource> sources;
    for (const auto& [name, tensor] : tensors) {
      sources.push_back({name, tensor.dtype, tensor.shape, tensor.bytes});
    }
    return io::write_safetensors(sources).value();
  }

  std::map<std::string, Tensor> tensors;

 private:
  void set_calibration(const std::string& rows, std::size_t n, const std::vector<float>& scale,
                       const std::vector<float>& bias) {
    set<float>(rows + ".row_scale", io::Dtype::kF32, {n}, std::vector<float>(n, 1.0F / 127));
    set<float>(rows + ".scale", io::Dtype::kF32, {n}, scale);
    set<float>(rows + ".bias", io::Dtype::kF32, {n}, bias);
  }
};

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_SUPPORT_STYLE_FILE_H_
