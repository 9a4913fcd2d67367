#ifndef OSSICLE_PRIVACY_FIELD_SECRETS_H_
#define OSSICLE_PRIVACY_FIELD_SECRETS_H_

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace ossicle::privacy::field {

/// Overwrites secrets, also where nothing reads the memory again.
template <class T>
void wipe(std::span<T> values) {
  std::fill(values.begin(), values.end(), T{});
  asm volatile("" : : "r"(values.data()) : "memory");  // or the compiler leaves the writes out
}

/// A vector of secrets, which does not leave them in memory.
template <class T>
class Secrets {
 public:
  explicit Secrets(std::size_t size) : values_(size) {}
  Secrets(const Secrets&) = delete;
  Secrets& operator=(const Secrets&) = delete;
  ~Secrets() { wipe(span()); }
  std::span<T> span() { return values_; }
  std::span<const T> span() const { return values_; }

 private:
  std::vector<T> values_;
};

}  // namespace ossicle::privacy::field

#endif  // OSSICLE_PRIVACY_FIELD_SECRETS_H_
