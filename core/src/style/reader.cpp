#include <cmath>
#include <cstring>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "base/utf8.h"
#include "io/safetensors.h"
#include "ossicle/style.h"

namespace ossicle {
namespace {

using io::Dtype;
using io::Safetensors;
using io::Tensor;

constexpr std::uint32_t kVersion = 1;

/// Where the tensors of a group of rows are.
struct RowNames {
  std::string_view rows, row_scale, scale, bias;
};
constexpr RowNames kVectorNames = {"style.vector", "style.vector.row_scale", "style.vector.scale",
                                   "style.vector.bias"};
constexpr RowNames kHeadNames = {"style.head", "style.head.row_scale", "style.head.scale",
                                 "style.head.bias"};

/// The columns of a model, writable.
struct Columns {
  struct Rows {
    std::span<std::int8_t> rows;
    std::span<float> row_scale, scale, bias;

    StyleRows view() const { return {rows, row_scale, scale, bias}; }
  };
  Rows zero_shot, head;
  std::span<std::uint32_t> name_offset, parent, head_label;
  std::span<std::uint8_t> kind;
  std::span<char> name_bytes;
};

struct Sizes {
  std::size_t labels = 0;
  std::size_t dimensions = 0;
  std::size_t head = 0;
  std::size_t name_bytes = 0;
};

/// Widest elements first, so that each column is aligned.
Columns allocate(const Sizes& sizes, OwnedBytes& memory) {
  const std::size_t rows = sizes.labels + sizes.head;
  const std::size_t words = 3 * rows + (sizes.labels + 1) + sizes.labels + sizes.head;
  memory =
      OwnedBytes::allocate(4 * words + rows * sizes.dimensions + sizes.labels + sizes.name_bytes);
  Columns columns;
  if (!memory.ok()) return columns;
  std::byte* at = memory.data();
  const auto take = [&at]<class T>(std::size_t n, std::span<T>& out) {
    out = {reinterpret_cast<T*>(at), n};
    at += n * sizeof(T);
  };
  for (auto [group, n] :
       {std::pair(&columns.zero_shot, sizes.labels), {&columns.head, sizes.head}}) {
    take(n, group->row_scale);
    take(n, group->scale);
    take(n, group->bias);
  }
  take(sizes.labels + 1, columns.name_offset);
  take(sizes.labels, columns.parent);
  take(sizes.head, columns.head_label);
  take(sizes.labels * sizes.dimensions, columns.zero_shot.rows);
  take(sizes.head * sizes.dimensions, columns.head.rows);
  take(sizes.labels, columns.kind);
  take(sizes.name_bytes, columns.name_bytes);
  return columns;
}

template <class T>
Status copy(const Safetensors& file, std::string_view name, Dtype dtype,
            std::initializer_list<std::uint64_t> shape, std::span<T> out) {
  const Result<std::span<const std::byte>> bytes = file.get(name, dtype, shape);
  if (!bytes.ok()) return bytes.error();
  if (!out.empty()) std::memcpy(out.data(), bytes.value().data(), bytes.value().size());
  return {};
}

Status read_version(const Safetensors& file) {
  std::uint32_t version = 0;
  OSL_TRY(copy(file, "style.version", Dtype::kU32, {1}, std::span(&version, 1)));
  if (version == kVersion) return {};
  return Error{version > kVersion ? Code::kUnsupportedVersion : Code::kCorrupt, version,
               "style: a version that is not known (version)"};
}

/// The shape of a matrix, within what a model may have.
Status read_extents(const Safetensors& file, std::string_view name, std::size_t& rows,
                    std::size_t& columns) {
  const Tensor* tensor = file.find(name);
  if (tensor == nullptr) return Error{Code::kMissing, 0, "style: no tensor of rows"};
  if (tensor->rank != 2) {
    return Error{Code::kCorrupt, tensor->offset, "style: rows are not a matrix (byte)"};
  }
  if (tensor->shape[0] > StyleModel::kMaxLabels || tensor->shape[1] > StyleModel::kMaxDimensions ||
      tensor->shape[1] == 0) {
    return Error{Code::kCapacityExceeded, tensor->offset, "style: rows of absurd shape (byte)"};
  }
  rows = static_cast<std::size_t>(tensor->shape[0]);
  columns = static_cast<std::size_t>(tensor->shape[1]);
  return {};
}

Status read_sizes(const Safetensors& file, Sizes& sizes) {
  OSL_TRY(read_extents(file, kVectorNames.rows, sizes.labels, sizes.dimensions));
  const Tensor* names = file.find("style.label.bytes");
  if (names == nullptr) return Error{Code::kMissing, 0, "style: no tensor style.label.bytes"};
  sizes.name_bytes = names->bytes.size();
  if (file.find(kHeadNames.rows) == nullptr) return {};
  std::size_t dimensions = 0;
  OSL_TRY(read_extents(file, kHeadNames.rows, sizes.head, dimensions));
  if (dimensions != sizes.dimensions || sizes.head > sizes.labels) {
    return Error{Code::kCorrupt, dimensions, "style: head of another shape (dimensions)"};
  }
  return {};
}

Status read_rows(const Safetensors& file, const RowNames& names, std::size_t n,
                 std::size_t dimensions, const Columns::Rows& out) {
  OSL_TRY(copy(file, names.rows, Dtype::kI8, {n, dimensions}, out.rows));
  OSL_TRY(copy(file, names.row_scale, Dtype::kF32, {n}, out.row_scale));
  OSL_TRY(copy(file, names.scale, Dtype::kF32, {n}, out.scale));
  OSL_TRY(copy(file, names.bias, Dtype::kF32, {n}, out.bias));
  for (std::size_t i = 0; i < n; ++i) {
    const float row_scale = out.row_scale[i];
    if (!std::isfinite(row_scale) || !std::isfinite(out.scale[i]) || !std::isfinite(out.bias[i])) {
      return Error{Code::kNotFinite, i, "style: scale or bias is not finite (row)"};
    }
    if (row_scale < 0 || out.scale[i] < 0) {
      return Error{Code::kCorrupt, i, "style: scale is negative (row)"};
    }
    for (const std::int8_t q : out.rows.subspan(i * dimensions, dimensions)) {
      if (q == -128) return Error{Code::kOutOfRange, i, "style: a value is -128 (row)"};
    }
  }
  return {};
}

Status read_names(const Safetensors& file, const Columns& columns) {
  const std::size_t n = columns.kind.size();
  OSL_TRY(
      copy(file, "style.label.bytes", Dtype::kU8, {columns.name_bytes.size()}, columns.name_bytes));
  OSL_TRY(
      copy(file, "style.label.offset", Dtype::kU32, {std::uint64_t{n} + 1}, columns.name_offset));
  const std::span<const std::uint32_t> offset = columns.name_offset;
  if (offset[0] != 0 || offset[n] != columns.name_bytes.size()) {
    return Error{Code::kCorrupt, n, "style: label.offset does not cover the names (labels)"};
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (offset[i + 1] <= offset[i] || offset[i + 1] > columns.name_bytes.size()) {
      return Error{Code::kCorrupt, i, "style: label.offset is not in order (label)"};
    }
    const std::string_view name(columns.name_bytes.data() + offset[i], offset[i + 1] - offset[i]);
    if (base::find_broken_utf8(name) != std::string_view::npos) {
      return Error{Code::kCorrupt, i, "style: name is not UTF-8 (label)"};
    }
  }
  return {};
}

Status read_tree(const Safetensors& file, const Columns& columns) {
  const std::size_t n = columns.kind.size();
  OSL_TRY(copy(file, "style.kind", Dtype::kU8, {n}, columns.kind));
  OSL_TRY(copy(file, "style.parent", Dtype::kU32, {n}, columns.parent));
  for (std::size_t i = 0; i < n; ++i) {
    if (columns.kind[i] > static_cast<std::uint8_t>(StyleKind::kInstrument)) {
      return Error{Code::kCorrupt, i, "style: kind is not known (label)"};
    }
    const std::uint32_t parent = columns.parent[i];
    if (parent == kNoLabel) continue;
    if (parent >= i) return Error{Code::kCorrupt, i, "style: parent does not come before (label)"};
    if (columns.kind[parent] != columns.kind[i]) {
      return Error{Code::kCorrupt, i, "style: parent of another kind (label)"};
    }
  }
  return {};
}

Status read_head(const Safetensors& file, const Sizes& sizes, const Columns& columns) {
  if (file.find(kHeadNames.rows) == nullptr) {
    if (file.find("style.head.label") == nullptr) return {};
    return Error{Code::kMissing, 0, "style: head without rows"};
  }
  OSL_TRY(read_rows(file, kHeadNames, sizes.head, sizes.dimensions, columns.head));
  OSL_TRY(copy(file, "style.head.label", Dtype::kU32, {sizes.head}, columns.head_label));
  for (std::size_t i = 0; i < sizes.head; ++i) {
    if (columns.head_label[i] >= sizes.labels) {
      return Error{Code::kOutOfRange, i, "style: head for no label (row)"};
    }
    if (i > 0 && columns.head_label[i] <= columns.head_label[i - 1]) {
      return Error{Code::kCorrupt, i, "style: head.label is not rising (row)"};
    }
  }
  return {};
}

}  // namespace

Result<StyleData> read_style(std::span<const std::byte> file) {
  const Result<Safetensors> parsed = Safetensors::parse(file);
  if (!parsed.ok()) return parsed.error();
  const Safetensors& tensors = parsed.value();
  OSL_TRY(read_version(tensors));
  Sizes sizes;
  OSL_TRY(read_sizes(tensors, sizes));
  StyleData data;
  const Columns columns = allocate(sizes, data.memory);
  if (!data.memory.ok()) return Error{Code::kOutOfMemory, 0, "style: no memory"};
  OSL_TRY(read_rows(tensors, kVectorNames, sizes.labels, sizes.dimensions, columns.zero_shot));
  OSL_TRY(read_names(tensors, columns));
  OSL_TRY(read_tree(tensors, columns));
  OSL_TRY(read_head(tensors, sizes, columns));
  data.view = {.n_labels = static_cast<std::uint32_t>(sizes.labels),
               .n_dimensions = static_cast<std::uint32_t>(sizes.dimensions),
               .name_offset = columns.name_offset,
               .name_bytes = columns.name_bytes,
               .kind = columns.kind,
               .parent = columns.parent,
               .zero_shot = columns.zero_shot.view(),
               .head_label = columns.head_label,
               .head = columns.head.view()};
  return data;
}

}  // namespace ossicle
