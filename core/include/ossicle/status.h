#ifndef OSSICLE_STATUS_H_
#define OSSICLE_STATUS_H_

#include <cstdint>
#include <type_traits>
#include <utility>
#include <variant>

namespace ossicle {

/// What went wrong. The list is append-only: numbers cross the WASM boundary and are stored in
/// logs.
enum class Code : std::int32_t {
  kOk = 0,
  kInvalidArgument = 1,     ///< a caller broke the contract of a call
  kOutOfRange = 2,          ///< an index, offset or size points outside what it refers to
  kCorrupt = 3,             ///< bytes do not have the form their format promises
  kChecksumMismatch = 4,    ///< bytes are not the ones the bundle manifest names
  kUnsupportedVersion = 5,  ///< written by a newer Ossicle
  kNotFinite = 6,           ///< NaN or infinity where a number is needed
  kMissing = 7,             ///< a file, tensor or field that must be there is not
  kCapacityExceeded = 8,    ///< a buffer sized at open is full
  kRecordTooLong = 9,       ///< one record of an export is longer than the reader allows
  kUnknownFormat = 10,      ///< an export in none of the known formats
  kUnknownItem = 11,        ///< the item is not in the catalogue
  kOutOfMemory = 12,
  kInternal = 13,      ///< a bug in Ossicle: please report `what`
  kBadDate = 14,       ///< a date that cannot be read, or lies in the future
  kNotSolvable = 15,   ///< a linear system that is not positive definite
  kDrift = 16,         ///< a snapshot moved further from the one in use than the limits allow
  kNormExceeded = 17,  ///< a vector longer than the limits allow
  kIncompatible = 18,  ///< a snapshot of another kind of model than the one in use
};

/// The name of a code as it is written in messages and in the TypeScript API, e.g.
/// "checksum_mismatch".
const char* code_name(Code code);

/// A failure. `what` is a string literal: an Error owns nothing and can be copied as bytes.
/// `at` is the place: a byte offset, a row, a line (1-based) or an index, as `what` says.
struct Error {
  Code code = Code::kInternal;
  std::uint64_t at = 0;
  const char* what = "";
};
static_assert(std::is_trivially_copyable_v<Error>);

/// Either a T or an Error. There are no exceptions in the core.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Error error)
      : state_(std::in_place_index<1>, error) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  /// The value. Only after ok(); anything else is a bug in the caller and traps.
  T& value() & { return *checked(); }
  const T& value() const& { return *const_cast<Result*>(this)->checked(); }
  T&& value() && { return std::move(*checked()); }

  /// The error. Only after !ok().
  const Error& error() const {
    const Error* e = std::get_if<1>(&state_);
    if (e == nullptr) __builtin_trap();
    return *e;
  }

 private:
  T* checked() {
    T* v = std::get_if<0>(&state_);
    if (v == nullptr) __builtin_trap();
    return v;
  }
  std::variant<T, Error> state_;
};

/// Success, or an Error.
class [[nodiscard]] Status {
 public:
  Status() : error_{Code::kOk, 0, ""} {}
  Status(Error error) : error_(error) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return error_.code == Code::kOk; }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return error_; }

 private:
  Error error_;
};

/// Returns the error of `expr` (a Status) from the enclosing function, if there is one.
#define OSL_TRY(expr)                                         \
  do {                                                        \
    if (auto osl_try_status = (expr); !osl_try_status.ok()) { \
      return osl_try_status.error();                          \
    }                                                         \
  } while (false)

}  // namespace ossicle

#endif  // OSSICLE_STATUS_H_
