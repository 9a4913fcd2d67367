#include "learning/tensors.h"

#include "files.h"

namespace ossicle::tools {

Problem write_tensors(const std::string& path, std::initializer_list<io::TensorSource> tensors) {
  const Result<std::vector<std::byte>> file =
      io::write_safetensors(std::span(tensors.begin(), tensors.size()));
  if (!file) return problem(path, file.error());
  return write_file(path, file.value());
}

Problem TensorFile::open(const std::string& path) {
  OSL_TOOL_TRY(read_file(path, bytes_));
  Result<io::Safetensors> parsed = io::Safetensors::parse(bytes_);
  if (!parsed) return problem(path, parsed.error());
  file_ = std::move(parsed).value();
  return {};
}

std::uint64_t TensorFile::rows_of(std::string_view name) const {
  const io::Tensor* found = file_->find(name);
  return found == nullptr || found->rank == 0 ? 0 : found->shape[0];
}

}  // namespace ossicle::tools
