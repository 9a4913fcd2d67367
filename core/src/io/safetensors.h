#ifndef OSSICLE_IO_SAFETENSORS_H_
#define OSSICLE_IO_SAFETENSORS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ossicle/status.h"

namespace ossicle::io {

enum class Dtype : std::uint8_t { kI8, kU8, kU16, kI32, kU32, kF32, kF64 };

/// Bytes of one element.
std::size_t dtype_bytes(Dtype dtype);

/// One tensor of a file: where it lies and what it claims to be. The bytes are the file's own, so
/// they are aligned only as the caller's buffer is; copy them out before reading elements.
struct Tensor {
  static constexpr std::size_t kMaxRank = 4;

  std::string name;
  Dtype dtype = Dtype::kU8;
  std::uint32_t rank = 0;
  std::array<std::uint64_t, kMaxRank> shape{};
  std::span<const std::byte> bytes;  ///< exactly the product of shape times dtype_bytes
  std::uint64_t offset = 0;          ///< of the bytes in the file
};

/// The data of a file starts at a multiple of this.
inline constexpr std::size_t kDataAlignment = 64;

/// A safetensors file (8-byte header length, JSON header, data) read from untrusted bytes.
class Safetensors {
 public:
  static constexpr std::size_t kMaxHeaderBytes = std::size_t{1} << 20;
  static constexpr std::size_t kMaxTensors = 4096;

  /// Checks everything the header claims: lengths, dtypes, shapes (without overflow), and that the
  /// tensors fill the data without a gap or an overlap, the data starting at a multiple of 64 and
  /// each tensor at one of its element size. `file` must outlive the result. Errors: corrupt,
  /// out_of_range, missing, capacity_exceeded; `at` = byte offset in `file`. Files of other
  /// programs may start their data at a multiple of 8 only: `alignment`.
  static Result<Safetensors> parse(std::span<const std::byte> file,
                                   std::size_t alignment = kDataAlignment);

  /// nullptr when there is no such tensor.
  const Tensor* find(std::string_view name) const;

  /// The tensor `name` if it has this dtype and shape. Errors: missing, corrupt; `at` = byte offset
  /// in the file.
  Result<std::span<const std::byte>> get(std::string_view name, Dtype dtype,
                                         std::initializer_list<std::uint64_t> shape) const;

  std::span<const Tensor> tensors() const { return tensors_; }  ///< in the order of the data

 private:
  std::vector<Tensor> tensors_;
};

/// A tensor to be written.
struct TensorSource {
  std::string_view name;
  Dtype dtype = Dtype::kU8;
  std::vector<std::uint64_t> shape;
  std::span<const std::byte> bytes;
};

/// Writes what Safetensors::parse reads, whatever the order of `tensors`: largest elements first,
/// then by name; the header is padded with spaces. The same tensors give the same bytes. Errors:
/// invalid_argument (`at` = index of the tensor; a name twice or reserved, a shape that does not
/// fit the bytes).
Result<std::vector<std::byte>> write_safetensors(std::span<const TensorSource> tensors);

}  // namespace ossicle::io

#endif  // OSSICLE_IO_SAFETENSORS_H_
