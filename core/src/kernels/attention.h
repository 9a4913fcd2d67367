#ifndef OSSICLE_KERNELS_ATTENTION_H_
#define OSSICLE_KERNELS_ATTENTION_H_

#include <cstddef>
#include <cstdint>

#include "kernels/linear.h"

namespace ossicle::kernels {

// Scaled dot-product attention of one head (Vaswani et al. 2017) in integers. D = head size.
//
// Keys and values are 8-bit with one scale a token, x ~ scale * s8; queries are 7-bit rows as in
// quantise_rows(). Then, for one query and the tokens t it sees,
//   score_t = f32(sum k_t q) * (q_scale c * k_scale_t) + (q_zero c * (k_scale_t * sum k_t) + 0)
//   e_t = 2^(score_t - max score), with c = log2(e) / sqrt(D)
//   w_t = e_t * v_scale_t, as 7-bit integers u_t = round(w_t * (1 / (max w / 127)))
//   out = f32(sum u_t v_t) * ((max w / 127) / sum e_t);
// the scale of a value is part of its weight, so that tokens can be appended one at a time. The sum
// of e_t runs in 4 lanes (t mod 4), added as (0+1)+(2+3).

/// Keys and values of one head, packed for the products; the caller owns the memory. Capacity =
/// the most tokens it holds, at most 2^16.
struct KeyValues {
  std::size_t head_size = 0, capacity = 0;
  std::byte* memory = nullptr;  ///< key_values_bytes(head_size, capacity), aligned to 64, zeroed
};
std::size_t key_values_bytes(std::size_t head_size, std::size_t capacity);

/// Stores `tokens` keys and values [tokens, D], rows `stride` floats apart, as tokens `at`, at + 1,
/// ... A cache is filled in order; what was stored from `at` on is replaced.
void append_key_values(const KeyValues& cache, std::size_t at, const float* keys,
                       const float* values, std::size_t stride, std::size_t tokens);

/// Which tokens a query sees: row r sees the tokens before first + r * step. step 0 is an encoder,
/// step 1 a causal decoder.
struct Visible {
  std::size_t first = 0, step = 0;
};

/// The size of attend()'s scratch memory.
std::size_t attend_bytes(std::size_t head_size, std::size_t capacity);

/// out [rows, D], rows `out_stride` floats apart, from queries [rows, D], rows `stride` apart.
/// Every row must see at least one token, all of them stored. `scratch` is aligned to 64.
void attend(const KeyValues& cache, const float* queries, std::size_t stride, std::size_t rows,
            Visible visible, float* out, std::size_t out_stride, std::byte* scratch,
            Dot dot = Dot::kPairs);

/// The oracle: attend() after append_key_values() of all keys and values. All rows are `stride`
/// apart. `scratch` is one float for each visible token.
void attention_scalar(std::size_t head_size, const float* queries, const float* keys,
                      const float* values, std::size_t stride, std::size_t rows, Visible visible,
                      float* out, std::size_t out_stride, float* scratch);

}  // namespace ossicle::kernels

#endif  // OSSICLE_KERNELS_ATTENTION_H_
