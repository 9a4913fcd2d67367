#include <cmath>

#include "sequence/rules.h"
#include "sequence/search.h"
#include "sequence/state.h"

namespace ossicle {
namespace {

Error invalid(std::uint64_t at, const char* what) { return {Code::kInvalidArgument, at, what}; }

/// False for NaN.
bool within(double x, double low, double high) { return x >= low && x <= high; }

Status check_knobs(const PlaylistRequest& r) {
  constexpr std::uint32_t kMaxSpacing = 16;
  if (r.spacing > kMaxSpacing) return invalid(r.spacing, "playlist: spacing is not 0 to 16");
  if (r.per_artist > SequenceModel::kMaxLength) {
    return invalid(r.per_artist, "playlist: per_artist is not 0 to 500");
  }
  if (r.beams < 1 || r.beams > SequenceModel::kMaxBeams) {
    return invalid(r.beams, "playlist: beams is not 1 to 8");
  }
  if (!within(r.adventure, 0, 1)) return invalid(0, "playlist: adventure is not 0 to 1");
  if (!within(r.pull, 0, 50)) return invalid(0, "playlist: pull is not 0 to 50");
  if (!within(r.curve_weight, 0, 100)) return invalid(0, "playlist: curve_weight is not 0 to 100");
  return {};
}

Status check_curve(const SequenceItems& items, const PlaylistRequest& r, std::size_t length) {
  if (r.curve.empty() && r.value.empty()) return {};
  if (r.curve.size() != length) {
    return invalid(r.curve.size(), "playlist: curve is not [length] (its size)");
  }
  if (r.value.size() != items.n_items) {
    return invalid(r.value.size(), "playlist: value is not [N] (its size)");
  }
  for (std::size_t i = 0; i < length; ++i) {
    if (!std::isfinite(r.curve[i])) return Error{Code::kNotFinite, i, "playlist: curve (position)"};
  }
  return {};
}

Status check_ends(const SequenceItems& items, const PlaylistRequest& r, std::size_t length) {
  for (const std::uint32_t end : {r.from, r.to}) {
    if (end == kNoItem) continue;
    if (end >= items.n_items) return Error{Code::kOutOfRange, end, "playlist: from or to (item)"};
    if (!r.excluded.empty() && r.excluded[end] != 0) {
      return invalid(end, "playlist: from or to is excluded (item)");
    }
  }
  if (r.from == kNoItem || r.to == kNoItem) return {};
  if (r.from == r.to) return invalid(r.to, "playlist: from and to are the same (item)");
  if (length < 2) return invalid(length, "playlist: no room for from and to (length)");
  if (!sequence::ListRules(items, r, length).ends_agree()) {
    return invalid(r.to, "playlist: from and to are of one artist, and too near (item)");
  }
  return {};
}

}  // namespace

Status write_playlist(SequenceModel& model, const SequenceItems& items,
                      const PlaylistRequest& request, std::span<PlaylistItem> out) {
  SequenceModel::State& s = model.state();
  OSL_TRY(sequence::check_items(s.shape, s.most_items, items));
  OSL_TRY(sequence::check_recent(items, request.recent));
  const std::size_t length = out.size();
  if (length < 1 || length > SequenceModel::kMaxLength) {
    return invalid(length, "playlist: length is not 1 to 500");
  }
  if (!request.excluded.empty() && request.excluded.size() != items.n_items) {
    return invalid(request.excluded.size(), "playlist: excluded is not [N] (its size)");
  }
  OSL_TRY(check_knobs(request));
  OSL_TRY(check_curve(items, request, length));
  OSL_TRY(check_ends(items, request, length));
  sequence::Search search(s, items, request, length);
  const std::size_t allowed = search.prepare();
  if (allowed < length) {
    return invalid(allowed, "playlist: longer than the items that are allowed (how many)");
  }
  return search.run(out);
}

}  // namespace ossicle
