#ifndef OSSICLE_TOOLS_PROGRESS_H_
#define OSSICLE_TOOLS_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <string>

namespace ossicle::tools {

/// Makes Ctrl-C set a flag instead of ending the program at once; the second Ctrl-C ends it.
void catch_interrupt();
bool interrupted();

/// Seconds since it was made.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Lines on stderr: what, step of steps, seconds so far, seconds to go.
class Progress {
 public:
  Progress(std::string what, std::uint32_t steps, std::uint32_t done = 0)
      : what_(std::move(what)), steps_(steps), start_(done) {}
  void step(std::uint32_t done) const;

 private:
  std::string what_;
  std::uint32_t steps_, start_;
  Stopwatch watch_;
};

void note(const std::string& text);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_PROGRESS_H_
