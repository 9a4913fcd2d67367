#include "evaluation/split_export.h"

#include <vector>

#include "files.h"
#include "io/safetensors.h"

namespace ossicle::tools {
namespace {

using Lists = std::vector<std::vector<std::uint32_t>>;

std::vector<std::uint32_t> pairs_of(const Lists& lists) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t u = 0; u < lists.size(); ++u) {
    for (const std::uint32_t item : lists[u]) out.insert(out.end(), {u, item});
  }
  return out;
}

Lists lists_of(const Interactions& x) {
  Lists out(x.n_users);
  for (std::uint32_t u = 0; u < x.n_users; ++u) {
    const std::span<const std::uint32_t> items = items_of(x, u);
    out[u].assign(items.begin(), items.end());
  }
  return out;
}

io::TensorSource pair_tensor(std::string_view name, const std::vector<std::uint32_t>& pairs) {
  return {name, io::Dtype::kU32, {pairs.size() / 2, 2}, std::as_bytes(std::span(pairs))};
}

void add_ids(JsonOut& json, std::string_view key, const std::vector<std::string>& ids) {
  json.key(key).begin_array();
  for (const std::string& id : ids) json.text(id);
  json.end_array();
}

}  // namespace

Problem export_split(const std::string& folder, std::uint64_t seed, const EvalRequest& request,
                     const Split& split, const TrainingSet& set, const IalsModel& int8) {
  const std::size_t d = int8.settings.factors;
  const std::size_t users = set.plays.n_users;
  std::vector<float> p(users * d);
  std::vector<float> bias(users);
  const Status s = ials_solve_users(new_users(set.plays, set, request.settings), int8, p, bias);
  if (!s) return problem("solving the users for the export", s.error());
  const std::vector<std::uint32_t> train = pairs_of(lists_of(split.train));
  const std::vector<std::uint32_t> validation = pairs_of(split.validation);
  const std::vector<std::uint32_t> test = pairs_of(split.test);
  const io::TensorSource tensors[] = {
      pair_tensor("train", train),
      pair_tensor("validation", validation),
      pair_tensor("test", test),
      {"plays", io::Dtype::kF32, {train.size() / 2}, std::as_bytes(std::span(split.train.weight))},
      {"items", io::Dtype::kU32, {set.items.size()}, std::as_bytes(std::span(set.items))},
      {"factors", io::Dtype::kF32, {set.items.size(), d}, std::as_bytes(std::span(int8.q))},
      {"users", io::Dtype::kF32, {users, d}, std::as_bytes(std::span(p))},
  };
  const Result<std::vector<std::byte>> file = io::write_safetensors(tensors);
  if (!file) return problem("the export of a split", file.error());
  JsonOut names;
  names.begin_object();
  add_ids(names, "users", request.ratings.users);
  add_ids(names, "items", request.ratings.items);
  names.end_object();
  const std::string to = folder + "/seed-" + std::to_string(seed);
  OSL_TOOL_TRY(write_file(to + "/names.json", names.line() + "\n"));
  return write_file(to + "/split.safetensors", file.value());
}

}  // namespace ossicle::tools
