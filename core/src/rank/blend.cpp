#include <algorithm>
#include <array>

#include "base/checked.h"
#include "kernels/dense.h"
#include "ossicle/ranking.h"

namespace ossicle {
namespace {

constexpr std::size_t kMostFactors = 1024;

double dot_query(const Catalogue& catalogue, std::span<const double> query, std::uint32_t item) {
  alignas(16) std::array<double, kMostFactors> f;
  const std::size_t d = catalogue.n_factors;
  kernels::dequantise_row(catalogue.q.data() + std::size_t{item} * catalogue.row_stride,
                          static_cast<double>(catalogue.scale[item]), d, f.data());
  return kernels::dot_f64(f.data(), query.data(), d);
}

double cosine(const ListSources& sources, std::uint32_t item) {
  alignas(16) std::array<double, TextVectors::kMaxDimensions> f;
  const TextVectors& text = *sources.text;
  kernels::dequantise_row(text.rows.data() + std::size_t{item} * text.row_stride,
                          static_cast<double>(text.scale[item]), text.dimensions, f.data());
  return kernels::dot_f64(f.data(), sources.taste.data(), text.dimensions);
}

}  // namespace

Status check_list_settings(const ListSettings& settings) {
  const base::Range ranges[] = {
      {settings.blend.factors, 0, 8, "factors is outside 0..8"},
      {settings.blend.neighbours, 0, 8, "neighbours is outside 0..8"},
      {settings.blend.text, 0, 8, "text is outside 0..8"},
      {settings.blend.novelty, 0, 1, "novelty is outside 0..1"},
      {settings.diversity, 0, 1, "diversity is outside 0..1"},
      {settings.repeat_days, 0, 36500, "repeat_days is outside 0..36500"},
      {settings.shown_rest_days, 0, 36500, "shown_rest_days is outside 0..36500"},
      {static_cast<double>(settings.per_artist), 0, 1024, "per_artist is outside 0..1024"},
  };
  return base::check_ranges(ranges);
}

void rank_blend(const Catalogue& catalogue, const UserModel& user, const Blend& blend,
                const ListSources& sources, std::span<const Candidate> candidates,
                std::span<Valued> out) {
  const bool by_text = sources.text != nullptr && !sources.taste.empty();
  // f_i'query is the factors' and neighbours' share; what r_ui has beside <p_u, q_i> is added.
  const bool plain = blend.factors == 1 && blend.neighbours == 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Scored scored = score(catalogue, user, candidates[i].item);
    double value = scored.score;
    if (!plain) {
      value = blend.factors * (scored.score - scored.factor) +
              dot_query(catalogue, sources.query, scored.item);
    }
    if (by_text) value += blend.text * cosine(sources, scored.item);
    if (sources.tilt != 0) value += sources.tilt * familiarity(sources, scored.item);
    out[i] = {scored, value};
  }
  std::sort(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(candidates.size()),
            [](const Valued& a, const Valued& b) {
              return a.value != b.value ? a.value > b.value : a.scored.item < b.scored.item;
            });
}

}  // namespace ossicle
