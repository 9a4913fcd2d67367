#ifndef OSSICLE_TESTS_UNIT_CLI_COMMAND_H_
#define OSSICLE_TESTS_UNIT_CLI_COMMAND_H_

#include <string>

namespace ossicle::testing {

/// A folder of its own, removed at the end of the test.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path(const std::string& name) const { return path_ + "/" + name; }
  /// Writes a file and returns its path.
  std::string file(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

std::string read_text(const std::string& path);
bool exists(const std::string& path);
/// How many files and folders are in a folder.
std::size_t entries(const std::string& path);

struct Outcome {
  int exit_code = 0;
  std::string out, err;
};

/// Runs the built `ossicle` with these words, as a shell splits them.
Outcome run_tool(const Folder& folder, const std::string& words);
/// Runs any shell command; $OSSICLE is the built tool.
Outcome shell(const Folder& folder, const std::string& command);

/// 40 users with about 8 of 25 items each; no two of the items have one listener count and weight.
/// With a header.
std::string ratings_text();

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_UNIT_CLI_COMMAND_H_
