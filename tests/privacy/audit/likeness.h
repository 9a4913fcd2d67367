#ifndef OSSICLE_TESTS_PRIVACY_AUDIT_LIKENESS_H_
#define OSSICLE_TESTS_PRIVACY_AUDIT_LIKENESS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ossicle::audit {

// What an attacker makes of numbers modulo q that should look random.

inline constexpr std::size_t kBits = 32;
inline constexpr std::size_t kFeatures = kBits + 2;  ///< bits, magnitude, the constant

/// How often each bit is set, and how large the numbers are: whatever a mask leaves of numbers that
/// are not all zero (their sign, their high bits, their size) is a linear function of these.
using Features = std::array<double, kFeatures>;
Features features_of(std::span<const std::uint32_t> numbers);

/// Least squares with a ridge: whether something is so, from its features.
class Classifier {
 public:
  void learn(const Features& x, bool is_so);
  void solve();
  double score(const Features& x) const;

 private:
  std::array<Features, kFeatures> gram_{};
  Features weights_{};
};

/// What is kept of a report to compare it with others.
struct Print {
  std::vector<double> direction;     ///< of length 1: shows what the numbers have in common
  std::vector<std::uint32_t> probe;  ///< numbers that are subtracted one by one
};

/// Scales to length 1.
void normalise(std::span<double> direction);

/// The first of the numbers.
std::vector<std::uint32_t> probe_of(std::span<const std::uint32_t> numbers);

/// How many of `first` are more like the one at the same place of `second` than like any other.
std::uint32_t link(const std::vector<Print>& first, const std::vector<Print>& second);

}  // namespace ossicle::audit

#endif  // OSSICLE_TESTS_PRIVACY_AUDIT_LIKENESS_H_
