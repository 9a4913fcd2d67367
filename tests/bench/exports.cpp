// The workloads as a flat C surface for the glue-less WebAssembly module. One workload of each kind
// is open at a time.

#include <cstdint>

#include "engine_workload.h"
#include "kernels/dot.h"
#include "kernels/selftest/selftest.h"
#include "workload.h"

#define OSL_BENCH_EXPORT(name) extern "C" __attribute__((export_name(#name)))

namespace {

ossicle::bench::ScanWorkload scan;
ossicle::bench::FoldInWorkload fold;
ossicle::bench::FollowWorkload follow;
ossicle::bench::ListWorkload list;

}  // namespace

/// The address of kernels_isa(), ended by a zero byte.
OSL_BENCH_EXPORT(bench_isa) const char* bench_isa() { return ossicle::kernels::kernels_isa(); }

/// 0 = right.
OSL_BENCH_EXPORT(bench_selftest) std::int32_t bench_selftest(std::uint32_t rounds) {
  return static_cast<std::int32_t>(ossicle::kernels::selftest(rounds).error().code);
}

OSL_BENCH_EXPORT(bench_scan_open)
std::int32_t bench_scan_open(std::uint32_t n, std::uint32_t d, std::uint32_t k) {
  return scan.open(n, d, k) ? 1 : 0;
}
OSL_BENCH_EXPORT(bench_scan_run) std::uint32_t bench_scan_run() { return scan.run(); }
OSL_BENCH_EXPORT(bench_scan_stream) std::uint32_t bench_scan_stream() { return scan.stream(); }
OSL_BENCH_EXPORT(bench_scan_check) std::int32_t bench_scan_check() { return scan.check() ? 1 : 0; }
OSL_BENCH_EXPORT(bench_scan_bytes) double bench_scan_bytes() {
  return static_cast<double>(scan.bytes());
}
OSL_BENCH_EXPORT(bench_scan_hash) std::uint64_t bench_scan_hash() { return scan.answer_hash(); }

OSL_BENCH_EXPORT(bench_fold_in_open)
std::int32_t bench_fold_in_open(std::uint32_t n_items, std::uint32_t d, std::uint32_t plays) {
  return fold.open(n_items, d, plays) ? 1 : 0;
}
OSL_BENCH_EXPORT(bench_fold_in_run) std::int32_t bench_fold_in_run() { return fold.run(); }
OSL_BENCH_EXPORT(bench_fold_in_stream) std::uint32_t bench_fold_in_stream() {
  return fold.stream();
}
OSL_BENCH_EXPORT(bench_fold_in_check) std::int32_t bench_fold_in_check() {
  return fold.check() ? 1 : 0;
}
OSL_BENCH_EXPORT(bench_fold_in_bytes) double bench_fold_in_bytes() {
  return static_cast<double>(fold.bytes());
}
OSL_BENCH_EXPORT(bench_fold_in_hash) std::uint64_t bench_fold_in_hash() {
  return fold.answer_hash();
}

OSL_BENCH_EXPORT(bench_follow_open)
std::int32_t bench_follow_open(std::uint32_t n_items, std::uint32_t d, std::uint32_t plays) {
  return follow.open(n_items, d, plays) ? 1 : 0;
}
OSL_BENCH_EXPORT(bench_follow_run) std::int32_t bench_follow_run() { return follow.run(); }
OSL_BENCH_EXPORT(bench_follow_stream) std::uint32_t bench_follow_stream() {
  return follow.stream();
}
OSL_BENCH_EXPORT(bench_follow_check) std::int32_t bench_follow_check() {
  return follow.check() ? 1 : 0;
}
OSL_BENCH_EXPORT(bench_follow_bytes) double bench_follow_bytes() {
  return static_cast<double>(follow.bytes());
}
OSL_BENCH_EXPORT(bench_follow_hash) std::uint64_t bench_follow_hash() {
  return follow.answer_hash();
}

OSL_BENCH_EXPORT(bench_list_open)
std::int32_t bench_list_open(std::uint32_t n_items, std::uint32_t d, std::uint32_t plays) {
  return list.open(n_items, d, plays) ? 1 : 0;
}
OSL_BENCH_EXPORT(bench_list_run) std::int32_t bench_list_run() { return list.run(); }
OSL_BENCH_EXPORT(bench_list_stream) std::uint32_t bench_list_stream() { return list.stream(); }
OSL_BENCH_EXPORT(bench_list_check) std::int32_t bench_list_check() { return list.check() ? 1 : 0; }
OSL_BENCH_EXPORT(bench_list_bytes) double bench_list_bytes() {
  return static_cast<double>(list.bytes());
}
OSL_BENCH_EXPORT(bench_list_hash) std::uint64_t bench_list_hash() { return list.answer_hash(); }
