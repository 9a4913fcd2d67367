#ifndef OSSICLE_TOOLS_LEARNING_TENSORS_H_
#define OSSICLE_TOOLS_LEARNING_TENSORS_H_

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "io/safetensors.h"
#include "problem.h"

namespace ossicle::tools {

// Small files of tensors that belong to the tool alone.

template <class T>
constexpr io::Dtype dtype_of() {
  if constexpr (std::is_same_v<T, double>) return io::Dtype::kF64;
  if constexpr (std::is_same_v<T, std::uint32_t>) return io::Dtype::kU32;
  if constexpr (std::is_same_v<T, std::uint8_t>) return io::Dtype::kU8;
}

template <class T>
io::TensorSource tensor(std::string_view name, std::vector<std::uint64_t> shape,
                        std::span<const T> values) {
  return {name, dtype_of<T>(), std::move(shape), std::as_bytes(values)};
}

/// Replaces the file; deterministic.
Problem write_tensors(const std::string& path, std::initializer_list<io::TensorSource> tensors);

/// A file that is read whole.
class TensorFile {
 public:
  Problem open(const std::string& path);
  /// Length of a tensor's first dimension; 0: there is none.
  std::uint64_t rows_of(std::string_view name) const;
  /// Copies a tensor of just this type and shape, of as many numbers as `out`; false: there is
  /// none.
  template <class T>
  bool copy(std::string_view name, std::initializer_list<std::uint64_t> shape,
            std::span<T> out) const {
    const auto bytes = file_->get(name, dtype_of<T>(), shape);
    if (!bytes || bytes.value().size() != out.size_bytes()) return false;
    std::memcpy(out.data(), bytes.value().data(), out.size_bytes());
    return true;
  }

 private:
  std::vector<std::byte> bytes_;
  std::optional<io::Safetensors> file_;
};

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_LEARNING_TENSORS_H_
