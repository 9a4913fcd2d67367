#include "mf/checks.h"

#include <cmath>

namespace ossicle::mf {

Status check(const Interactions& x) {
  const Error shape{Code::kInvalidArgument, x.n_users, "interactions: array sizes do not fit"};
  if (x.n_users < 1 || x.n_items < 1 || x.offset.size() != std::size_t{x.n_users} + 1) return shape;
  if (x.offset[0] != 0 || x.offset[x.n_users] != x.item.size()) return shape;
  if (x.item.size() != x.weight.size()) return shape;
  for (std::uint32_t u = 0; u < x.n_users; ++u) {
    if (x.offset[u + 1] < x.offset[u] || x.offset[u + 1] > x.item.size()) {
      return Error{Code::kInvalidArgument, u, "interactions: offsets of a user do not rise"};
    }
    const auto from = static_cast<std::size_t>(x.offset[u]);
    const auto to = static_cast<std::size_t>(x.offset[u + 1]);
    for (std::size_t e = from; e < to; ++e) {
      if (x.item[e] >= x.n_items || (e > from && x.item[e] <= x.item[e - 1])) {
        return Error{Code::kInvalidArgument, u, "interactions: a user's items must rise, below N"};
      }
      if (!std::isfinite(x.weight[e]) || !(x.weight[e] > 0)) {
        return Error{Code::kInvalidArgument, u, "interactions: a weight is not a number above 0"};
      }
    }
  }
  return Status();
}

Status check_positive(double x, const char* what) {
  if (std::isfinite(x) && x > 0) return {};
  return Error{Code::kInvalidArgument, 0, what};
}

}  // namespace ossicle::mf
