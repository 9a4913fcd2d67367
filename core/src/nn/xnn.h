#ifndef OSSICLE_NN_XNN_H_
#define OSSICLE_NN_XNN_H_

// The only file that speaks to XNNPACK. Operators take their memory when they are made; shaping and
// running them allocates nothing (one thread, no code or weight cache).
//
// Every input must be followed by OwnedBytes::kOverread readable bytes: kernels load whole vectors.

#include <xnnpack.h>

#include <cstddef>
#include <memory>
#include <span>

#include "ossicle/status.h"
#include "ossicle/types.h"

namespace ossicle::nn {

/// The one translation of an xnn_status. `what` names the call.
Status from_xnn(xnn_status status, const char* what);

/// Initialises XNNPACK on the first call, with an allocator on the replaceable operator new, so
/// that what it takes is counted like everything else. Errors: internal, out_of_memory.
Status start_xnn();

struct DeleteOperator {
  void operator()(xnn_operator* op) const { xnn_delete_operator(op); }
};
using Operator = std::unique_ptr<xnn_operator, DeleteOperator>;

/// y = x W' + b.
class FullyConnected {
 public:
  /// weight is [out, in], bias [out]; both are packed into the operator's own memory.
  static Result<FullyConnected> create(std::size_t in, std::size_t out,
                                       std::span<const float> weight, std::span<const float> bias);
  /// x is [rows, in], y [rows, out].
  Status run(const float* x, std::size_t rows, float* y);

 private:
  explicit FullyConnected(Operator op) : op_(std::move(op)) {}
  Operator op_;
};

/// C_g = A_g B_g for each g of a batch.
class BatchMatMul {
 public:
  struct Shape {
    std::size_t batch = 0, m = 0, k = 0, n = 0;
  };
  enum class Right { kAsIs /* B is [k, n] */, kTransposed /* B is [n, k] */ };

  /// Takes memory for every shape that is nowhere larger than `largest`.
  static Result<BatchMatMul> create(const Shape& largest, Right right);
  /// a is [batch, m, k], c [batch, m, n].
  Status run(const Shape& shape, const float* a, const float* b, float* c);

 private:
  BatchMatMul(Operator op, OwnedBytes workspace)
      : op_(std::move(op)), workspace_(std::move(workspace)) {}
  Operator op_;
  OwnedBytes workspace_;  // B, packed anew in each run
};

/// Softmax of each row.
class Softmax {
 public:
  static Result<Softmax> create();
  /// x and y are [rows, channels] and may be the same.
  Status run(const float* x, std::size_t rows, std::size_t channels, float* y);

 private:
  explicit Softmax(Operator op) : op_(std::move(op)) {}
  Operator op_;
};

}  // namespace ossicle::nn

#endif  // OSSICLE_NN_XNN_H_
