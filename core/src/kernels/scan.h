#ifndef OSSICLE_KERNELS_SCAN_H_
#define OSSICLE_KERNELS_SCAN_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "ossicle/pipeline.h"

namespace ossicle::kernels {

/// The rows of one scan. N = scale.size(). `rows` is [N, stride] in -127..127, stride a multiple of
/// 16 and at most 1024.
struct ScanRows {
  const std::int8_t* rows = nullptr;
  std::size_t stride = 0;
  std::span<const float> scale;            ///< [N]
  std::span<const float> bias;             ///< [N]
  std::span<const std::int32_t> rowsum;    ///< [N], sum of each row's bytes
  std::span<const std::uint8_t> excluded;  ///< [N] or empty; rows with != 0 are left out
};

/// One query: 7-bit values with zero point 64.
struct ScanQuery {
  const std::uint8_t* u7 = nullptr;  ///< [stride], 0..127
  float scale = 0;
  float offset = 0;  ///< added to every score
};

/// Exact top out.size() (up to 4096) of
///   score_i = f32(dot(row_i, u7) - 64 rowsum_i) * (scale_i * query.scale) + (bias_i +
///   query.offset)
/// in f32 in this order, bit-identical on every build. `out` is written best first, ties to the
/// lower row, and is the only memory used. Returns how many were found. A score that is not greater
/// than -infinity (NaN included) is never found. O(N stride), plus O(log K) for each row that is
/// among the best K so far.
std::size_t scan_top(const ScanRows& rows, const ScanQuery& query, std::span<Candidate> out);

/// The oracle, always compiled: one row at a time.
std::size_t scan_top_scalar(const ScanRows& rows, const ScanQuery& query, std::span<Candidate> out);

}  // namespace ossicle::kernels

#endif  // OSSICLE_KERNELS_SCAN_H_
