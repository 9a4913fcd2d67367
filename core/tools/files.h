#ifndef OSSICLE_TOOLS_FILES_H_
#define OSSICLE_TOOLS_FILES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "problem.h"

namespace ossicle::tools {

/// The whole file. The problem names the path.
Problem read_file(const std::string& path, std::vector<std::byte>& out);

/// The lines of a text file, without their ends ("\n" or "\r\n"): views into `bytes`.
std::vector<std::string_view> lines_of(std::span<const std::byte> bytes);

/// Replaces `path` in one step: writes a temporary file beside it, then renames. On a problem the
/// old file is as it was and no temporary file is left. Missing folders are made.
Problem write_file(const std::string& path, std::span<const std::byte> bytes);
Problem write_file(const std::string& path, std::string_view text);

/// Bytes of a file; 0 when it is not there.
std::uint64_t file_bytes(const std::string& path);
bool file_exists(const std::string& path);
Problem make_folder(const std::string& path);
void remove_file(const std::string& path);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_FILES_H_
