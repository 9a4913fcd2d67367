/* What the C library would ask a host for: there is none. Nothing in the core writes, reads or exits; sentencepiece and the C++ library
 * link code that could. A write is swallowed, everything else fails, and an exit traps, which ends the worker with a stack trace.
 * Includes no WASI header: its declarations are imports, and these are the definitions. */

#include <stdint.h>


enum { kBadFile = 8, kNotSupported = 58 }; /* WASI errno EBADF, ENOTSUP */

struct io_vector {
  const void* data;
  uint32_t n;
};

int32_t __wasi_fd_write(int32_t fd, const struct io_vector* vectors, int32_t n, uint32_t* written) {
  (void)fd;
  *written = 0;
  for (int32_t i = 0; i < n; ++i) *written += vectors[i].n;
  return 0;
}
int32_t __wasi_fd_read(int32_t fd, const struct io_vector* vectors, int32_t n, uint32_t* read) {
  (void)fd, (void)vectors, (void)n, (void)read;
  return kBadFile;
}
int32_t __wasi_fd_seek(int32_t fd, int64_t offset, int32_t whence, int64_t* at) {
  (void)fd, (void)offset, (void)whence, (void)at;
  return kBadFile;
}
int32_t __wasi_fd_close(int32_t fd) {
  (void)fd;
  return kBadFile;
}
int32_t __wasi_environ_get(void* pointers, void* bytes) {
  (void)pointers, (void)bytes;
  return kNotSupported;
}
int32_t __wasi_environ_sizes_get(uint32_t* count, uint32_t* bytes) {
  *count = 0;
  *bytes = 0;
  return 0;
}
__attribute__((noreturn)) void __wasi_proc_exit(int32_t code) {
  (void)code;
  __builtin_trap();
}
/* JavaScript makes its views anew in each callback, so that growth need not be told. */
void emscripten_notify_memory_growth(int32_t memory) { (void)memory; }
