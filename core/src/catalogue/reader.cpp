#include <cmath>
#include <cstring>

#include "base/sha256.h"
#include "catalogue/columns.h"
#include "io/manifest.h"
#include "io/safetensors.h"
#include "ossicle/catalogue.h"

namespace ossicle {
namespace {

using catalogue::Columns;
using io::Dtype;
using io::Safetensors;
using io::Tensor;

// The bytes of a text column, whatever its length, up to the room there is.
Result<std::span<const std::byte>> get_list(const Safetensors& file, std::string_view name,
                                            Dtype dtype, std::size_t room) {
  const Tensor* tensor = file.find(name);
  if (tensor == nullptr) return Error{Code::kMissing, 0, "catalogue: a text tensor is missing"};
  if (tensor->rank != 1) {
    return Error{Code::kCorrupt, tensor->offset, "catalogue: text tensor is not a list (byte)"};
  }
  if (tensor->bytes.size() > room) {
    return Error{Code::kOutOfRange, tensor->offset, "catalogue: text tensor too large (byte)"};
  }
  return file.get(name, dtype, {tensor->shape[0]});
}

template <class T>
void copy_bytes(std::span<const std::byte> bytes, T* out) {
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
}

// Copies the tensor `name` of this shape to `out`, which has room for it.
template <class T>
Status copy_tensor(const Safetensors& file, std::string_view name, Dtype dtype,
                   std::initializer_list<std::uint64_t> shape, T* out) {
  const Result<std::span<const std::byte>> bytes = file.get(name, dtype, shape);
  if (!bytes.ok()) return bytes.error();
  copy_bytes(bytes.value(), out);
  return {};
}

}  // namespace

struct CatalogueReader::State {
  io::Manifest manifest;
  std::vector<BundleFile> files;
  bool usable = false;  // false before begin() and after an error
  std::size_t files_done = 0;

  CatalogueData data;
  Columns columns;
  std::uint32_t rows = 0;
  std::size_t name_bytes = 0;
  std::size_t tags = 0;  // entries of item.tag

  Status begin(std::span<const std::byte> bundle_json);
  Status add_file(std::size_t index, std::span<const std::byte> bytes, const FileDigest& digest);
  Status finish();

 private:
  Status allocate(const Safetensors& first, std::uint32_t first_rows);
  Status read_heading(const Safetensors& file);
  Status read_gram_lower(const Safetensors& file);
  Status read_text_map(const Safetensors& file);
  Status read_rows(const Safetensors& file, std::uint32_t n);
  Status read_vectors(const Safetensors& file, std::uint32_t n);
  Status read_names(const Safetensors& file, std::uint32_t n);
  Status read_tags(const Safetensors& file, std::uint32_t n);
  void point_view();
};

Status CatalogueReader::State::begin(std::span<const std::byte> bundle_json) {
  Result<io::Manifest> read = io::read_manifest(bundle_json);
  if (!read.ok()) return read.error();
  manifest = std::move(read).value();
  for (const io::ManifestFile& file : manifest.files) {
    files.push_back({file.path, file.bytes, file.sha256});
  }
  return {};
}

// What the other files may bring is not known yet: their size, less the fixed columns of their
// rows, is room enough for their names and for their tags.
Status CatalogueReader::State::allocate(const Safetensors& first, std::uint32_t first_rows) {
  const io::ManifestCatalogue& shape = manifest.catalogue;
  std::uint64_t others = 0;
  for (const BundleFile& file : std::span(files).subspan(1)) others += file.bytes;
  const std::uint64_t fixed = (shape.items - first_rows) *
                              catalogue::fixed_row_bytes(shape.factors, shape.warm_listeners > 0);
  if (fixed > others) {
    return Error{Code::kCorrupt, others, "bundle.json: files too small for the items (bytes)"};
  }
  const auto room = static_cast<std::size_t>(others - fixed);
  const auto bytes_of = [&](std::string_view name) {
    const Tensor* tensor = first.find(name);
    return tensor == nullptr ? 0 : tensor->bytes.size();
  };
  columns = catalogue::allocate_columns(
      {.items = shape.items,
       .factors = shape.factors,
       .tags = shape.tags,
       .weighted = shape.weighted,
       .text = shape.text,
       .name_bytes = bytes_of(catalogue::kNameBytes) + room,
       .item_tags = (bytes_of(catalogue::kTag) + room) / sizeof(std::uint16_t),
       .tag_name_bytes = bytes_of(catalogue::kTagNameBytes)},
      data.memory);
  if (!data.memory.ok()) return Error{Code::kOutOfMemory, 0, "catalogue: no memory"};
  Catalogue& view = data.view;
  view.n_items = shape.items;
  view.n_factors = shape.factors;
  view.row_stride = catalogue::row_stride(shape.factors);
  view.model = {.mu = shape.mu,
                .alpha0 = shape.alpha0,
                .user_lambda = shape.user_lambda,
                .user_bias = shape.user_bias,
                .weighted = shape.weighted,
                .confidence = {.spread = shape.spread,
                               .popularity = shape.popularity,
                               .scale = shape.confidence_scale,
                               .sd_floor = shape.sd_floor,
                               .clip = shape.clip},
                .negative_popularity = shape.negative_popularity,
                .warm_listeners = shape.warm_listeners};
  view.text_size = shape.text;
  view.text_encoder = shape.encoder;
  return {};
}

// Text spans as far as they are filled; the others are fixed.
void CatalogueReader::State::point_view() {
  Catalogue& view = data.view;
  view.q = columns.q;
  view.scale = columns.scale;
  view.bias = columns.bias;
  view.rowsum = columns.rowsum;
  view.listeners = columns.listeners;
  view.id = columns.id;
  view.gram = columns.gram;
  view.negative = columns.negative;
  view.discount = columns.discount;
  view.factor_sum = columns.factor_sum;
  view.offset_sum = columns.offset_sum;
  view.name_offset = columns.name_offset;
  view.name_bytes = columns.name_bytes.first(name_bytes);
  view.tag_offset = columns.tag_offset;
  view.item_tag = columns.item_tag.first(tags);
  view.tag_name_offset = columns.tag_name_offset;
  view.by_id = columns.by_id;
  view.text_map = columns.text_map;
}

Status CatalogueReader::State::read_heading(const Safetensors& file) {
  const std::uint64_t d = manifest.catalogue.factors;
  const std::uint64_t tag_count = manifest.catalogue.tags;
  OSL_TRY(manifest.catalogue.weighted
              ? read_gram_lower(file)
              : copy_tensor(file, catalogue::kGram, Dtype::kF64, {d, d}, columns.gram.data()));
  OSL_TRY(copy_tensor(file, catalogue::kTagNameOffset, Dtype::kU32, {tag_count + 1},
                      columns.tag_name_offset.data()));
  const auto bytes =
      get_list(file, catalogue::kTagNameBytes, Dtype::kU8, columns.tag_name_bytes.size());
  if (!bytes.ok()) return bytes.error();
  copy_bytes(bytes.value(), columns.tag_name_bytes.data());
  OSL_TRY(catalogue::check_offsets(columns.tag_name_offset, bytes.value().size(),
                                   "catalogue: tag.name.offset is not in order (index)"));
  OSL_TRY(read_text_map(file));
  data.view.tag_name_offset = columns.tag_name_offset;
  data.view.tag_name_bytes = columns.tag_name_bytes.first(bytes.value().size());
  return catalogue::check_tag_names(data.view);
}

Status CatalogueReader::State::read_gram_lower(const Safetensors& file) {
  const std::size_t d = manifest.catalogue.factors;
  const auto bytes = file.get(catalogue::kGramLower, Dtype::kF32, {d * (d + 1) / 2});
  if (!bytes.ok()) return bytes.error();
  const std::byte* at = bytes.value().data();
  for (std::size_t r = 0; r < d; ++r) {
    for (std::size_t c = 0; c <= r; ++c, at += sizeof(float)) {
      float value = 0;
      std::memcpy(&value, at, sizeof value);
      columns.gram[r * d + c] = columns.gram[c * d + r] = static_cast<double>(value);
    }
  }
  return {};
}

Status CatalogueReader::State::read_text_map(const Safetensors& file) {
  const std::uint64_t t = manifest.catalogue.text;
  if (t == 0) return {};
  OSL_TRY(copy_tensor(file, catalogue::kTextMap, Dtype::kF32, {t + 1, manifest.catalogue.factors},
                      columns.text_map.data()));
  for (std::size_t i = 0; i < columns.text_map.size(); ++i) {
    if (!std::isfinite(columns.text_map[i])) {
      return Error{Code::kNotFinite, i, "catalogue: text.map is not finite (index)"};
    }
  }
  return {};
}

Status CatalogueReader::State::read_names(const Safetensors& file, std::uint32_t n) {
  const auto bytes =
      get_list(file, catalogue::kNameBytes, Dtype::kU8, columns.name_bytes.size() - name_bytes);
  if (!bytes.ok()) return bytes.error();
  copy_bytes(bytes.value(), columns.name_bytes.data() + name_bytes);
  // The shard's offsets begin at 0: its first takes the place of the last shard's end.
  const std::span<std::uint32_t> offsets = columns.name_offset.subspan(rows, std::size_t{n} + 1);
  OSL_TRY(copy_tensor(file, catalogue::kNameOffset, Dtype::kU32, {std::uint64_t{n} + 1},
                      offsets.data()));
  OSL_TRY(catalogue::check_offsets(offsets, bytes.value().size(),
                                   "catalogue: item.name.offset is not in order (index)"));
  for (std::uint32_t& offset : offsets) offset += static_cast<std::uint32_t>(name_bytes);
  name_bytes += bytes.value().size();
  return {};
}

Status CatalogueReader::State::read_tags(const Safetensors& file, std::uint32_t n) {
  const auto bytes = get_list(file, catalogue::kTag, Dtype::kU16,
                              (columns.item_tag.size() - tags) * sizeof(std::uint16_t));
  if (!bytes.ok()) return bytes.error();
  copy_bytes(bytes.value(), columns.item_tag.data() + tags);
  const std::size_t count = bytes.value().size() / sizeof(std::uint16_t);
  const std::span<std::uint32_t> offsets = columns.tag_offset.subspan(rows, std::size_t{n} + 1);
  OSL_TRY(copy_tensor(file, catalogue::kTagOffset, Dtype::kU32, {std::uint64_t{n} + 1},
                      offsets.data()));
  OSL_TRY(catalogue::check_offsets(offsets, count,
                                   "catalogue: item.tag.offset is not in order (index)"));
  for (std::uint32_t& offset : offsets) offset += static_cast<std::uint32_t>(tags);
  tags += count;
  return {};
}

Status CatalogueReader::State::read_rows(const Safetensors& file, std::uint32_t n) {
  OSL_TRY(copy_tensor(file, catalogue::kScale, Dtype::kF32, {n}, columns.scale.data() + rows));
  OSL_TRY(copy_tensor(file, catalogue::kBias, Dtype::kF32, {n}, columns.bias.data() + rows));
  OSL_TRY(copy_tensor(file, catalogue::kRowsum, Dtype::kI32, {n}, columns.rowsum.data() + rows));
  OSL_TRY(
      copy_tensor(file, catalogue::kListeners, Dtype::kU32, {n}, columns.listeners.data() + rows));
  OSL_TRY(
      copy_tensor(file, catalogue::kId, Dtype::kU8, {n, sizeof(ItemId)}, columns.id.data() + rows));
  OSL_TRY(read_vectors(file, n));
  OSL_TRY(read_names(file, n));
  return read_tags(file, n);
}

// Warm rows in 8 bits, then cold rows in 4. check_rows() refuses rows that are out of order.
Status CatalogueReader::State::read_vectors(const Safetensors& file, std::uint32_t n) {
  const std::size_t d = manifest.catalogue.factors;
  const std::size_t stride = data.view.row_stride;
  const std::uint32_t warm =
      catalogue::count_warm(columns.listeners.subspan(rows, n), manifest.catalogue.warm_listeners);
  std::int8_t* to = columns.q.data() + std::size_t{rows} * stride;
  const auto q = file.get(catalogue::kQ, Dtype::kI8, {warm, d});
  if (!q.ok()) return q.error();
  for (std::size_t i = 0; i < warm; ++i) {
    std::memcpy(to + i * stride, q.value().data() + i * d, d);
  }
  if (warm == n) return {};
  const std::size_t half = (d + 1) / 2;
  const auto q4 = file.get(catalogue::kQ4, Dtype::kU8, {n - warm, half});
  if (!q4.ok()) return q4.error();
  const auto* nibbles = reinterpret_cast<const std::uint8_t*>(q4.value().data());
  for (std::size_t i = 0; i < n - warm; ++i) {
    if (!catalogue::unpack_nibbles({nibbles + i * half, half}, {to + (warm + i) * stride, d})) {
      return Error{Code::kOutOfRange, rows + warm + i, "catalogue: no value of item.q4 (row)"};
    }
  }
  return {};
}

Status CatalogueReader::State::add_file(std::size_t index, std::span<const std::byte> bytes,
                                        const FileDigest& digest) {
  if (index != files_done || index >= files.size()) {
    return Error{Code::kInvalidArgument, index, "catalogue: files must come in order (index)"};
  }
  const BundleFile& expected = files[index];
  if (bytes.size() != expected.bytes) {
    return Error{Code::kChecksumMismatch, bytes.size(),
                 "catalogue: file of another size than bundle.json says (bytes)"};
  }
  if ((digest ? *digest : base::sha256(bytes)) != expected.sha256) {
    return Error{Code::kChecksumMismatch, index, "catalogue: file altered, wrong SHA-256 (index)"};
  }
  const Result<Safetensors> file = Safetensors::parse(bytes);
  if (!file.ok()) return file.error();
  const Tensor* scale = file.value().find(catalogue::kScale);
  if (scale == nullptr) return Error{Code::kMissing, 0, "catalogue: no tensor item.scale"};
  if (scale->rank != 1 || scale->shape[0] == 0) {
    return Error{Code::kCorrupt, scale->offset, "catalogue: item.scale is not a list (byte)"};
  }
  if (scale->shape[0] > manifest.catalogue.items - rows) {
    return Error{Code::kOutOfRange, manifest.catalogue.items,
                 "catalogue: more rows than bundle.json says (rows)"};
  }
  const auto n = static_cast<std::uint32_t>(scale->shape[0]);
  if (index == 0) {
    OSL_TRY(allocate(file.value(), n));
    OSL_TRY(read_heading(file.value()));
  }
  OSL_TRY(read_rows(file.value(), n));
  point_view();
  OSL_TRY(catalogue::check_rows(data.view, rows, rows + n));
  rows += n;
  ++files_done;
  return {};
}

Status CatalogueReader::State::finish() {
  if (files_done < files.size()) {
    return Error{Code::kMissing, files_done, "catalogue: a file is missing (index)"};
  }
  if (rows != manifest.catalogue.items) {
    return Error{Code::kMissing, rows, "catalogue: fewer rows than bundle.json says (rows)"};
  }
  OSL_TRY(catalogue::order_ids(columns.id, columns.by_id));
  if (data.view.model.weighted) {
    catalogue::weigh_items(data.view, columns.negative, columns.discount);
  }
  OSL_TRY(catalogue::check_gram(data.view));
  catalogue::sum_rows(data.view, columns.factor_sum, columns.offset_sum);
  return {};
}

CatalogueReader::CatalogueReader() : state_(std::make_unique<State>()) {}
CatalogueReader::~CatalogueReader() = default;
CatalogueReader::CatalogueReader(CatalogueReader&&) noexcept = default;
CatalogueReader& CatalogueReader::operator=(CatalogueReader&&) noexcept = default;

Status CatalogueReader::begin(std::span<const std::byte> bundle_json) {
  *state_ = State();
  OSL_TRY(state_->begin(bundle_json));
  state_->usable = true;
  return {};
}

std::span<const BundleFile> CatalogueReader::files() const { return state_->files; }

Status CatalogueReader::add_file(std::size_t index, std::span<const std::byte> bytes,
                                 const FileDigest& digest) {
  if (!state_->usable) {
    return Error{Code::kInvalidArgument, 0,
                 "catalogue: reader without a bundle, or after an error"};
  }
  state_->usable = false;
  OSL_TRY(state_->add_file(index, bytes, digest));
  state_->usable = true;
  return {};
}

Result<CatalogueData> CatalogueReader::finish() && {
  if (!state_->usable) {
    return Error{Code::kInvalidArgument, 0,
                 "catalogue: reader without a bundle, or after an error"};
  }
  state_->usable = false;
  OSL_TRY(state_->finish());
  return std::move(state_->data);
}

}  // namespace ossicle
