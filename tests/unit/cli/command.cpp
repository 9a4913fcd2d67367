#include "command.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace ossicle::testing {

Folder::Folder() {
  static int number = 0;
  const std::filesystem::path base = std::filesystem::temp_directory_path();
  path_ = (base / ("ossicle-cli-" + std::to_string(getpid()) + "-" + std::to_string(number++)))
              .string();
  std::filesystem::create_directories(path_);
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string Folder::file(const std::string& name, const std::string& text) const {
  std::ofstream(path(name), std::ios::binary) << text;
  return path(name);
}

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool exists(const std::string& path) { return std::filesystem::exists(path); }

std::size_t entries(const std::string& path) {
  if (!exists(path)) return 0;
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
}

Outcome shell(const Folder& folder, const std::string& command) {
  const std::string out = folder.path("stdout.txt");
  const std::string err = folder.path("stderr.txt");
  const std::string whole =
      "export OSSICLE='" OSSICLE_TOOL "'; { " + command + "; } >'" + out + "' 2>'" + err + "'";
  const int status = std::system(whole.c_str());
  REQUIRE(WIFEXITED(status));
  return {WEXITSTATUS(status), read_text(out), read_text(err)};
}

Outcome run_tool(const Folder& folder, const std::string& words) {
  return shell(folder, "\"$OSSICLE\" " + words);
}

std::string ratings_text() {
  std::ostringstream text;
  text << "userID\tartistID\tweight\n";
  for (int u = 0; u < 40; ++u) {
    for (int i = 0; i < 25; ++i) {
      const bool own_half = (u % 2 == 0) == (i < 12);
      if ((u * 7 + i * 5) % (own_half ? 3 : 11 + i) != 0) continue;
      text << "u" << u << "\ta" << i << "\t" << 1 + (u * i) % 90 << "\n";
    }
  }
  return text.str();
}

}  // namespace ossicle::testing
