#ifndef OSSICLE_HISTORY_SPLITTER_H_
#define OSSICLE_HISTORY_SPLITTER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ossicle::history {

enum class Fault : std::uint8_t {
  kNone,
  kBroken,     ///< cannot be a record; text is empty
  kTooLong,    ///< longer than allowed; text is empty
  kTruncated,  ///< the export ended inside it; text is empty
};

/// One record of an export, as it stands there.
struct Record {
  std::string_view text;  ///< valid until the splitter is called again
  std::uint64_t line = 0;
  Fault fault = Fault::kNone;
};

/// Bytes of the record that is being read, across pieces, at most a given number of them.
class RecordBuffer {
 public:
  explicit RecordBuffer(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// A record begins at byte `at` of the piece at hand.
  void begin(std::size_t at, std::uint64_t line);
  /// The piece is used up and the record goes on in the next one.
  void suspend(std::string_view piece);
  /// Ends the record before piece[at].
  Record end(std::string_view piece, std::size_t at);
  void drop() { kept_.clear(); }

  std::uint64_t line() const { return line_; }
  /// Whether the record, with the bytes before piece[at], is longer than allowed.
  bool too_long(std::size_t at) const { return total_ + (at - from_) > max_bytes_; }

 private:
  std::size_t max_bytes_;
  std::string kept_;
  std::string given_;      // what the last end() returned, when it came in several pieces
  std::size_t from_ = 0;   // first byte in this piece
  std::size_t total_ = 0;  // bytes in earlier pieces
  std::uint64_t line_ = 0;
};

/// Cuts a stream of JSON into listens, without reading further ahead than one byte, so that pieces
/// may end anywhere. A listen is an object whose parent is the root or an array, and the wrappers
/// that are known
/// ("payload" / "listens", "recenttracks" / "track") are looked into. After a break (a raw newline
/// in a string, a brace where none can be) reading goes on at the level of the broken record.
class JsonSplitter {
 public:
  JsonSplitter(std::size_t max_record_bytes, std::uint64_t line)
      : buffer_(max_record_bytes), line_(line) {}

  /// Takes bytes off `piece` up to the end of a record, or all of them; whether there is a record.
  bool next(std::string_view& piece, Record& record);
  /// The stream is at its end; whether it broke off inside something.
  bool finish(Record& record);

  std::uint64_t newlines() const { return newlines_; }

 private:
  enum class Role : std::uint8_t {
    kWrapper,  // holds records
    kRecord,
    kInner,    // inside a record
    kIgnored,  // inside a wrapper, of no interest
  };
  struct Frame {
    bool object = false;
    Role role = Role::kWrapper;
  };
  static constexpr std::size_t kMaxDepth = 64;
  static constexpr std::size_t kMaxKey = 16;  // longer than any name that matters

  bool in_record() const { return record_depth_ != 0; }
  // Where nothing but records belongs.
  bool among_records() const {
    return stack_.empty() || (!stack_.back().object && stack_.back().role == Role::kWrapper);
  }
  bool key_is(std::string_view name) const {
    return std::string_view(key_.data(), key_bytes_) == name;
  }

  bool take(std::string_view piece, std::size_t& at, Record& record);
  bool take_in_string(std::string_view piece, std::size_t& at, Record& record);
  bool take_scalar(std::size_t& at, Record& record);
  bool open(std::string_view piece, std::size_t& at, Record& record);
  bool close(std::string_view piece, std::size_t& at, Record& record);
  bool fits_here() const;
  Role role_of_child(bool object);
  bool break_off(Record& record);

  RecordBuffer buffer_;
  std::uint64_t line_;
  std::uint64_t newlines_ = 0;
  std::vector<Frame> stack_;
  std::size_t record_depth_ = 0;  // stack size with the record on top; 0 = not in a record
  char last_ = '\0';              // last significant character outside strings, '"' for a string
  bool line_start_ = false;       // the byte before was a newline
  bool string_ = false;
  bool escape_ = false;
  bool junk_ = false;  // in something that is no record, up to the next separator
  std::array<char, kMaxKey> key_{};
  std::size_t key_bytes_ = 0;
  bool key_open_ = false;
};

/// Cuts a stream of CSV (RFC 4180, quoted fields with newlines included) into rows; empty lines are
/// passed over.
class CsvSplitter {
 public:
  CsvSplitter(std::size_t max_record_bytes, std::uint64_t line)
      : buffer_(max_record_bytes), line_(line) {}

  bool next(std::string_view& piece, Record& record);
  bool finish(Record& record);

  std::uint64_t newlines() const { return newlines_; }

  /// The fields of one row; quotes are taken off. False when there are more than `max_fields`.
  [[nodiscard]] static bool split_row(std::string_view row, std::size_t max_fields,
                                      std::vector<std::string>& fields);

 private:
  enum class State : std::uint8_t { kFieldStart, kPlain, kQuoted, kQuoteSeen };

  static State after(State state, char c);

  RecordBuffer buffer_;
  std::uint64_t line_;
  std::uint64_t newlines_ = 0;
  State state_ = State::kFieldStart;
  bool open_ = false;  // a row has begun
  bool blank_ = true;  // nothing but white space in it so far
};

}  // namespace ossicle::history

#endif  // OSSICLE_HISTORY_SPLITTER_H_
