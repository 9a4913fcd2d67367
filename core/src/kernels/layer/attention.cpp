#include "kernels/attention.h"

#include <algorithm>
#include <limits>

#include "kernels/layer/tile.h"

namespace ossicle::kernels {
namespace {

using isa::Activation;
using isa::F32x4;
using isa::I32x4;
using isa::I8x16;
using isa::Weight;

constexpr std::size_t kLine = 64;
constexpr std::size_t aligned(std::size_t bytes) { return (bytes + kLine - 1) / kLine * kLine; }

/// Takes one part after the other; of no memory, only their sizes.
class Carver {
 public:
  explicit Carver(std::byte* memory) : memory_(memory) {}
  template <class T>
  T* take(std::size_t n) {
    T* part = memory_ == nullptr ? nullptr : reinterpret_cast<T*>(memory_ + at_);
    at_ += aligned(n * sizeof(T));
    return part;
  }
  std::size_t size() const { return at_; }

 private:
  std::byte* memory_;
  std::size_t at_ = 0;
};

/// The parts of KeyValues::memory. Tokens are the channels of the keys and the inputs of the
/// values.
struct CacheParts {
  float *key_scale, *key_offset, *no_bias;  // [capacity]
  float* value_scale;                       // [capacity]
  Weight *keys, *values;                    // panels
  std::size_t size;
  CacheParts(std::byte* memory, std::size_t head_size, std::size_t capacity) {
    Carver carver(memory);
    const std::size_t tokens = padded_in(capacity);
    key_scale = carver.take<float>(tokens);
    key_offset = carver.take<float>(tokens);
    no_bias = carver.take<float>(tokens);
    value_scale = carver.take<float>(tokens);
    keys = carver.take<Weight>(panels_of(capacity) * kPanel * padded_in(head_size));
    values = carver.take<Weight>(panels_of(head_size) * kPanel * tokens);
    size = carver.size();
  }
};

/// The parts of attend()'s scratch.
struct ScratchParts {
  Activation* queries;  // a tile [kTileRows, D]
  Activation* weights;  // a tile [kTileRows, tokens]
  float* scores;        // [kTileRows, tokens]
  std::size_t size;
  ScratchParts(std::byte* memory, std::size_t head_size, std::size_t capacity) {
    Carver carver(memory);
    queries = carver.take<Activation>(isa::kTileRows * padded_in(head_size));
    weights = carver.take<Activation>(isa::kTileRows * padded_in(capacity));
    scores = carver.take<float>(isa::kTileRows * padded_in(capacity));
    size = carver.size();
  }
};

struct TokenScale {
  float scale, inverse;
  explicit TokenScale(float largest) : scale(largest * (1.0f / 127.0f)) {
    inverse = inverse_scale(scale);
    if (inverse == 0.0f) scale = 0.0f;
  }
};

TokenScale token_scale(const float* x, std::size_t n) {
  F32x4 largest = isa::splat(0);
  isa::for_blocks(x, n, 0, [&](std::size_t, const float* v) {
    const F32x4 a = isa::max(isa::abs(isa::load<F32x4>(v)), isa::abs(isa::load<F32x4>(v + 4)));
    const F32x4 b = isa::max(isa::abs(isa::load<F32x4>(v + 8)), isa::abs(isa::load<F32x4>(v + 12)));
    largest = isa::max(largest, isa::max(a, b));
  });
  return TokenScale(isa::max_lane(largest));
}

void quantise_block(const float* v, F32x4 inverse, const isa::RoundS8& round, I32x4 (&q)[4]) {
  for (std::size_t j = 0; j < 4; ++j) q[j] = round(isa::load<F32x4>(v + 4 * j) * inverse);
}

void append_key(const CacheParts& parts, std::size_t t, const float* key, std::size_t head_size,
                const isa::RoundS8& round) {
  const TokenScale s = token_scale(key, head_size);
  I32x4 sum = {};
  isa::for_blocks(key, head_size, 0, [&](std::size_t i, const float* v) {
    I32x4 q[4];
    quantise_block(v, isa::splat(s.inverse), round, q);
    sum += (q[0] + q[1]) + (q[2] + q[3]);
    isa::store_channel(parts.keys, head_size, t, i, q);
  });
  parts.key_scale[t] = s.scale;
  parts.key_offset[t] = s.scale * static_cast<float>((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

void append_value(const CacheParts& parts, std::size_t t, const float* value, std::size_t head_size,
                  std::size_t capacity, const isa::RoundS8& round) {
  const TokenScale s = token_scale(value, head_size);
  parts.value_scale[t] = s.scale;
  isa::for_blocks(value, head_size, 0, [&](std::size_t i, const float* v) {
    I32x4 q[4];
    quantise_block(v, isa::splat(s.inverse), round, q);
    for (std::size_t j = 0; j < std::min(kBlockIn, head_size - i); ++j) {
      parts.values[isa::weight_index(capacity, i + j, t)] = static_cast<Weight>(q[j / 4][j % 4]);
    }
  });
}

/// append_value() of the tokens t..t + 3, t a multiple of 4, whose quads then are whole;
/// `head_size` is a multiple of 16.
void append_four_values(const CacheParts& parts, std::size_t t, const float* values,
                        std::size_t stride, std::size_t head_size, std::size_t capacity,
                        const isa::RoundS8& round) {
  F32x4 inverse[4];
  for (std::size_t j = 0; j < 4; ++j) {
    const TokenScale s = token_scale(values + j * stride, head_size);
    parts.value_scale[t + j] = s.scale;
    inverse[j] = isa::splat(s.inverse);
  }
  for (std::size_t i = 0; i < head_size; i += kBlockIn) {
    I8x16 token[4];
    for (std::size_t j = 0; j < 4; ++j) {
      I32x4 q[4];
      quantise_block(values + j * stride + i, inverse[j], round, q);
      token[j] = isa::narrow(isa::narrow(q[0], q[1]), isa::narrow(q[2], q[3]));
    }
    I8x16 quads[4];  // of four channels each
    isa::interleave(token, quads);
    for (std::size_t j = 0; j < 4; ++j) {
      isa::store_quads(parts.values, capacity, i + 4 * j, t, quads[j]);
    }
  }
}

/// Scores [n], padded to [padded_in(n)], into weights w_t in place. Returns their scale and the
/// factor of the output.
struct Softmax {
  TokenScale weight;
  float factor;
};
Softmax softmax(float* scores, const float* value_scale, std::size_t n) {
  const std::size_t vectors = n / 4 * 4;  // the last three are taken one at a time
  F32x4 high = isa::splat(scores[0]);
  for (std::size_t i = 0; i < vectors; i += 4) high = isa::max(high, isa::load<F32x4>(scores + i));
  float highest = isa::max_lane(high);
  for (std::size_t i = vectors; i < n; ++i) highest = highest < scores[i] ? scores[i] : highest;

  const isa::Exp2 exp2;
  F32x4 sum = isa::splat(0), large = sum;
  const F32x4 shift = isa::splat(highest);
  for (std::size_t i = 0; i < vectors; i += 4) {
    const F32x4 e = exp2(isa::load<F32x4>(scores + i) - shift);
    const F32x4 w = e * isa::load<F32x4>(value_scale + i);
    isa::store(scores + i, w);
    sum += e;
    large = isa::max(large, w);
  }
  float largest = isa::max_lane(large);
  for (std::size_t i = vectors; i < n; ++i) {
    const float e = exp2_scalar(scores[i] - highest);
    sum[i % 4] += e;
    scores[i] = e * value_scale[i];
    largest = largest < scores[i] ? scores[i] : largest;
  }
  std::fill(scores + n, scores + padded_in(n), 0.0f);
  const TokenScale weight(largest);
  return {weight, weight.scale / ((sum[0] + sum[1]) + (sum[2] + sum[3]))};
}

/// The mixed values of a tile of rows.
struct Mix {
  const float* factor;  // [R]
  float* y;
  std::size_t stride;
  std::size_t channels;

  template <std::size_t R>
  [[gnu::always_inline]] inline void put(std::size_t n, const I32x4 (&sums)[R]) const {
    const float* const factors = factor;
    float* to = y + n;
    const std::size_t step = stride, left = channels - std::min(channels, n);
#pragma clang loop unroll(full)
    for (std::size_t r = 0; r < R; ++r, to += step) {
      const F32x4 v = isa::to_f32(sums[r]) * isa::splat(factors[r]);
      if (left >= 4) {
        isa::store(to, v);
      } else {
        for (std::size_t i = 0; i < left; ++i) to[i] = v[i];
      }
    }
  }
};

}  // namespace

std::size_t key_values_bytes(std::size_t head_size, std::size_t capacity) {
  return CacheParts(nullptr, head_size, capacity).size;
}

std::size_t attend_bytes(std::size_t head_size, std::size_t capacity) {
  return ScratchParts(nullptr, head_size, capacity).size;
}

void append_key_values(const KeyValues& cache, std::size_t at, const float* keys,
                       const float* values, std::size_t stride, std::size_t tokens) {
  const CacheParts parts(cache.memory, cache.head_size, cache.capacity);
  const isa::RoundS8 round;
  const std::size_t d = cache.head_size;
  for (std::size_t t = 0; t < tokens; ++t) append_key(parts, at + t, keys + t * stride, d, round);
  for (std::size_t t = 0; t < tokens;) {
    if (d % kBlockIn == 0 && (at + t) % 4 == 0 && t + 4 <= tokens) {
      append_four_values(parts, at + t, values + t * stride, stride, d, cache.capacity, round);
      t += 4;
    } else {
      append_value(parts, at + t, values + t * stride, d, cache.capacity, round);
      ++t;
    }
  }
}

void attend(const KeyValues& cache, const float* queries, std::size_t stride, std::size_t rows,
            Visible visible, float* out, std::size_t out_stride, std::byte* scratch, Dot dot) {
  if (rows == 0) return;
  const std::size_t d = cache.head_size, capacity = padded_in(cache.capacity);
  const CacheParts parts(cache.memory, d, cache.capacity);
  const ScratchParts room(scratch, d, cache.capacity);
  const float c = attention_scale(d);
  for (std::size_t t = 0; t < isa::tiles_of(rows); ++t) {
    const std::size_t first = isa::first_row(rows, t);
    const std::size_t count = isa::first_row(rows, t + 1) - first;
    const std::size_t most = visible.first + (first + count - 1) * visible.step;
    float scale[isa::kTileRows], zero[isa::kTileRows], factor[isa::kTileRows];
    for (std::size_t r = 0; r < count; ++r) {
      const float* query = queries + (first + r) * stride;
      const RowScale s = isa::row_scale(query, d);
      isa::store_row(query, d, s, room.queries + r * isa::kRun, count);
      scale[r] = s.scale * c;
      zero[r] = s.zero * c;
    }
    const isa::Affine scores = {.row_scale = scale,
                                .row_zero = zero,
                                .scale = parts.key_scale,
                                .offset = parts.key_offset,
                                .bias = parts.no_bias,
                                .y = room.scores,
                                .stride = capacity};
    isa::tile_of<false>(dot, count, room.queries, parts.keys, padded_in(d), padded_in(d) * kPanel,
                        panels_of(most), scores);
    const std::size_t seen = padded_in(most);
    for (std::size_t r = 0; r < count; ++r) {
      float* row = room.scores + r * capacity;
      const std::size_t n = visible.first + (first + r) * visible.step;
      const Softmax s = softmax(row, parts.value_scale, n);
      std::fill(row + padded_in(n), row + seen, 0.0f);
      factor[r] = s.factor;
      isa::store_row(row, seen, {.scale = 0, .zero = 0, .inverse = s.weight.inverse},
                     room.weights + r * isa::kRun, count);
    }
    const Mix mix = {factor, out + first * out_stride, out_stride, d};
    isa::tile_of<false>(dot, count, room.weights, parts.values, seen, capacity * kPanel,
                        panels_of(d), mix);
  }
}

}  // namespace ossicle::kernels
