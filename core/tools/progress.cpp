#include "progress.h"

#include <csignal>
#include <cstdio>

namespace ossicle::tools {
namespace {

volatile std::sig_atomic_t interrupt_flag = 0;

void on_interrupt(int number) {
  interrupt_flag = 1;
  std::signal(number, SIG_DFL);
}

}  // namespace

void catch_interrupt() { std::signal(SIGINT, on_interrupt); }
bool interrupted() { return interrupt_flag != 0; }

void Progress::step(std::uint32_t done) const {
  const double seconds = watch_.seconds();
  const double each = done > start_ ? seconds / (done - start_) : 0;
  std::fprintf(stderr, "%s %u/%u  %.1f s  %.1f s to go\n", what_.c_str(), done, steps_, seconds,
               each * (steps_ - done));
}

void note(const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); }

}  // namespace ossicle::tools
