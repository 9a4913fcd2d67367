#include <algorithm>

#include "explain/removal.h"
#include "kernels/dense.h"
#include "kernels/rows.h"
#include "ossicle/pipeline.h"

namespace ossicle {
namespace {

using namespace explain_stage;

bool is_stronger(const Reason& a, const Reason& b) {
  return a.contribution != b.contribution ? a.contribution > b.contribution : a.item < b.item;
}

// The removals that `memory` remembers, of one profile: how z changes without an observation.
class Remembered {
 public:
  Remembered(ExplainMemory& memory, std::size_t m, std::span<double> numbers)
      : memory_(memory), m_(m), numbers_(numbers) {}

  /// nullptr when it is not remembered.
  const double* find(std::uint32_t observation) const {
    const std::size_t n = std::min<std::size_t>(memory_.n_removed, kRemembered);
    for (std::size_t s = 0; s < n; ++s) {
      if (memory_.removed[s] == observation) return numbers_.data() + s * m_;
    }
    return nullptr;
  }
  /// Room for one more, [m]; the oldest is forgotten when there is none.
  double* add(std::uint32_t observation) {
    const std::size_t s = memory_.n_removed % kRemembered;
    memory_.removed[s] = observation;
    ++memory_.n_removed;
    return numbers_.data() + s * m_;
  }

 private:
  ExplainMemory& memory_;
  std::size_t m_;
  std::span<double> numbers_;
};

std::uint32_t shared_tags(const Catalogue& catalogue, std::uint32_t item, std::uint32_t other) {
  if (catalogue.tag_offset.size() <= catalogue.n_items) return 0;  // a catalogue without tags
  const std::span<const std::uint16_t> tags = catalogue.tags(item);
  const std::span<const std::uint16_t> others = catalogue.tags(other);
  std::uint32_t bits = 0;
  for (std::size_t t = 0; t < std::min<std::size_t>(tags.size(), 32); ++t) {
    if (std::find(others.begin(), others.end(), tags[t]) != others.end()) bits |= 1u << t;
  }
  return bits;
}

// Fills if_removed of reasons whose `shared_tags` is the number of their observation.
void settle_removals(Removal& removal, const double* wanted, std::size_t m, Remembered remembered,
                     std::span<Reason> reasons) {
  constexpr std::uint32_t kSettled = 0xffffffffu;
  for (Reason& reason : reasons) {
    const double* change = remembered.find(reason.shared_tags);
    if (change == nullptr) continue;
    reason.if_removed = -kernels::dot_f64(change, wanted, m);
    reason.shared_tags = kSettled;
  }
  for (std::size_t r = 0; r < reasons.size();) {
    std::uint32_t gone[Removal::kLanes];
    double* change[Removal::kLanes];
    Reason* asked[Removal::kLanes];
    std::size_t n = 0;
    for (; r < reasons.size() && n < removal.lanes(); ++r) {
      if (reasons[r].shared_tags == kSettled) continue;
      gone[n] = reasons[r].shared_tags;
      change[n] = remembered.add(gone[n]);
      asked[n++] = &reasons[r];
    }
    removal.solve({gone, n}, {change, n});
    for (std::size_t l = 0; l < n; ++l) {
      asked[l]->if_removed = -kernels::dot_f64(change[l], wanted, m);
      asked[l]->shared_tags = kSettled;
    }
  }
}

}  // namespace

std::uint32_t explain(const Catalogue& catalogue, const UserModel& user,
                      std::span<const Observation> observations, std::uint32_t item,
                      ExplainMemory& memory, std::span<Reason> out) {
  static_assert(explain_numbers(8192, 7) == (3 + kRemembered + Removal::kVectors) * 8 + 8192);
  if (out.empty()) return 0;
  const std::size_t d = catalogue.n_factors;
  const std::size_t m = catalogue.model.user_bias ? d + 1 : d;
  const double* a = user.cholesky.data();
  double* y = memory.numbers.data();  // A^-1 f_i
  double* f = y + m;                  // f_i, or f_j of the observation at hand
  double* l = f + m;                  // L^-1 f_j

  kernels::write_features(catalogue, item, m, y);
  kernels::solve_lower(a, m, y);
  kernels::solve_lower_transposed(a, m, y);

  if (!memory.ready) {
    memory.ready = true;
    memory.n_removed = 0;
    memory.n_rows = kernels::keep_rows(catalogue, observations, m, memory.rows).size();
  }
  const kernels::Rows rows(catalogue, observations, m, memory.rows.numbers.first(memory.n_rows));

  // z is linear in the right-hand side, which is a sum over the observations and a part that does
  // not depend on them; so is f_i'z. `shared_tags` holds the observation's number until the second
  // pass: the heap reorders reasons, and a reason needs its weight and target again.
  alignas(16) double room[kernels::kBlockDoubles];
  double seen[kernels::kBlockRows];
  std::size_t n = 0;
  for (std::size_t first = 0; first < observations.size();) {
    const auto [block, n_block] = rows.at(first, room);
    kernels::dot_rows(block, m, y, n_block, m, seen);
    for (std::size_t j = 0; j < n_block; ++j) {
      const Observation& o = observations[first + j];
      const Reason reason{
          .item = o.item,
          .shared_tags = static_cast<std::uint32_t>(first + j),
          .contribution = o.weight * (o.target - kernels::offset_of(catalogue, o.item)) * seen[j],
          .if_removed = 0};
      if (n < out.size()) {
        out[n++] = reason;
        std::push_heap(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(n), is_stronger);
      } else if (is_stronger(reason, out.front())) {
        std::pop_heap(out.begin(), out.end(), is_stronger);
        out.back() = reason;
        std::push_heap(out.begin(), out.end(), is_stronger);
      }
    }
    first += n_block;
  }
  std::sort_heap(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(n), is_stronger);

  if (catalogue.model.weighted) {
    kernels::write_features(catalogue, item, m, f);
    const std::span<double> kept = memory.numbers.subspan(3 * m, kRemembered * m);
    Removal removal(catalogue, user, observations, rows, m,
                    memory.numbers.subspan((3 + kRemembered) * m));
    settle_removals(removal, f, m, Remembered(memory, m, kept), out.first(n));
    for (Reason& reason : out.first(n)) {
      reason.shared_tags = shared_tags(catalogue, item, reason.item);
    }
    return static_cast<std::uint32_t>(n);
  }

  // Deleting observation j takes w f_j f_j' from A and w (t - o) f_j from the right-hand side. By
  // Sherman and Morrison z falls by w (t - o - f_j'z) / (1 - w h) A^-1 f_j, h = f_j' A^-1 f_j.
  for (Reason& reason : out.first(n)) {
    const Observation& o = observations[reason.shared_tags];
    kernels::write_features(catalogue, o.item, m, f);
    std::copy(f, f + m, l);
    kernels::solve_lower(a, m, l);
    const double h = kernels::dot_f64(l, l, m);
    const double residual =
        o.target - kernels::offset_of(catalogue, o.item) - kernels::dot_f64(f, user.p.data(), m);
    reason.shared_tags = shared_tags(catalogue, item, o.item);
    reason.if_removed = o.weight * residual / (1 - o.weight * h) * kernels::dot_f64(f, y, m);
  }
  return static_cast<std::uint32_t>(n);
}

}  // namespace ossicle
