#ifndef OSSICLE_TESTS_SUPPORT_SEQUENCE_CHECKPOINT_H_
#define OSSICLE_TESTS_SUPPORT_SEQUENCE_CHECKPOINT_H_

// Sequence models of random weights, as training would leave them. Needs the modules `base`, `io`
// and `sequence`, and synthetic_catalogue.h.

#include <cmath>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "io/safetensors.h"
#include "ossicle/sequence.h"
#include "synthetic_catalogue.h"

namespace ossicle::testing {

/// The f32 tensors of a checkpoint, each changeable.
struct SequenceCheckpoint {
  SequenceShape shape;
  std::map<std::string, std::pair<std::vector<std::uint64_t>, std::vector<float>>> tensors;

  explicit SequenceCheckpoint(const SequenceShape& its_shape, std::uint64_t seed = 1)
      : shape(its_shape), random_(seed) {
    const std::uint64_t c = shape.channels, d = shape.factors, e = shape.text;
    const std::uint64_t f = shape.feed_forward;
    add("begin", {d + e}, 0, 0.3);
    if (e > 0) add("absent", {e}, 0, 0.1);
    add("position", {shape.max_items, c}, 0, 0.2);
    product("input", c, d + e, 1.5);
    norm("norm", c);
    for (std::uint32_t n = 0; n < shape.layers; ++n) {
      const std::string layer = "layer." + std::to_string(n) + ".";
      for (const char* name : {"query", "key", "value", "out"}) product(layer + name, c, c, 1);
      norm(layer + "norm1", c);
      product(layer + "up", f, c, 1);
      product(layer + "down", c, f, 1);
      norm(layer + "norm2", c);
    }
    product("head", d, c, 4);
  }

  const std::vector<float>& get(const std::string& name) const { return tensors.at(name).second; }

  std::vector<std::byte> write() const {
    std::vector<io::TensorSource> sources;
    for (const auto& [name, tensor] : tensors) {
      sources.push_back(
          {name, io::Dtype::kF32, tensor.first, std::as_bytes(std::span(tensor.second))});
    }
    return io::write_safetensors(sources).value();
  }
  Result<SequenceBundleBytes> pack() const {
    return write_sequence(shape, write(),
                          {.name = "n", .licence = "l", .source = "s", .recipe = "r"});
  }

 private:
  void add(const std::string& name, std::vector<std::uint64_t> extents, double mean, double sd) {
    std::size_t n = 1;
    for (const std::uint64_t extent : extents) n *= extent;
    std::vector<float> values(n);
    for (float& value : values) {
      const double sum = next_uniform(random_) + next_uniform(random_) + next_uniform(random_);
      value = static_cast<float>(mean + sd * 2 * (sum - 1.5));
    }
    tensors[name] = {std::move(extents), std::move(values)};
  }
  void product(const std::string& name, std::uint64_t out, std::uint64_t in, double gain) {
    add(name + ".weight", {out, in}, 0, gain / std::sqrt(static_cast<double>(in)));
    add(name + ".bias", {out}, 0, 0.05);
  }
  void norm(const std::string& name, std::uint64_t channels) {
    add(name + ".weight", {channels}, 1, 0.1);
    add(name + ".bias", {channels}, 0, 0.1);
  }

  std::uint64_t random_;
};

inline SequenceShape small_sequence(const Catalogue& catalogue) {
  return {.factors = catalogue.n_factors,
          .text = 16,
          .channels = 48,
          .layers = 2,
          .heads = 3,
          .feed_forward = 96,
          .max_items = 24,
          .factor_scale = 1.5,
          .popularity = 0.2,
          .layer_norm_epsilon = 1e-12,
          .factor_space = factor_space(catalogue)};
}

inline OwnedBytes owned_bytes(std::span<const std::byte> bytes) {
  OwnedBytes out = OwnedBytes::allocate(bytes.size());
  std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

/// A catalogue and a model of random weights that belongs to it.
struct SequenceFixture {
  CatalogueData catalogue;
  SequenceCheckpoint checkpoint;
  SequenceBundleBytes bundle;
  SequenceModel model;
  SequenceItems items;

  explicit SequenceFixture(std::uint32_t n_items = 500, std::uint32_t n_factors = 32)
      : catalogue(synthetic_catalogue({.n_items = n_items, .n_factors = n_factors, .seed = 3})),
        checkpoint(small_sequence(catalogue.view)),
        bundle(checkpoint.pack().value()),
        model(SequenceModel::open(bundle.bundle_json, owned_bytes(bundle.weights), catalogue.view,
                                  n_items)
                  .value()),
        items(sequence_items(catalogue.view)) {}
};

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_SUPPORT_SEQUENCE_CHECKPOINT_H_
