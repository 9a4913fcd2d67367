#include "files.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

namespace ossicle::tools {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

Problem failed(const std::string& path, const char* what, int error) {
  return problem(path + ": " + what + ": " + std::strerror(error));
}

}  // namespace

Problem read_file(const std::string& path, std::vector<std::byte>& out) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return problem(path + ": is a folder");
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file) return failed(path, "cannot be opened", errno);
  out.clear();
  constexpr std::size_t kPiece = 1U << 20;
  out.reserve(static_cast<std::size_t>(file_bytes(path)) + kPiece);  // not twice while it grows
  std::size_t n = 0;
  do {
    const std::size_t at = out.size();
    out.resize(at + kPiece);
    n = std::fread(out.data() + at, 1, kPiece, file.get());
    out.resize(at + n);
  } while (n > 0);
  if (std::ferror(file.get()) != 0) return failed(path, "cannot be read", errno);
  return {};
}

std::vector<std::string_view> lines_of(std::span<const std::byte> bytes) {
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

Problem write_file(const std::string& path, std::span<const std::byte> bytes) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (!folder.empty()) OSL_TOOL_TRY(make_folder(folder));
  const std::string temporary = path + ".part";
  File file(std::fopen(temporary.c_str(), "wb"));
  if (!file) return failed(temporary, "cannot be made", errno);
  bool good = std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size();
  good = std::fclose(file.release()) == 0 && good;
  if (!good) {
    const int reason = errno;
    remove_file(temporary);
    return failed(path, "cannot be written", reason);
  }
  std::error_code error;
  std::filesystem::rename(temporary, path, error);
  if (error) {
    remove_file(temporary);
    return problem(path + ": cannot be replaced: " + error.message());
  }
  return {};
}

Problem write_file(const std::string& path, std::string_view text) {
  return write_file(path, std::as_bytes(std::span(text)));
}

std::uint64_t file_bytes(const std::string& path) {
  std::error_code error;
  const std::uintmax_t n = std::filesystem::file_size(path, error);
  return error ? 0 : n;
}

bool file_exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

Problem make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return problem(path + ": the folder cannot be made: " + error.message());
  return {};
}

void remove_file(const std::string& path) {
  std::error_code error;
  std::filesystem::remove(path, error);
}

}  // namespace ossicle::tools
