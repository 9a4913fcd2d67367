// The module's own runtime: counted memory, and answers to what libraries would otherwise import
// from JavaScript.

#include <cstdlib>
#include <new>

#include "abi.h"

namespace {

std::uint64_t allocations = 0;

void* take(std::size_t size, std::size_t alignment) {
  ++allocations;
  // aligned_alloc wants a multiple of the alignment, and something to point at.
  const std::size_t rounded = (size + alignment) / alignment * alignment;
  return rounded < size ? nullptr : std::aligned_alloc(alignment, rounded);
}

void* take_or_trap(std::size_t size, std::size_t alignment) {
  void* memory = take(size, alignment);
  if (memory == nullptr) __builtin_trap();  // no exceptions: the worker ends and a new one reopens
  return memory;
}

constexpr std::size_t kDefault = alignof(std::max_align_t);
constexpr std::size_t kShared = 64;  // of memory that the caller holds

}  // namespace

void* operator new(std::size_t size) { return take_or_trap(size, kDefault); }
void* operator new[](std::size_t size) { return take_or_trap(size, kDefault); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return take(size, kDefault);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return take(size, kDefault);
}
void* operator new(std::size_t size, std::align_val_t align) {
  return take_or_trap(size, static_cast<std::size_t>(align));
}
void* operator new[](std::size_t size, std::align_val_t align) {
  return take_or_trap(size, static_cast<std::size_t>(align));
}
void* operator new(std::size_t size, std::align_val_t align, const std::nothrow_t&) noexcept {
  return take(size, static_cast<std::size_t>(align));
}
void* operator new[](std::size_t size, std::align_val_t align, const std::nothrow_t&) noexcept {
  return take(size, static_cast<std::size_t>(align));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

extern "C" {

void* osl_memory_take(uint32_t size) {
  void* memory = take(size, kShared);
  if (memory != nullptr) std::memset(memory, 0, size);
  return memory;
}

void osl_memory_give(void* memory) { std::free(memory); }

uint64_t osl_memory_count(void) { return allocations; }

}  // extern "C"
