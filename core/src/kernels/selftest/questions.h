#ifndef OSSICLE_KERNELS_SELFTEST_QUESTIONS_H_
#define OSSICLE_KERNELS_SELFTEST_QUESTIONS_H_

// The operands of the self-test. Inside the kernels only.

#include <array>
#include <cstddef>
#include <cstdint>

namespace ossicle::kernels {

struct DotQuestion {
  static constexpr std::size_t kLongest = 384;
  std::size_t n = 0;
  std::array<std::int8_t, kLongest> a{};
  std::array<std::uint8_t, kLongest> b{};
};

struct ScanQuestion {
  static constexpr std::size_t kRows = 39;  // not a multiple of the rows scored together
  static constexpr std::size_t kWidest = 64;
  std::size_t stride = 0;
  std::array<std::int8_t, kRows * kWidest> rows{};
  std::array<std::uint8_t, kWidest> query{};
  std::array<float, kRows> scale{}, bias{};
  std::array<std::int32_t, kRows> rowsum{};
  std::array<std::uint8_t, kRows> excluded{};
};

struct DenseQuestion {
  static constexpr std::size_t kK = 9, kN = 11;
  std::array<double, kN * kK> f{};
  std::array<double, kN> w{};
  std::array<double, kK * kK> a{};
  std::array<double, kK> b{};
};

/// Sizes that fill neither a tile of rows nor a panel nor a block.
struct LinearQuestion {
  static constexpr std::size_t kIn = 40, kOut = 13, kPanels = 48 * 16, kN = 17;
  std::array<std::int8_t, kPanels> panels{};
  std::array<float, kOut> scale{}, offset{}, bias{};
  std::array<float, kN * kIn> x{};
};

struct AttentionQuestion {
  static constexpr std::size_t kD = 24, kTokens = 19;
  std::array<float, kTokens * 3 * kD> qkv{};
};

struct ElementwiseQuestion {
  static constexpr std::size_t kChannels = 24, kN = 3;
  std::array<float, kN * kChannels> x{}, y{};
  std::array<float, kChannels> weight{}, bias{};
};

/// Some 40 KB. Made once, since making them takes longer than answering them.
struct SelftestQuestions {
  std::array<DotQuestion, 16> dots;
  std::array<ScanQuestion, 2> scans;
  DenseQuestion dense;
  std::array<LinearQuestion, 2> linears;  ///< mixed, and the largest sums that the weights allow
  AttentionQuestion attention;
  ElementwiseQuestion elementwise;

  SelftestQuestions();
};

}  // namespace ossicle::kernels

#endif  // OSSICLE_KERNELS_SELFTEST_QUESTIONS_H_
