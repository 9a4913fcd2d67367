#ifndef OSSICLE_TYPES_H_
#define OSSICLE_TYPES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace ossicle {

/// 64-byte aligned bytes with kOverread readable zero bytes past the end, so that a kernel may load
/// a whole vector at the last element. Memory is zeroed. Move-only.
class OwnedBytes {
 public:
  static constexpr std::size_t kAlignment = 64;
  static constexpr std::size_t kOverread = 16;

  OwnedBytes() = default;
  /// Empty (data() == nullptr) when the memory cannot be had; check with ok().
  static OwnedBytes allocate(std::size_t size);

  bool ok() const { return data_ != nullptr; }
  std::size_t size() const { return size_; }
  std::byte* data() { return data_.get(); }
  const std::byte* data() const { return data_.get(); }
  std::span<std::byte> span() { return {data_.get(), size_}; }
  std::span<const std::byte> span() const { return {data_.get(), size_}; }

  /// The bytes as an array of T. The caller allocated them as such.
  template <class T>
  std::span<T> as() {
    return {reinterpret_cast<T*>(data_.get()), size_ / sizeof(T)};
  }
  template <class T>
  std::span<const T> as() const {
    return {reinterpret_cast<const T*>(data_.get()), size_ / sizeof(T)};
  }

 private:
  struct Free {
    void operator()(std::byte* p) const;
  };
  std::unique_ptr<std::byte, Free> data_;
  std::size_t size_ = 0;
};

/// A row-major matrix [rows, cols] whose rows are `stride` elements apart. Owns nothing.
template <class T>
struct MatrixView {
  T* data = nullptr;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t stride = 0;

  std::span<T> row(std::size_t r) const { return {data + r * stride, cols}; }
};

/// The identity of an artist: the first 16 bytes of SHA-256 over the normalised name (see
/// text_key.h). Content-derived, so that a listen can be stored before, and matched after, a
/// catalogue that knows the artist arrives.
using ItemId = std::array<std::uint8_t, 16>;

/// What happened to an artist. The numbers are stored on the listener's device: append-only.
enum class ListenKind : std::uint32_t {
  kPlay = 1,  ///< a track was played; played_ms and duration_ms say how much of it
  kSkip = 2,  ///< a track was abandoned, or a recommendation waved away
  kLove = 3,
  kBan = 4,    ///< never recommend again
  kClear = 5,  ///< takes an earlier love or ban back, and the skip of its own second
  kShown = 6,  ///< a list showed it; track_hash: shown_mark() of bandit.h, or 0
};

/// One event of a listening history.
struct Listen {
  ItemId artist{};        ///< see artist_id() in history.h
  std::int64_t at_s = 0;  ///< when it started, seconds since 1970-01-01 UTC
  std::uint64_t track_hash =
      0;  ///< tells tracks of one artist apart for de-duplication; 0 when unknown
  std::uint32_t played_ms = 0;    ///< 0 = unknown (exports): counts as a whole play
  std::uint32_t duration_ms = 0;  ///< 0 = unknown
  ListenKind kind = ListenKind::kPlay;
  std::uint32_t reserved = 0;
};
static_assert(sizeof(Listen) == 48);

}  // namespace ossicle

#endif  // OSSICLE_TYPES_H_
