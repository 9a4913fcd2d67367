#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "kernels/attention.h"
#include "nn/decoder.h"
#include "nn/int8_layers.h"

namespace ossicle::nn {
namespace {

constexpr std::uint32_t kMaxLanes = 64;

Error invalid(std::uint64_t at, const char* what) { return {Code::kInvalidArgument, at, what}; }

}  // namespace

struct Int8Decoder::State {
  Int8Layers parts;
  OwnedBytes memory;                // [lanes, layers, heads] of key_values_bytes()
  std::size_t head_bytes = 0;       // of one head
  std::vector<std::uint32_t> held;  // [lanes], rows

  std::size_t lane_bytes() const { return head_bytes * parts.shape.layers * parts.shape.heads; }
  kernels::KeyValues cache(std::uint32_t lane, std::size_t layer, std::size_t head) {
    const StackShape& s = parts.shape;
    return {s.channels / s.heads, s.max_sequence,
            memory.data() + lane * lane_bytes() + (layer * s.heads + head) * head_bytes};
  }
  Status check(std::size_t floats, std::span<const LaneRows> next) const;
  void attend(std::size_t layer, std::size_t from, const LaneRows& lane);
};

Status Int8Decoder::State::check(std::size_t floats, std::span<const LaneRows> next) const {
  std::uint64_t seen = 0, rows = 0;
  for (const LaneRows& lane : next) {
    if (lane.lane >= held.size() || (seen >> lane.lane & 1) != 0) {
      return invalid(lane.lane, "a lane that there is not, or twice (at = lane)");
    }
    seen |= std::uint64_t{1} << lane.lane;
    if (lane.rows > parts.shape.max_sequence - held[lane.lane]) {
      return invalid(lane.rows, "more rows than a lane holds (at = rows)");
    }
    rows += lane.rows;
  }
  if (rows > parts.shape.max_rows) return invalid(rows, "more rows than max_rows (at = rows)");
  if (rows * parts.shape.channels != floats) {
    return invalid(floats, "state is not [sum of rows, channels]");
  }
  return {};
}

// Rows from.. of qkv, the next of one lane -> the same rows of context, heads side by side.
void Int8Decoder::State::attend(std::size_t layer, std::size_t from, const LaneRows& lane) {
  const StackShape& shape = parts.shape;
  const std::size_t c = shape.channels, d = c / shape.heads, stride = 3 * c;
  const std::size_t before = held[lane.lane];
  for (std::size_t h = 0; h < shape.heads; ++h) {
    const float* query = parts.qkv + from * stride + h * d;
    const kernels::KeyValues head = cache(lane.lane, layer, h);
    kernels::append_key_values(head, before, query + c, query + 2 * c, stride, lane.rows);
    kernels::attend(head, query, stride, lane.rows, {.first = before + 1, .step = 1},
                    parts.context + from * c + h * d, c, parts.scratch, shape.dot);
  }
}

Int8Decoder::Int8Decoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
Int8Decoder::~Int8Decoder() = default;
Int8Decoder::Int8Decoder(Int8Decoder&&) noexcept = default;
Int8Decoder& Int8Decoder::operator=(Int8Decoder&&) noexcept = default;

Result<Int8Decoder> Int8Decoder::open(const StackShape& shape, std::span<const Int8Layer> layers,
                                      std::uint32_t lanes) {
  if (lanes < 1 || lanes > kMaxLanes) return invalid(lanes, "lanes must be 1 to 64");
  Result<Int8Layers> parts = Int8Layers::open(shape, layers, shape.max_rows);
  if (!parts) return parts.error();
  std::unique_ptr<State> state(new (std::nothrow) State{std::move(parts).value(), {}, 0, {}});
  if (state == nullptr) return Error{Code::kOutOfMemory, sizeof(State), "the decoder's state"};
  state->head_bytes = kernels::key_values_bytes(shape.channels / shape.heads, shape.max_sequence);
  const std::uint64_t total = std::uint64_t{lanes} * state->lane_bytes();
  if (total > SIZE_MAX) return Error{Code::kOutOfMemory, total, "the decoder's keys and values"};
  state->memory = OwnedBytes::allocate(static_cast<std::size_t>(total));
  if (!state->memory.ok()) {
    return Error{Code::kOutOfMemory, total, "the decoder's keys and values"};
  }
  state->held.assign(lanes, 0);
  return Int8Decoder(std::move(state));
}

Status Int8Decoder::run(std::span<float> state, std::span<const LaneRows> next) {
  State& s = *state_;
  OSL_TRY(s.check(state.size(), next));
  const std::size_t rows = state.size() / s.parts.shape.channels;
  if (rows == 0) return {};
  for (std::size_t n = 0; n < s.parts.layers.size(); ++n) {
    const Int8Layer& layer = s.parts.layers[n];
    s.parts.project(layer, state.data(), rows);
    std::size_t from = 0;
    for (const LaneRows& lane : next) {
      if (lane.rows > 0) s.attend(n, from, lane);
      from += lane.rows;
    }
    s.parts.add_context(layer, state.data(), rows);
    s.parts.feed_forward(layer, state.data(), rows);
  }
  for (const LaneRows& lane : next) s.held[lane.lane] += lane.rows;
  return {};
}

std::uint32_t Int8Decoder::rows(std::uint32_t lane) const { return state_->held[lane]; }

void Int8Decoder::clear(std::uint32_t lane) { state_->held[lane] = 0; }

void Int8Decoder::copy(std::uint32_t from, std::uint32_t to) {
  State& s = *state_;
  if (from == to) return;
  const std::size_t bytes = s.lane_bytes();
  std::memcpy(s.memory.data() + to * bytes, s.memory.data() + from * bytes, bytes);
  s.held[to] = s.held[from];
}

}  // namespace ossicle::nn
