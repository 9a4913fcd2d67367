#include "history/splitter.h"

#include <algorithm>

namespace ossicle::history {

void RecordBuffer::begin(std::size_t at, std::uint64_t line) {
  kept_.clear();
  from_ = at;
  total_ = 0;
  line_ = line;
}

void RecordBuffer::suspend(std::string_view piece) {
  const std::string_view part = piece.substr(from_);
  total_ += part.size();
  if (total_ > max_bytes_) {
    kept_.clear();
  } else {
    kept_ += part;
  }
  from_ = 0;
}

Record RecordBuffer::end(std::string_view piece, std::size_t at) {
  Record record;
  record.line = line_;
  const std::string_view part = piece.substr(from_, at - from_);
  if (total_ + part.size() > max_bytes_) {
    record.fault = Fault::kTooLong;
  } else if (total_ == 0) {
    record.text = part;
  } else {
    kept_ += part;
    given_.swap(kept_);
    record.text = given_;
  }
  kept_.clear();
  return record;
}

bool JsonSplitter::next(std::string_view& piece, Record& record) {
  for (std::size_t at = 0; at < piece.size();) {
    if (take(piece, at, record)) {
      piece.remove_prefix(at);
      return true;
    }
  }
  if (in_record()) buffer_.suspend(piece);
  piece = {};
  return false;
}

bool JsonSplitter::finish(Record& record) {
  if (stack_.empty()) return false;
  record = {{}, in_record() ? buffer_.line() : line_, Fault::kTruncated};
  buffer_.drop();
  stack_.clear();
  record_depth_ = 0;
  string_ = false;
  return true;
}

// Looks at piece[at] and moves on, except where a record broke off before that byte.
bool JsonSplitter::take(std::string_view piece, std::size_t& at, Record& record) {
  if (string_) return take_in_string(piece, at, record);
  const char c = piece[at];
  const bool brace = c == '{' || c == '[' || c == '}' || c == ']';
  if (!brace) line_start_ = c == '\n';
  switch (c) {
    case '\n':
      ++newlines_;
      ++line_;
      junk_ = false;
      [[fallthrough]];
    case ' ':
    case '\t':
    case '\r':
      ++at;
      return false;
    case '{':
    case '[':
      return open(piece, at, record);
    case '}':
    case ']':
      return close(piece, at, record);
    case ',':
      if (!stack_.empty()) junk_ = false;
      [[fallthrough]];
    case ':':
      last_ = c;
      ++at;
      return false;
    case '"':
      string_ = true;
      escape_ = false;
      if (!among_records()) {
        const Frame& top = stack_.back();
        if (top.object && (last_ == '{' || last_ == ',') && top.role <= Role::kRecord) {
          key_open_ = true;
          key_bytes_ = 0;
        }
      }
      [[fallthrough]];
    default:
      return take_scalar(at, record);
  }
}

// A byte of a number, a word or a string: where only records belong, the beginning of junk.
bool JsonSplitter::take_scalar(std::size_t& at, Record& record) {
  ++at;
  last_ = '"';
  if (!among_records() || junk_) return false;
  junk_ = true;
  record = {{}, line_, Fault::kBroken};
  return true;
}

bool JsonSplitter::take_in_string(std::string_view piece, std::size_t& at, Record& record) {
  while (at < piece.size()) {
    const char c = piece[at++];
    if (c == '\n') {
      // JSON has no raw newline in a string: a quote is missing before it.
      ++newlines_;
      ++line_;
      line_start_ = true;
      string_ = false;
      key_open_ = false;
      junk_ = false;
      return in_record() && break_off(record);
    }
    if (escape_) {
      escape_ = false;
    } else if (c == '\\') {
      escape_ = true;
    } else if (c == '"') {
      string_ = false;
      key_open_ = false;
      return false;
    }
    if (key_open_) {
      if (key_bytes_ < kMaxKey) {
        key_[key_bytes_++] = c;
      } else {
        key_open_ = false;
        key_bytes_ = 0;
      }
    }
  }
  return false;
}

// Whether an object or array may begin here; false means that a closing brace is missing. One that
// stands first on its line is the next record of JSON lines, also where a line was cut off before a
// value: nobody indents by nothing.
bool JsonSplitter::fits_here() const {
  if (line_start_ && last_ == ':') return false;
  return stack_.back().object ? last_ == ':' : last_ == '[' || last_ == ',';
}

JsonSplitter::Role JsonSplitter::role_of_child(bool object) {
  if (among_records()) return object ? Role::kRecord : Role::kWrapper;
  Frame& parent = stack_.back();
  if (!parent.object || parent.role > Role::kRecord) {
    return parent.role == Role::kIgnored ? Role::kIgnored : Role::kInner;
  }
  const bool holds_list = key_is("listens") || key_is("track");
  const bool holds_wrapper = object && (key_is("payload") || key_is("recenttracks"));
  if (parent.role == Role::kRecord) {
    if (!holds_wrapper && (object || !holds_list)) return Role::kInner;
    // No listen, but the page that listens come in.
    parent.role = Role::kWrapper;
    record_depth_ = 0;
    buffer_.drop();
    return Role::kWrapper;
  }
  if (last_ != ':') return Role::kIgnored;
  // Last.fm gives a page of one track without the array.
  if (holds_list) return object ? Role::kRecord : Role::kWrapper;
  return holds_wrapper ? Role::kWrapper : Role::kIgnored;
}

bool JsonSplitter::open(std::string_view piece, std::size_t& at, Record& record) {
  if (in_record() && !fits_here()) return break_off(record);
  if (stack_.size() >= kMaxDepth) {
    if (in_record()) return break_off(record);
    record = {{}, line_, Fault::kBroken};
    stack_.clear();
    ++at;
    return true;
  }
  junk_ = false;
  const bool object = piece[at] == '{';
  const Role role = role_of_child(object);
  stack_.push_back({object, role});
  if (role == Role::kRecord) {
    record_depth_ = stack_.size();
    buffer_.begin(at, line_);
  }
  key_bytes_ = 0;
  line_start_ = false;
  last_ = piece[at];
  ++at;
  return false;
}

bool JsonSplitter::close(std::string_view piece, std::size_t& at, Record& record) {
  const bool object = piece[at] == '}';
  if (stack_.empty() || stack_.back().object != object) {
    if (in_record()) return break_off(record);
    ++at;  // what is left of a broken record
    return false;
  }
  junk_ = false;
  line_start_ = false;
  const Role role = stack_.back().role;
  stack_.pop_back();
  last_ = piece[at];
  ++at;
  if (role != Role::kRecord) return false;
  record_depth_ = 0;
  record = buffer_.end(piece, at);
  return true;
}

// Gives the record up and goes back to the level it began at.
bool JsonSplitter::break_off(Record& record) {
  record = {{}, buffer_.line(), Fault::kBroken};
  buffer_.drop();
  stack_.resize(record_depth_ - 1);
  record_depth_ = 0;
  last_ = ',';
  return true;
}

bool CsvSplitter::next(std::string_view& piece, Record& record) {
  for (std::size_t at = 0; at < piece.size(); ++at) {
    const char c = piece[at];
    if (!open_) {
      open_ = true;
      blank_ = true;
      state_ = State::kFieldStart;
      buffer_.begin(at, line_);
    }
    if (c == '\n') {
      ++newlines_;
      ++line_;
      // A quoted field may have newlines in it, but a forgotten quote must not swallow the rest.
      if (state_ == State::kQuoted && !buffer_.too_long(at)) continue;
      open_ = false;
      record = buffer_.end(piece, at);
      if (blank_) continue;
      piece.remove_prefix(at + 1);
      return true;
    }
    if (c != ' ' && c != '\t' && c != '\r') blank_ = false;
    state_ = after(state_, c);
  }
  if (open_) buffer_.suspend(piece);
  piece = {};
  return false;
}

bool CsvSplitter::finish(Record& record) {
  if (!open_ || blank_) return false;
  open_ = false;
  record = buffer_.end({}, 0);
  if (state_ == State::kQuoted) record = {{}, record.line, Fault::kTruncated};
  return true;
}

CsvSplitter::State CsvSplitter::after(State state, char c) {
  switch (state) {
    case State::kFieldStart:
      return c == '"' ? State::kQuoted : c == ',' ? State::kFieldStart : State::kPlain;
    case State::kPlain:
      return c == ',' ? State::kFieldStart : State::kPlain;
    case State::kQuoted:
      return c == '"' ? State::kQuoteSeen : State::kQuoted;
    case State::kQuoteSeen:
      return c == '"' ? State::kQuoted : c == ',' ? State::kFieldStart : State::kPlain;
  }
  return State::kPlain;
}

bool CsvSplitter::split_row(std::string_view row, std::size_t max_fields,
                            std::vector<std::string>& fields) {
  fields.assign(1, {});
  if (row.ends_with('\r')) row.remove_suffix(1);
  State state = State::kFieldStart;
  for (const char c : row) {
    const State before = state;
    state = after(before, c);
    if (state == State::kFieldStart) {
      if (fields.size() == max_fields) return false;
      fields.emplace_back();
    } else if (state == State::kPlain || before == State::kQuoteSeen ||
               (before == State::kQuoted && state == State::kQuoted)) {
      fields.back().push_back(c);
    }
  }
  return true;
}

}  // namespace ossicle::history
