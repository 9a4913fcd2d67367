#include "engine_list.h"

#include <array>

namespace ossicle {

void ListMaker::prepare(const Catalogue& catalogue) {
  familiarity_of_items(catalogue, familiarity_);
  has_neighbours_ = factor_base_system(catalogue, base_system_).ok();
}

// Nothing is known of the listener: the order of the candidates is that of popularity, which no
// blend changes.
std::size_t ListMaker::rank_most_listened(const ListListener& listener, std::size_t room) {
  const std::span<Candidate> candidates = candidates_.first(std::min(room, scored_.size()));
  const std::uint32_t found =
      find_candidates(listener.catalogue, listener.user, excluded_, candidates);
  const std::uint32_t n = rank(listener.catalogue, listener.user, candidates.first(found), scored_);
  for (std::uint32_t i = 0; i < n; ++i) valued_[i] = {scored_[i], scored_[i].score};
  return n;
}

ListSources ListMaker::sources_of(const ListListener& listener, const Blend& blend) {
  const std::size_t d = listener.catalogue.n_factors;
  ListSources sources;
  sources.query = query_;
  sources.factors = blend.factors;
  sources.familiarity = familiarity_;
  sources.history = &listener.history;
  std::copy_n(listener.user.p.begin(), d, query_.begin());
  if (blend.factors != 1) {
    for (double& x : query_) x *= blend.factors;
  }
  if (blend.neighbours != 0) {
    std::array<std::uint32_t, kRecentPlays> recent;
    const std::uint32_t n = recent_items(listener.history, listener.catalogue.n_all(), recent);
    const std::span<double> v = scratch_.subspan(d);
    neighbour_query(listener.catalogue, base_system_, listener.observations,
                    std::span(recent).first(n), scratch_.first(d), v);
    for (std::size_t i = 0; i < d; ++i) query_[i] += blend.neighbours * v[i];
  }
  if (blend.text != 0 && listener.text != nullptr) {
    const std::span<double> taste = taste_.first(listener.text->dimensions);
    if (text_taste(*listener.text, listener.observations, taste)) {
      sources.text = listener.text;
      sources.taste = taste;
    }
  }
  return sources;
}

// The value of the best item without the novelty term, or 0.
double ListMaker::best_value(const ListListener& listener, const ListSources& sources,
                             const Blend& blend) {
  Candidate best;
  ListSources factors_only = sources;
  factors_only.text = nullptr;
  factors_only.tilt = 0;
  const std::uint32_t n =
      find_in_blend(listener.catalogue, factors_only, excluded_, bias_, std::span(&best, 1));
  const double value = n == 0 ? 0 : std::max(0.0, static_cast<double>(best.score));
  return sources.text == nullptr ? value : value + blend.text;
}

std::size_t ListMaker::rank_by_taste(const ListListener& listener, const Blend& blend,
                                     std::size_t room) {
  ListSources sources = sources_of(listener, blend);
  if (blend.novelty != 0.5) {
    sources.tilt = (1 - 2 * blend.novelty) * best_value(listener, sources, blend);
  }
  const std::size_t share = std::min(room, scored_.size());
  const std::span<Candidate> candidates =
      candidates_.first(sources.text == nullptr ? share : 2 * share);
  const std::uint32_t n = find_in_blend(listener.catalogue, sources, excluded_, bias_, candidates);
  rank_blend(listener.catalogue, listener.user, blend, sources, candidates.first(n), valued_);
  return n;
}

std::uint32_t ListMaker::make(const ListListener& listener, const ListSettings& settings,
                              std::int64_t now_s, std::span<Scored> out) {
  exclude_for_list(listener.history, listener.profile, settings, listener.credits, now_s,
                   excluded_);
  // Cold rows are the last.
  for (std::uint32_t i = listener.catalogue.n_items;
       settings.blend.novelty <= 0.5 && i > 0 && listener.catalogue.is_cold(i - 1); --i) {
    excluded_[i - 1] = 1;
  }
  const std::size_t room = wanted(out.size());
  const std::size_t n = listener.user.n_observations == 0
                            ? rank_most_listened(listener, room)
                            : rank_by_taste(listener, settings.blend, room);
  return diversify(listener.catalogue, listener.credits, settings, valued_.first(n), likeness_,
                   count_, out);
}

}  // namespace ossicle
