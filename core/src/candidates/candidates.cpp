#include <cstddef>

#include "kernels/scan.h"
#include "ossicle/pipeline.h"

namespace ossicle {
namespace {

/// Rows are ordered most-listened first, so the best items are the first that are allowed.
std::uint32_t most_listened(const Catalogue& catalogue, std::span<const std::uint8_t> excluded,
                            std::span<Candidate> out) {
  std::size_t found = 0;
  for (std::uint32_t i = 0; i < catalogue.n_items && found < out.size(); ++i) {
    if (!excluded.empty() && excluded[i] != 0) continue;
    out[found++] = {i, static_cast<float>(catalogue.listeners[i])};
  }
  return static_cast<std::uint32_t>(found);
}

}  // namespace

std::uint32_t find_candidates(const Catalogue& catalogue, const UserModel& user,
                              std::span<const std::uint8_t> excluded, std::span<Candidate> out) {
  // A model with biases ranks items for a listener of whom nothing is known; one without has
  // p_u = 0, which scores every item alike.
  if (user.n_observations == 0 && !catalogue.model.user_bias) {
    return most_listened(catalogue, excluded, out);
  }
  const kernels::ScanRows rows = {catalogue.q.data(), catalogue.row_stride, catalogue.scale,
                                  catalogue.bias,     catalogue.rowsum,     excluded};
  const kernels::ScanQuery query = {user.p_u7.data(), user.p_scale,
                                    static_cast<float>(catalogue.model.mu)};
  return static_cast<std::uint32_t>(kernels::scan_top(rows, query, out));
}

}  // namespace ossicle
