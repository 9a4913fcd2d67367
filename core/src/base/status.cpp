#include "ossicle/status.h"

namespace ossicle {

const char* code_name(Code code) {
  switch (code) {
    case Code::kOk:
      return "ok";
    case Code::kInvalidArgument:
      return "invalid_argument";
    case Code::kOutOfRange:
      return "out_of_range";
    case Code::kCorrupt:
      return "corrupt";
    case Code::kChecksumMismatch:
      return "checksum_mismatch";
    case Code::kUnsupportedVersion:
      return "unsupported_version";
    case Code::kNotFinite:
      return "not_finite";
    case Code::kMissing:
      return "missing";
    case Code::kCapacityExceeded:
      return "capacity_exceeded";
    case Code::kRecordTooLong:
      return "record_too_long";
    case Code::kUnknownFormat:
      return "unknown_format";
    case Code::kUnknownItem:
      return "unknown_item";
    case Code::kOutOfMemory:
      return "out_of_memory";
    case Code::kInternal:
      return "internal";
    case Code::kBadDate:
      return "bad_date";
    case Code::kNotSolvable:
      return "not_solvable";
    case Code::kDrift:
      return "drift";
    case Code::kNormExceeded:
      return "norm_exceeded";
    case Code::kIncompatible:
      return "incompatible";
  }
  return "unknown";
}

}  // namespace ossicle
