#ifndef OSSICLE_TEXT_MAP_H_
#define OSSICLE_TEXT_MAP_H_

#include <cstdint>
#include <span>
#include <vector>

#include "ossicle/catalogue.h"
#include "ossicle/status.h"

namespace ossicle {

/// A linear map from a text vector [t] (of unit length, as Encoder gives it) to an item factor [d]:
/// q ~ [text; 1] m. It gives an item that nobody has played a place among those that were.
struct TextMap {
  std::uint32_t text_size = 0;  ///< t
  std::uint32_t factors = 0;    ///< d
  std::vector<float> m;         ///< [t + 1, d], the last row is the intercept
};

/// The minimum of sum_i weight_i |q_i - [text_i; 1] m|^2 + ridge |m without its last row|^2 over
/// the items with weight_i > 0. `text` is [N, t], `q` [N, d], `weight` [N]. In f64 and one order:
/// the same bytes on every build. O(N t (t + d)). Errors: invalid_argument (sizes; ridge not above
/// 0; `at` = item whose weight is negative or not finite), not_solvable.
Result<TextMap> fit_text_map(std::span<const float> text, std::span<const float> q,
                             std::span<const float> weight, std::uint32_t text_size,
                             std::uint32_t factors, double ridge);

/// [text; intercept] m in f64, [d], texts in order: a factor where `intercept` is 1, what a
/// difference of two texts gives where it is 0. `m` is [t + 1, d], `text` [t]; nothing is checked.
void map_text_f64(std::span<const float> m, std::span<const double> text, double intercept,
                  std::span<double> out);

/// The factor of a text, [d]; `m` as in TextMap, [t + 1, d], `text` [t]. Sums in f64, in order.
/// Errors: invalid_argument (sizes), not_finite (at = index in `text`).
Status map_text(std::span<const float> m, std::span<const float> text, std::span<float> factor);

}  // namespace ossicle

#endif  // OSSICLE_TEXT_MAP_H_
