#include "io/safetensors.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/checked.h"
#include "base/json.h"

namespace ossicle::io {
namespace {

using base::JsonValue;

constexpr std::string_view kMetadata = "__metadata__";
constexpr std::size_t kLengthBytes = 8;

struct DtypeName {
  Dtype dtype;
  std::string_view name;
  std::size_t bytes;
};
constexpr DtypeName kDtypes[] = {
    {Dtype::kI8, "I8", 1},   {Dtype::kU8, "U8", 1},   {Dtype::kU16, "U16", 2},
    {Dtype::kI32, "I32", 4}, {Dtype::kU32, "U32", 4}, {Dtype::kF32, "F32", 4},
    {Dtype::kF64, "F64", 8},
};

const DtypeName& dtype_name(Dtype dtype) { return kDtypes[static_cast<std::size_t>(dtype)]; }

std::optional<Dtype> find_dtype(std::string_view name) {
  for (const DtypeName& known : kDtypes) {
    if (known.name == name) return known.dtype;
  }
  return {};
}

// The size in bytes of a tensor of this shape; false when it does not fit 64 bits.
bool shape_bytes(std::span<const std::uint64_t> shape, Dtype dtype, std::uint64_t& out) {
  out = dtype_bytes(dtype);
  for (const std::uint64_t extent : shape) {
    if (!base::checked_mul(out, extent, out)) return false;
  }
  return true;
}

Status read_shape(JsonValue shape, Tensor& tensor) {
  if (!shape.is_array()) return Error{Code::kCorrupt, 0, "safetensors: shape is not an array"};
  if (shape.size() > Tensor::kMaxRank) {
    return Error{Code::kCorrupt, 0, "safetensors: shape has more than 4 extents"};
  }
  for (JsonValue extent = shape.first(); extent.exists(); extent = extent.next()) {
    const std::optional<std::uint64_t> value = extent.unsigned_integer();
    if (!value) return Error{Code::kCorrupt, 0, "safetensors: shape is not of whole numbers"};
    tensor.shape[tensor.rank++] = *value;
  }
  return {};
}

// Fills `tensor` from its header entry; the offsets are relative to `data`.
Status read_tensor(JsonValue entry, std::span<const std::byte> data, std::uint64_t data_offset,
                   Tensor& tensor) {
  if (!entry.is_object()) return Error{Code::kCorrupt, 0, "safetensors: tensor is not an object"};
  const JsonValue offsets = entry.get("data_offsets");
  const std::optional<std::string_view> dtype = entry.get("dtype").string();
  if (!dtype || !offsets.exists() || !entry.get("shape").exists()) {
    return Error{Code::kMissing, 0, "safetensors: tensor without dtype, shape or data_offsets"};
  }
  const std::optional<Dtype> known = find_dtype(*dtype);
  if (!known) return Error{Code::kCorrupt, 0, "safetensors: dtype not known"};
  tensor.name = entry.key();
  tensor.dtype = *known;
  OSL_TRY(read_shape(entry.get("shape"), tensor));

  const std::optional<std::uint64_t> begin = offsets.first().unsigned_integer();
  const std::optional<std::uint64_t> end = offsets.first().next().unsigned_integer();
  if (!offsets.is_array() || offsets.size() != 2 || !begin || !end || *begin > *end) {
    return Error{Code::kCorrupt, 0, "safetensors: data_offsets are not [begin, end]"};
  }
  if (*end > data.size()) {
    return Error{Code::kOutOfRange, 0, "safetensors: tensor ends after the file (byte)"};
  }
  std::uint64_t bytes = 0;
  if (!shape_bytes(std::span(tensor.shape).first(tensor.rank), tensor.dtype, bytes)) {
    return Error{Code::kOutOfRange, 0, "safetensors: size of a tensor overflows"};
  }
  if (bytes != *end - *begin) {
    return Error{Code::kCorrupt, 0, "safetensors: shape and data_offsets disagree"};
  }
  tensor.offset = data_offset + *begin;
  if (*begin % dtype_bytes(tensor.dtype) != 0) {
    return Error{Code::kCorrupt, tensor.offset, "safetensors: tensor is not aligned (byte)"};
  }
  tensor.bytes = data.subspan(static_cast<std::size_t>(*begin), static_cast<std::size_t>(bytes));
  return {};
}

}  // namespace

std::size_t dtype_bytes(Dtype dtype) { return dtype_name(dtype).bytes; }

Result<Safetensors> Safetensors::parse(std::span<const std::byte> file, std::size_t alignment) {
  if (file.size() < kLengthBytes) {
    return Error{Code::kCorrupt, file.size(), "safetensors: file ends in the header length (byte)"};
  }
  std::uint64_t header_bytes = 0;
  for (std::size_t i = kLengthBytes; i-- > 0;) {
    header_bytes = header_bytes << 8 | static_cast<std::uint64_t>(file[i]);
  }
  if (header_bytes > kMaxHeaderBytes) {
    return Error{Code::kCapacityExceeded, 0, "safetensors: header too long"};
  }
  if (header_bytes > file.size() - kLengthBytes) {
    return Error{Code::kOutOfRange, 0, "safetensors: header ends after the file"};
  }
  const std::uint64_t data_offset = kLengthBytes + header_bytes;
  if (data_offset % alignment != 0) {
    return Error{Code::kCorrupt, data_offset,
                 alignment == kDataAlignment ? "safetensors: data is not aligned to 64 (byte)"
                                             : "safetensors: data is not aligned (byte)"};
  }
  const std::string_view header(reinterpret_cast<const char*>(file.data()) + kLengthBytes,
                                static_cast<std::size_t>(header_bytes));
  const std::span<const std::byte> data = file.subspan(static_cast<std::size_t>(data_offset));

  base::JsonDocument json;
  if (Status read = json.parse(header, {.max_bytes = kMaxHeaderBytes, .max_depth = 3});
      !read.ok()) {
    Error error = read.error();
    error.at += kLengthBytes;
    return error;
  }
  const JsonValue root = json.root();
  if (!root.is_object()) {
    return Error{Code::kCorrupt, kLengthBytes, "safetensors: header is not an object (byte)"};
  }
  if (root.size() > kMaxTensors) {
    return Error{Code::kCapacityExceeded, kLengthBytes, "safetensors: too many tensors"};
  }
  Safetensors result;
  result.tensors_.reserve(root.size());
  for (JsonValue entry = root.first(); entry.exists(); entry = entry.next()) {
    if (entry.key() == kMetadata) continue;
    Tensor tensor;
    if (Status read = read_tensor(entry, data, data_offset, tensor); !read.ok()) {
      Error error = read.error();
      if (error.at == 0) error.at = kLengthBytes;
      return error;
    }
    result.tensors_.push_back(std::move(tensor));
  }
  std::sort(result.tensors_.begin(), result.tensors_.end(), [](const Tensor& a, const Tensor& b) {
    if (a.offset != b.offset) return a.offset < b.offset;
    if (a.bytes.size() != b.bytes.size()) return a.bytes.size() < b.bytes.size();
    return a.name < b.name;
  });
  std::uint64_t expected = data_offset;
  for (const Tensor& tensor : result.tensors_) {
    if (tensor.offset < expected) {
      return Error{Code::kCorrupt, tensor.offset, "safetensors: tensors overlap (byte)"};
    }
    if (tensor.offset > expected) {
      return Error{Code::kCorrupt, expected, "safetensors: bytes that belong to no tensor (byte)"};
    }
    expected = tensor.offset + tensor.bytes.size();
  }
  if (expected != file.size()) {
    return Error{Code::kCorrupt, expected, "safetensors: bytes after the last tensor (byte)"};
  }
  return result;
}

const Tensor* Safetensors::find(std::string_view name) const {
  for (const Tensor& tensor : tensors_) {
    if (tensor.name == name) return &tensor;
  }
  return nullptr;
}

Result<std::span<const std::byte>> Safetensors::get(
    std::string_view name, Dtype dtype, std::initializer_list<std::uint64_t> shape) const {
  const Tensor* tensor = find(name);
  if (tensor == nullptr) return Error{Code::kMissing, 0, "safetensors: a tensor is missing"};
  if (tensor->dtype != dtype) {
    return Error{Code::kCorrupt, tensor->offset, "safetensors: tensor of another dtype (byte)"};
  }
  if (!std::equal(shape.begin(), shape.end(), tensor->shape.begin(),
                  tensor->shape.begin() + tensor->rank)) {
    return Error{Code::kCorrupt, tensor->offset, "safetensors: tensor of another shape (byte)"};
  }
  return tensor->bytes;
}

Result<std::vector<std::byte>> write_safetensors(std::span<const TensorSource> tensors) {
  std::vector<std::size_t> order(tensors.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  // Largest elements first: then every tensor is aligned without a gap, which the format forbids.
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const std::size_t a_bytes = dtype_bytes(tensors[a].dtype);
    const std::size_t b_bytes = dtype_bytes(tensors[b].dtype);
    return a_bytes != b_bytes ? a_bytes > b_bytes : tensors[a].name < tensors[b].name;
  });
  std::vector<std::string_view> names;
  std::string header = "{";
  std::uint64_t offset = 0;
  for (const std::size_t i : order) {
    const TensorSource& tensor = tensors[i];
    std::uint64_t bytes = 0;
    if (tensor.name == kMetadata || tensor.shape.size() > Tensor::kMaxRank ||
        !shape_bytes(tensor.shape, tensor.dtype, bytes) || bytes != tensor.bytes.size()) {
      return Error{Code::kInvalidArgument, i, "safetensors: tensor's name, shape or size (index)"};
    }
    names.push_back(tensor.name);
    if (header.size() > 1) header += ',';
    base::append_json_string(tensor.name, header);
    header += ":{\"dtype\":\"";
    header += dtype_name(tensor.dtype).name;
    header += "\",\"shape\":[";
    for (std::size_t k = 0; k < tensor.shape.size(); ++k) {
      if (k > 0) header += ',';
      header += std::to_string(tensor.shape[k]);
    }
    header += "],\"data_offsets\":[" + std::to_string(offset) + "," +
              std::to_string(offset + bytes) + "]}";
    offset += bytes;
  }
  header += '}';
  std::sort(names.begin(), names.end());
  if (std::adjacent_find(names.begin(), names.end()) != names.end()) {
    return Error{Code::kInvalidArgument, tensors.size(), "safetensors: a name twice"};
  }
  while ((kLengthBytes + header.size()) % kDataAlignment != 0) header += ' ';

  std::vector<std::byte> file;
  file.reserve(kLengthBytes + header.size() + static_cast<std::size_t>(offset));
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    file.push_back(static_cast<std::byte>(static_cast<std::uint64_t>(header.size()) >> (8 * i)));
  }
  const std::span<const std::byte> header_span = std::as_bytes(std::span(header));
  file.insert(file.end(), header_span.begin(), header_span.end());
  for (const std::size_t i : order) {
    file.insert(file.end(), tensors[i].bytes.begin(), tensors[i].bytes.end());
  }
  return file;
}

}  // namespace ossicle::io
