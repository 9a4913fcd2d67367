#include <cstring>
#include <limits>
#include <new>

#include "ossicle/types.h"

namespace ossicle {

// Through the replaceable operator new, so that a test can count what is allocated.
OwnedBytes OwnedBytes::allocate(std::size_t size) {
  OwnedBytes bytes;
  if (size > std::numeric_limits<std::size_t>::max() / 2) return bytes;
  void* memory = ::operator new(size + kOverread, std::align_val_t(kAlignment), std::nothrow);
  if (memory == nullptr) return bytes;
  std::memset(memory, 0, size + kOverread);
  bytes.data_.reset(static_cast<std::byte*>(memory));
  bytes.size_ = size;
  return bytes;
}

void OwnedBytes::Free::operator()(std::byte* p) const {
  ::operator delete(p, std::align_val_t(kAlignment));
}

}  // namespace ossicle
