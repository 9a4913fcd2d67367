// XNNPACK's WebAssembly softmax kernel, compiled for x86-64: the intrinsics it uses, in SSE2, one
// for one. Its SSE2 kernel adds up a row in another order, and then native and wasm differ in the
// last bit.
#pragma once
#include <emmintrin.h>
#include <stdint.h>
#include <string.h>

typedef __m128 v128_t;

#define wasm_f32x4_const_splat(x) _mm_set1_ps(x)
#define wasm_f32x4_add(a, b) _mm_add_ps(a, b)
#define wasm_f32x4_sub(a, b) _mm_sub_ps(a, b)
#define wasm_f32x4_mul(a, b) _mm_mul_ps(a, b)
#define wasm_f32x4_lt(a, b) _mm_cmplt_ps(a, b)
// SSE has the complemented operand first.
#define wasm_v128_andnot(a, not_b) _mm_andnot_ps(not_b, a)
#define wasm_i32x4_shl(a, bits) _mm_castsi128_ps(_mm_slli_epi32(_mm_castps_si128(a), bits))
#define wasm_v128_load(p) _mm_loadu_ps((const float*)(p))
#define wasm_v128_load32_splat(p) _mm_set1_ps(*(const float*)(p))
#define wasm_v128_store(p, a) _mm_storeu_ps((float*)(p), a)
#define wasm_v128_store64_lane(p, a, lane) (memcpy(p, (const char*)&(a) + 8 * (lane), 8))
#define wasm_v128_store32_lane(p, a, lane) (memcpy(p, (const char*)&(a) + 4 * (lane), 4))
#define wasm_f32x4_extract_lane(a, lane) \
  _mm_cvtss_f32(_mm_shuffle_ps(a, a, _MM_SHUFFLE(lane, lane, lane, lane)))
// Only with both lanes from the first operand, which is how the kernel calls it.
#define wasm_v64x2_shuffle(a, b, i, j) \
  _mm_castpd_ps(_mm_shuffle_pd(_mm_castps_pd(a), _mm_castps_pd(a), (j) << 1 | (i)))
