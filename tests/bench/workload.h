#ifndef OSSICLE_TESTS_BENCH_WORKLOAD_H_
#define OSSICLE_TESTS_BENCH_WORKLOAD_H_

// What is measured, without a clock: the callers (JavaScript or native.cpp) hold it.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/scan.h"
#include "ossicle/catalogue.h"
#include "ossicle/pipeline.h"
#include "ossicle/types.h"

namespace ossicle::bench {

/// Reads `n` bytes (a multiple of 64, 16-byte aligned) as fast as they come.
std::uint32_t read_all(const std::byte* at, std::size_t n);

/// FNV-1a.
struct Hash {
  std::uint64_t value = 0xcbf29ce484222325u;
  void add(const void* data, std::size_t n) {
    const auto* at = static_cast<const unsigned char*>(data);
    for (std::size_t i = 0; i < n; ++i) value = (value ^ at[i]) * 0x100000001b3u;
  }
};

/// An exact top-k scan over random rows [n, d], one row in 200 excluded.
class ScanWorkload {
 public:
  static constexpr std::uint32_t kMostResults = 4096;

  /// False when the memory cannot be had or d is not a multiple of 16.
  bool open(std::uint32_t n, std::uint32_t d, std::uint32_t k);

  std::uint32_t run();
  /// The memory floor: reads every byte that the scan reads, and does nothing else with it.
  std::uint32_t stream() const;
  /// Whether run()'s answer is the scalar oracle's, bit for bit.
  bool check();
  /// Of the last run's rows and scores: the same on every build.
  std::uint64_t answer_hash() const;
  std::uint64_t bytes() const { return memory_.size(); }

 private:
  OwnedBytes memory_;  ///< rows, scale, bias, rowsum, one after another
  std::vector<std::uint8_t> excluded_, query_;
  std::vector<Candidate> out_;
  kernels::ScanRows rows_;
  std::uint32_t found_ = 0;
};

/// The product's fold_in of `plays` different items over a synthetic catalogue.
class FoldInWorkload {
 public:
  bool open(std::uint32_t n_items, std::uint32_t d, std::uint32_t plays);

  /// The Code of fold_in; 0 = ok.
  std::int32_t run();
  /// Reads every byte that fold_in reads: the rows of the plays and the Gram matrix.
  std::uint32_t stream() const;
  /// Whether run()'s p_u is what the scalar kernels solve, bit for bit.
  bool check();
  std::uint64_t answer_hash() const;
  std::uint64_t bytes() const;

 private:
  CatalogueData data_;
  std::vector<Observation> observations_;
  std::vector<double> p_, cholesky_;
  std::vector<std::uint8_t> p_u7_;
  UserModel user_;
};

}  // namespace ossicle::bench

#endif  // OSSICLE_TESTS_BENCH_WORKLOAD_H_
