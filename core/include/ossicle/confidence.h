#ifndef OSSICLE_CONFIDENCE_H_
#define OSSICLE_CONFIDENCE_H_

#include <cstdint>
#include <span>

namespace ossicle {

/// How sure plays make us that a listener likes an item, the same in training and on the device:
///   w_ui = scale exp(spread z_ui) listeners_i^-popularity
/// where z_ui is log(1 + plays_ui) standardised within the listener, by the mean and by the
/// standard deviation + sd_floor, held within +-clip. What a listener plays more than their other
/// items counts more, however much they play altogether; what everybody plays says less about them.
struct PlayConfidence {
  double spread = 0;      ///< 0: the number of plays does not matter
  double popularity = 0;  ///< 0: nor does the number of listeners
  double scale = 1;       ///< 1 / mean of w over the training pairs
  double sd_floor = 0.3;  ///< in log(1 + plays); listeners whose counts hardly differ keep z small
  double clip = 2.5;
};

/// The part of w that one listener's plays decide: first every item is added, then each is weighed.
/// Bit-identical on every build.
class PlaySpread {
 public:
  explicit PlaySpread(const PlayConfidence& settings) : settings_(settings) {}

  /// log(1 + plays) for `plays` >= 0, which are not always whole: plays decay.
  static double level(double plays);

  void add(double plays) { add_level(level(plays)); }
  void add_level(double level);
  void remove_level(double level);
  /// scale exp(spread z), of an item that was added.
  double weigh(double plays) const { return weights().weigh_level(level(plays)); }

  /// The same for many items, with mean and deviation worked out once.
  class Weights {
   public:
    double weigh_level(double level) const;
    /// w of an item on the device, whose plays decay; `level` is level(plays) and `discount` its
    /// popularity_discount(). What is left of a single play fades out: without this an item would
    /// keep its weight until its evidence is dropped. An item that is loved as
    /// much as `love` plays (0: it is not) has the highest z, `clip`, and `love` times its weight.
    double confidence(double plays, double level, double discount, float love) const;
    /// The same in two steps, for who takes many powers of two at a time: confidence is
    /// of_power(plays, discount, love, 2^exponent).
    double exponent(double level, float love) const;
    double of_power(double plays, double discount, float love, double power) const;

   private:
    friend class PlaySpread;
    Weights(const PlayConfidence& settings, double mean, double deviation)
        : settings_(settings), mean_(mean), deviation_(deviation) {}
    PlayConfidence settings_;
    double mean_, deviation_;
  };
  Weights weights() const;

 private:
  PlayConfidence settings_;
  double n_ = 0, sum_ = 0, squares_ = 0;
};

/// listeners^-popularity, the other part of w; an item without listeners counts as if it had one.
double popularity_discount(const PlayConfidence& settings, std::uint32_t listeners);

/// How much it says that nobody played an item: c_i ~ (listeners_i + 1)^exponent, of mean 1 over
/// the items with at least `warm_listeners`. Both [N].
void negative_weights(std::span<const std::uint32_t> listeners, double exponent,
                      std::uint32_t warm_listeners, std::span<double> out);

}  // namespace ossicle

#endif  // OSSICLE_CONFIDENCE_H_
