#ifndef OSSICLE_HISTORY_H_
#define OSSICLE_HISTORY_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "ossicle/status.h"
#include "ossicle/types.h"

namespace ossicle {

/// Writes the key form of a name to `out` (cleared first): compatibility-decomposed, case-folded,
/// diacritics dropped, punctuation and white space collapsed to single spaces, nothing else is
/// rewritten. Broken UTF-8 becomes U+FFFD. A name with nothing left after that (e.g. "!!!") keeps
/// its characters as they are. "Björk" and "BJORK" have one key; "Beyoncé" and "beyonce" too.
void normalise_name(std::string_view name, std::string& out);

/// The identity of an artist by name: first 16 bytes of SHA-256("artist\0" + key form).
ItemId artist_id(std::string_view name);

/// A 64-bit hash of a track title's key form; never 0 unless the title is empty.
std::uint64_t track_hash(std::string_view title);

/// Listening-history exports this reader knows. Append-only.
enum class HistoryFormat : std::uint32_t {
  kUnknown = 0,
  kListenBrainz =
      1,  ///< JSON lines, a JSON array of listens, or the API's {"payload": {"listens": [...]}}
  kLastFmJson = 2,  ///< pages of the user.getRecentTracks API, alone or in an array
  kLastFmCsv =
      3,  ///< "artist,album,track,date" without a header, or with one naming uts/artist/album/track
};

/// One listen as read, with the words it came with. The views are valid until the next feed().
struct ImportedListen {
  Listen listen;
  std::string_view artist;
  std::string_view title;
  std::string_view album;
  std::uint64_t line = 0;  ///< 1-based line of the export where the record starts
};

/// Why records were left out. Append-only; the numbers cross the WASM boundary.
enum class ImportProblem : std::uint32_t {
  kBadRecord = 0,  ///< not JSON / not CSV, or of another shape
  kNoArtist = 1,
  kBadDate = 2,     ///< no date, not a date, or before 1970
  kFutureDate = 3,  ///< more than a day after `now_s`
  kTooLong = 4,     ///< longer than kMaxRecordBytes
  kBadUtf8 = 5,     ///< kept, with broken bytes replaced by U+FFFD
  kTruncated = 6,   ///< the export ends inside a record
  kNowPlaying = 7,  ///< Last.fm's "now playing" entry, which is not a listen
  kCount = 8,
};

struct ImportReport {
  HistoryFormat format = HistoryFormat::kUnknown;
  std::uint64_t bytes = 0;
  std::uint64_t lines = 0;
  std::uint64_t records = 0;  ///< seen
  std::uint64_t listens = 0;  ///< handed out
  std::uint64_t problems[static_cast<std::size_t>(ImportProblem::kCount)] = {};
  std::uint64_t first_line[static_cast<std::size_t>(ImportProblem::kCount)] =
      {};  ///< line of the first problem of a kind; 0 = none
};

/// Reads an export of any size in pieces, with memory bounded by kMaxRecordBytes. A bad record is
/// counted and passed over; reading goes on with the next one.
class HistoryReader {
 public:
  static constexpr std::size_t kMaxRecordBytes = 1u << 20;

  /// `format` kUnknown = recognise it from the first record. `now_s` is what "the future" is
  /// measured against.
  HistoryReader(HistoryFormat format, std::int64_t now_s);
  ~HistoryReader();
  HistoryReader(HistoryReader&&) noexcept;
  HistoryReader& operator=(HistoryReader&&) noexcept;

  /// Gives the next piece of the export. Returns how many listens were read into the reader's list,
  /// which listens() shows. A listen is complete when its last byte arrived; pieces may end
  /// anywhere. Errors: unknown_format (at = line) once the first record shows that it is none of
  /// the known ones.
  Result<std::size_t> feed(std::span<const std::byte> piece);
  /// The export is at its end: reads what is left in the buffer. The same errors.
  Result<std::size_t> finish();

  std::span<const ImportedListen> listens() const;
  const ImportReport& report() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ossicle

#endif  // OSSICLE_HISTORY_H_
