// Whatever the bytes, Safetensors::parse either refuses them or tells the truth; what it read can
// be written and read again.
#include <cstdint>
#include <span>
#include <vector>

#include "fuzz_check.h"
#include "io/safetensors.h"

using ossicle::Result;
using ossicle::io::Safetensors;
using ossicle::io::Tensor;
using ossicle::io::TensorSource;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> file = std::as_bytes(std::span(data, size));
  const Result<Safetensors> parsed = Safetensors::parse(file);
  if (!parsed.ok()) {
    OSL_FUZZ_CHECK(parsed.error().code != ossicle::Code::kOk);
    OSL_FUZZ_CHECK(parsed.error().what[0] != '\0');
    return 0;
  }
  std::vector<TensorSource> sources;
  std::size_t total = 0;
  for (const Tensor& tensor : parsed.value().tensors()) {
    std::uint64_t bytes = ossicle::io::dtype_bytes(tensor.dtype);
    for (std::uint32_t i = 0; i < tensor.rank; ++i) bytes *= tensor.shape[i];
    OSL_FUZZ_CHECK(bytes == tensor.bytes.size());
    OSL_FUZZ_CHECK(tensor.offset % ossicle::io::dtype_bytes(tensor.dtype) == 0);
    OSL_FUZZ_CHECK(tensor.offset + tensor.bytes.size() <= size);
    OSL_FUZZ_CHECK(parsed.value().find(tensor.name) != nullptr);
    // Touches every byte, for the sanitizer.
    for (const std::byte byte : tensor.bytes) total += static_cast<std::size_t>(byte);
    sources.push_back({tensor.name,
                       tensor.dtype,
                       {tensor.shape.begin(), tensor.shape.begin() + tensor.rank},
                       tensor.bytes});
  }
  const Result<std::vector<std::byte>> written = ossicle::io::write_safetensors(sources);
  OSL_FUZZ_CHECK(written.ok());
  const Result<Safetensors> again = Safetensors::parse(written.value());
  // A header in other words can be longer than the limit.
  if (!again.ok()) {
    OSL_FUZZ_CHECK(again.error().code == ossicle::Code::kCapacityExceeded);
    return 0;
  }
  OSL_FUZZ_CHECK(again.value().tensors().size() == sources.size());
  return total == static_cast<std::size_t>(-1) ? 1 : 0;
}
