#ifndef OSSICLE_TESTS_SUPPORT_BUNDLE_EDITOR_H_
#define OSSICLE_TESTS_SUPPORT_BUNDLE_EDITOR_H_

// Takes catalogue bundles apart, changes them and signs them again, for tests of what the reader
// refuses. Needs the modules `base`, `io` and `catalogue`.

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/sha256.h"
#include "io/manifest.h"
#include "io/safetensors.h"
#include "ossicle/catalogue.h"

namespace ossicle::testing {

/// The tensors of a shard, each changeable.
class Shard {
 public:
  struct Column {
    std::string name;
    io::Dtype dtype;
    std::vector<std::uint64_t> shape;
    std::vector<std::byte> bytes;
  };

  explicit Shard(std::span<const std::byte> file) {
    const Result<io::Safetensors> parsed = io::Safetensors::parse(file);
    for (const io::Tensor& tensor : parsed.value().tensors()) {
      columns.push_back({tensor.name,
                         tensor.dtype,
                         {tensor.shape.begin(), tensor.shape.begin() + tensor.rank},
                         {tensor.bytes.begin(), tensor.bytes.end()}});
    }
  }

  Column& column(std::string_view name) {
    return *std::find_if(columns.begin(), columns.end(),
                         [&](const Column& c) { return c.name == name; });
  }

  template <class T>
  T get(std::string_view name, std::size_t index) {
    T value;
    std::memcpy(&value, column(name).bytes.data() + index * sizeof(T), sizeof(T));
    return value;
  }
  template <class T>
  void set(std::string_view name, std::size_t index, T value) {
    std::memcpy(column(name).bytes.data() + index * sizeof(T), &value, sizeof(T));
  }
  void remove(std::string_view name) {
    std::erase_if(columns, [&](const Column& c) { return c.name == name; });
  }

  std::vector<std::byte> write() const {
    std::vector<io::TensorSource> sources;
    for (const Column& c : columns) sources.push_back({c.name, c.dtype, c.shape, c.bytes});
    return io::write_safetensors(sources).value();
  }

  std::vector<Column> columns;
};

/// bundle.json of `original` for other files, with their sizes and SHA-256.
inline std::vector<std::byte> signed_manifest(std::span<const std::byte> original,
                                              std::span<const std::vector<std::byte>> files) {
  io::Manifest manifest = io::read_manifest(original).value();
  manifest.files.clear();
  for (std::size_t i = 0; i < files.size(); ++i) {
    manifest.files.push_back({"catalogue-" + std::to_string(i) + ".safetensors", files[i].size(),
                              base::sha256(files[i])});
  }
  const std::string json = io::write_manifest(manifest).value();
  const auto bytes = std::as_bytes(std::span(json));
  return {bytes.begin(), bytes.end()};
}

/// Rows first..last-1 of a shard that has all rows, as a shard of their own.
inline std::vector<std::byte> cut_shard(std::span<const std::byte> whole, std::size_t first,
                                        std::size_t last) {
  Shard shard(whole);
  const auto rows = static_cast<std::size_t>(shard.column("item.scale").shape[0]);
  for (Shard::Column& c : shard.columns) {
    if (!c.name.starts_with("item.") || c.name.ends_with("bytes") || c.name == "item.tag" ||
        c.name.ends_with("offset")) {
      continue;
    }
    // Cold rows, the last, are in item.q4 and not in item.q.
    const auto has = static_cast<std::size_t>(c.shape[0]);
    const std::size_t row = c.bytes.size() / has;
    const std::size_t skipped = c.name == "item.q4" ? rows - has : 0;
    const std::size_t from = std::clamp(first, skipped, skipped + has) - skipped;
    const std::size_t to = std::clamp(last, skipped, skipped + has) - skipped;
    c.bytes = {c.bytes.begin() + static_cast<std::ptrdiff_t>(from * row),
               c.bytes.begin() + static_cast<std::ptrdiff_t>(to * row)};
    c.shape[0] = to - from;
  }
  std::erase_if(shard.columns,
                [](const Shard::Column& c) { return c.name == "item.q4" && c.shape[0] == 0; });
  for (const auto& [values, offsets] : {std::pair("item.name.bytes", "item.name.offset"),
                                        std::pair("item.tag", "item.tag.offset")}) {
    const auto begin = shard.get<std::uint32_t>(offsets, first);
    const auto end = shard.get<std::uint32_t>(offsets, last);
    Shard::Column& value = shard.column(values);
    const std::size_t size = io::dtype_bytes(value.dtype);
    value.bytes = {value.bytes.begin() + static_cast<std::ptrdiff_t>(begin * size),
                   value.bytes.begin() + static_cast<std::ptrdiff_t>(end * size)};
    value.shape[0] = end - begin;
    Shard::Column& offset = shard.column(offsets);
    std::vector<std::uint32_t> cut(last - first + 1);
    for (std::size_t i = 0; i < cut.size(); ++i) {
      cut[i] = shard.get<std::uint32_t>(offsets, first + i) - begin;
    }
    const auto bytes = std::as_bytes(std::span(cut));
    offset.bytes = {bytes.begin(), bytes.end()};
    offset.shape[0] = cut.size();
  }
  if (first > 0) {
    for (const char* name :
         {"gram", "gram.lower", "text.map", "tag.name.bytes", "tag.name.offset"}) {
      shard.remove(name);
    }
  }
  return shard.write();
}

/// begin, add_file for each, finish.
inline Result<CatalogueData> read_bundle(std::span<const std::byte> manifest,
                                         std::span<const std::vector<std::byte>> files) {
  CatalogueReader reader;
  OSL_TRY(reader.begin(manifest));
  for (std::size_t i = 0; i < files.size(); ++i) OSL_TRY(reader.add_file(i, files[i]));
  return std::move(reader).finish();
}

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_SUPPORT_BUNDLE_EDITOR_H_
