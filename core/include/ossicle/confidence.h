#ifndef OSSICLE_CONFIDENCE_H_
#define OSSICLE_CONFIDENCE_H_

#include <cstdint>
#include <span>

namespace ossicle {

/// How sure a number of plays makes us that a listener likes an item, the same in training and on
/// the device:
///   w_ui = scale exp(spread z_ui) listeners_i^-popularity
/// where z_ui is log(1 + plays_ui) standardised within the listener, by their mean and by their
/// standard deviation + sd_floor, held within +-clip. What a listener plays more than their other
/// items counts more, however much they play altogether; what everybody plays says less about them.
struct PlayConfidence {
  double spread = 0;      ///< 0: the number of plays does not matter
  double popularity = 0;  ///< 0: nor does the number of listeners
  double scale = 1;       ///< 1 / mean of w over the training pairs
  double sd_floor = 0.3;  ///< in log(1 + plays); listeners whose counts hardly differ keep z small
  double clip = 2.5;
};

/// w of one listener's items, all at once. `plays` (>= 0, not all of them whole: plays decay) and
/// `listeners` (>= 1) are [n], as is `out`. Bit-identical on every build. O(n).
void play_confidence(const PlayConfidence& settings, std::span<const double> plays,
                     std::span<const std::uint32_t> listeners, std::span<double> out);

}  // namespace ossicle

#endif  // OSSICLE_CONFIDENCE_H_
