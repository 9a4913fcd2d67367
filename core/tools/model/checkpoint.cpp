#include "model/checkpoint.h"

#include <cmath>
#include <cstring>
#include <vector>

#include "files.h"
#include "io/safetensors.h"

namespace ossicle::tools {
namespace {

constexpr std::uint32_t kVersion = 2;
constexpr const char* kNotOne = ": is not a checkpoint of this version (remove it to start anew)";

struct Field {
  const char* name;
  double value;
};

// Everything that must agree, in the order of the "settings" tensor.
std::vector<Field> fields(const TrainingIdentity& identity) {
  const TrainingSettings& t = identity.settings;
  const IalsSettings& s = t.ials;
  std::vector<Field> out = {{"--loss", t.weighted ? 1.0 : 0.0},
                            {"--factors", static_cast<double>(s.factors)},
                            {"--init-sd", s.init_sd},
                            {"--seed (high half)", static_cast<double>(s.seed >> 32)},
                            {"--seed", static_cast<double>(s.seed & 0xffffffffU)},
                            {"--min-listeners", static_cast<double>(t.min_listeners)},
                            {"--alpha0", t.weighted ? t.loss.alpha0 : t.plain.alpha0},
                            {"--lambda", t.weighted ? t.loss.lambda : t.plain.lambda},
                            {"--nu", t.plain.nu},
                            {"--biases", s.biases ? 1.0 : 0.0},
                            {"--confidence", t.confidence == "log" ? 1.0 : 0.0}};
  if (!t.weighted) return out;
  const WeightedLoss& l = t.loss;
  const Field more[] = {{"--user-spread", l.user_spread},
                        {"--item-spread", l.item_spread},
                        {"--popularity", l.popularity},
                        {"--negative-popularity", l.negative_popularity},
                        {"--user-count", l.user_count},
                        {"--item-confidence", l.item_confidence},
                        {"--tag-confidence", l.tag_confidence},
                        {"--tag-alpha0", l.tag_alpha0},
                        {"--tag-row-items", static_cast<double>(t.tag_row_items)},
                        {"--warm-listeners", static_cast<double>(l.warm_listeners)},
                        {"--text-pull", t.text_pull},
                        {"--text-ridge", t.text_ridge}};
  out.insert(out.end(), std::begin(more), std::end(more));
  return out;
}

template <class T>
std::span<const std::byte> bytes_of(const std::vector<T>& values) {
  return std::as_bytes(std::span(values));
}

// Copies the tensor into `out` if it has just that size.
template <class T>
bool copy(const io::Safetensors& file, std::string_view name, io::Dtype dtype, std::span<T> out) {
  const auto bytes = file.get(name, dtype, {out.size()});
  if (!bytes) return false;
  std::memcpy(out.data(), bytes.value().data(), out.size_bytes());
  return true;
}

bool finite(std::span<const float> values) {
  for (const float x : values) {
    if (!std::isfinite(x)) return false;
  }
  return true;
}

}  // namespace

Problem write_checkpoint(const std::string& path, const TrainingIdentity& identity,
                         const IalsModel& model) {
  std::vector<double> settings;
  for (const Field& field : fields(identity)) settings.push_back(field.value);
  const std::vector<std::uint32_t> state = {kVersion, model.iterations_done};
  const std::vector<std::uint8_t> hash(identity.ratings_sha256.begin(),
                                       identity.ratings_sha256.end());
  const io::TensorSource tensors[] = {
      {"checkpoint.state", io::Dtype::kU32, {state.size()}, bytes_of(state)},
      {"checkpoint.settings", io::Dtype::kF64, {settings.size()}, bytes_of(settings)},
      {"checkpoint.ratings", io::Dtype::kU8, {hash.size()}, bytes_of(hash)},
      {"model.p", io::Dtype::kF32, {model.p.size()}, bytes_of(model.p)},
      {"model.q", io::Dtype::kF32, {model.q.size()}, bytes_of(model.q)},
      {"model.user_bias", io::Dtype::kF32, {model.user_bias.size()}, bytes_of(model.user_bias)},
      {"model.item_bias", io::Dtype::kF32, {model.item_bias.size()}, bytes_of(model.item_bias)},
  };
  const Result<std::vector<std::byte>> file = io::write_safetensors(tensors);
  if (!file) return problem(path, file.error());
  return write_file(path, file.value());
}

Problem read_checkpoint(const std::string& path, const TrainingIdentity& identity,
                        IalsModel& model) {
  std::vector<std::byte> bytes;
  OSL_TOOL_TRY(read_file(path, bytes));
  const Result<io::Safetensors> parsed = io::Safetensors::parse(bytes);
  if (!parsed) return problem(path, parsed.error());
  const io::Safetensors& file = parsed.value();

  std::vector<std::uint32_t> state(2);
  std::vector<std::uint8_t> hash(identity.ratings_sha256.size());
  const std::vector<Field> expected = fields(identity);
  std::vector<double> settings(expected.size());
  if (!copy<std::uint32_t>(file, "checkpoint.state", io::Dtype::kU32, state) ||
      state[0] != kVersion ||
      !copy<double>(file, "checkpoint.settings", io::Dtype::kF64, settings) ||
      !copy<std::uint8_t>(file, "checkpoint.ratings", io::Dtype::kU8, hash)) {
    return problem(path + kNotOne);
  }
  if (!std::equal(hash.begin(), hash.end(), identity.ratings_sha256.begin())) {
    return problem(path + ": was made from other ratings (remove it to start anew)");
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (settings[i] != expected[i].value) {
      return problem(path + ": was made with another " + expected[i].name +
                     " (remove it to start anew)");
    }
  }
  IalsModel read = model;
  if (!copy<float>(file, "model.p", io::Dtype::kF32, read.p) ||
      !copy<float>(file, "model.q", io::Dtype::kF32, read.q) ||
      !copy<float>(file, "model.user_bias", io::Dtype::kF32, read.user_bias) ||
      !copy<float>(file, "model.item_bias", io::Dtype::kF32, read.item_bias) || !finite(read.p) ||
      !finite(read.q) || !finite(read.user_bias) || !finite(read.item_bias)) {
    return problem(path + kNotOne);
  }
  read.iterations_done = state[1];
  model = std::move(read);
  return {};
}

}  // namespace ossicle::tools
