#include "nn/xnn.h"

#include <cstring>
#include <limits>
#include <new>

namespace ossicle::nn {
namespace {

constexpr std::align_val_t kAlign{OwnedBytes::kAlignment};
// Room before each unaligned block for its size, which `reallocate` needs.
constexpr std::size_t kHead = OwnedBytes::kAlignment;

void* take_aligned(void*, std::size_t alignment, std::size_t size) {
  if (alignment > OwnedBytes::kAlignment) return nullptr;
  return ::operator new(size, kAlign, std::nothrow);
}

void give_aligned(void*, void* memory) { ::operator delete(memory, kAlign); }

void* take(void*, std::size_t size) {
  if (size > std::numeric_limits<std::size_t>::max() / 2) return nullptr;
  void* block = ::operator new(size + kHead, kAlign, std::nothrow);
  if (block == nullptr) return nullptr;
  std::memcpy(block, &size, sizeof size);
  return static_cast<std::byte*>(block) + kHead;
}

void give(void*, void* memory) {
  if (memory != nullptr) ::operator delete(static_cast<std::byte*>(memory) - kHead, kAlign);
}

void* retake(void*, void* memory, std::size_t size) {
  void* fresh = take(nullptr, size);
  if (fresh == nullptr || memory == nullptr) return fresh;
  std::size_t old = 0;
  std::memcpy(&old, static_cast<std::byte*>(memory) - kHead, sizeof old);
  std::memcpy(fresh, memory, old < size ? old : size);
  give(nullptr, memory);
  return fresh;
}

constexpr xnn_allocator kAllocator = {
    .context = nullptr,
    .allocate = take,
    .reallocate = retake,
    .deallocate = give,
    .aligned_allocate = take_aligned,
    .aligned_deallocate = give_aligned,
};

constexpr float kNoLimit = std::numeric_limits<float>::infinity();

}  // namespace

Status from_xnn(xnn_status status, const char* what) {
  switch (status) {
    case xnn_status_success:
      return {};
    case xnn_status_out_of_memory:
      return Error{Code::kOutOfMemory, 0, what};
    default:
      return Error{Code::kInternal, static_cast<std::uint64_t>(status), what};
  }
}

Status start_xnn() {
  static const xnn_status status = xnn_initialize(&kAllocator);
  return from_xnn(status, "XNNPACK cannot be initialised");
}

Result<FullyConnected> FullyConnected::create(std::size_t in, std::size_t out,
                                              std::span<const float> weight,
                                              std::span<const float> bias) {
  OSL_TRY(start_xnn());
  if (weight.size() != in * out || bias.size() != out) {
    return Error{Code::kInvalidArgument, weight.size(), "fully connected: weight or bias size"};
  }
  xnn_operator_t op = nullptr;
  OSL_TRY(from_xnn(xnn_create_fully_connected_nc_f32(in, out, in, out, weight.data(), bias.data(),
                                                     -kNoLimit, kNoLimit, 0, nullptr, nullptr, &op),
                   "fully connected: create"));
  return FullyConnected(Operator(op));
}

Status FullyConnected::run(const float* x, std::size_t rows, float* y) {
  OSL_TRY(from_xnn(xnn_reshape_fully_connected_nc_f32(op_.get(), rows, nullptr),
                   "fully connected: reshape"));
  OSL_TRY(from_xnn(xnn_setup_fully_connected_nc_f32(op_.get(), x, y), "fully connected: setup"));
  return from_xnn(xnn_run_operator(op_.get(), nullptr), "fully connected: run");
}

namespace {

xnn_status reshape(xnn_operator_t op, const BatchMatMul::Shape& s, std::size_t* bytes) {
  std::size_t alignment = 0;
  const xnn_status status = xnn_reshape_batch_matrix_multiply_nc_f32(
      op, 1, &s.batch, &s.batch, s.m, s.k, s.n, bytes, &alignment, nullptr);
  if (status == xnn_status_success && alignment > OwnedBytes::kAlignment) {
    return xnn_status_unsupported_parameter;
  }
  return status;
}

}  // namespace

Result<BatchMatMul> BatchMatMul::create(const Shape& largest, Right right) {
  OSL_TRY(start_xnn());
  xnn_operator_t raw = nullptr;
  const std::uint32_t flags = right == Right::kTransposed ? XNN_FLAG_TRANSPOSE_B : 0;
  OSL_TRY(from_xnn(xnn_create_batch_matrix_multiply_nc_f32(flags, &raw), "batch product: create"));
  Operator op(raw);
  std::size_t bytes = 0;
  OSL_TRY(from_xnn(reshape(raw, largest, &bytes), "batch product: reshape"));
  OwnedBytes workspace = OwnedBytes::allocate(bytes);
  if (!workspace.ok()) return Error{Code::kOutOfMemory, bytes, "batch product: workspace"};
  return BatchMatMul(std::move(op), std::move(workspace));
}

Status BatchMatMul::run(const Shape& shape, const float* a, const float* b, float* c) {
  std::size_t bytes = 0;
  OSL_TRY(from_xnn(reshape(op_.get(), shape, &bytes), "batch product: reshape"));
  if (bytes > workspace_.size()) {
    return Error{Code::kInvalidArgument, bytes, "batch product: larger than at create"};
  }
  OSL_TRY(from_xnn(xnn_setup_batch_matrix_multiply_nc_f32(op_.get(), workspace_.data(), a, b, c),
                   "batch product: setup"));
  return from_xnn(xnn_run_operator(op_.get(), nullptr), "batch product: run");
}

Result<Softmax> Softmax::create() {
  OSL_TRY(start_xnn());
  xnn_operator_t op = nullptr;
  OSL_TRY(from_xnn(xnn_create_softmax_nc_f32(0, &op), "softmax: create"));
  return Softmax(Operator(op));
}

Status Softmax::run(const float* x, std::size_t rows, std::size_t channels, float* y) {
  OSL_TRY(
      from_xnn(xnn_reshape_softmax_nc_f32(op_.get(), channels, channels, channels, rows, nullptr),
               "softmax: reshape"));
  OSL_TRY(from_xnn(xnn_setup_softmax_nc_f32(op_.get(), x, y), "softmax: setup"));
  return from_xnn(xnn_run_operator(op_.get(), nullptr), "softmax: run");
}

}  // namespace ossicle::nn
