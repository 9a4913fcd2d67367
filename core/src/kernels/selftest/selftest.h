#ifndef OSSICLE_KERNELS_SELFTEST_SELFTEST_H_
#define OSSICLE_KERNELS_SELFTEST_SELFTEST_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/linear.h"
#include "kernels/scan.h"
#include "ossicle/status.h"

namespace ossicle::kernels {

/// What the self-test runs. A test replaces a member by a wrong one to see it rejected.
struct SelftestKernels {
  std::int32_t (*dot)(const std::int8_t* a, const std::uint8_t* b, std::size_t n);
  std::size_t (*scan)(const ScanRows& rows, const ScanQuery& query, std::span<Candidate> out);
  void (*syrk)(const double* f, std::size_t ld, const double* w, std::size_t n, std::size_t k,
               double* a);
  bool (*cholesky)(double* a, std::size_t k);
  void (*solve)(const double* a, std::size_t k, double* b);
  void (*solve_transposed)(const double* a, std::size_t k, double* b);
  /// y [rows, out] from x [rows, in]; `scratch` as for kernels::linear().
  void (*linear)(const PackedLinear& linear, const float* x, std::size_t rows, float* y,
                 std::byte* scratch, Dot dot);
  /// out [tokens, D] from qkv [tokens, 3D], each token seeing itself and those before it; `memory`
  /// holds key_values_bytes() and attend_bytes().
  void (*attention)(std::size_t head_size, const float* qkv, std::size_t tokens, float* out,
                    std::byte* memory, Dot dot);
  void (*gelu)(float* x, std::size_t n);
  void (*add_layer_norm)(float* x, const float* y, std::size_t rows, std::size_t channels,
                         const float* weight, const float* bias, float epsilon);
};

/// The kernels that the product uses.
SelftestKernels product_kernels();
/// The oracles, which made the committed answers.
SelftestKernels scalar_kernels();

inline constexpr std::size_t kSelftestAnswers = 37;
struct SelftestAnswers {
  std::array<std::uint64_t, kSelftestAnswers> bits{};
  std::array<const char*, kSelftestAnswers> what{};  ///< the kernel each answer is about
  std::size_t count = 0;                             ///< answers given
};

/// What these kernels answer to the known questions.
SelftestAnswers selftest_answers(const SelftestKernels& kernels);

/// Compares with the committed answers of the scalar oracle, bit for bit; `rounds` times over, so
/// that an engine's baseline and optimising compilers are both seen; the layers' kernels are asked
/// in the first round and every eighth after it. Errors: internal (`at` = index of the first wrong
/// answer, `what` = the kernel).
Status selftest(std::uint32_t rounds);
Status selftest(std::uint32_t rounds, const SelftestKernels& kernels);

}  // namespace ossicle::kernels

#endif  // OSSICLE_KERNELS_SELFTEST_SELFTEST_H_
