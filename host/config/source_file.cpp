// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/source_file.h"

#include <fcntl.h>
#include <scanhost/json.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace scanhost {
namespace {

/// Closes the descriptor when it leaves.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::string reason(int code) {
  return std::generic_category().message(code);
}

Result<std::string> readAll(int fd, std::size_t max_bytes) {
  std::string text;
  char buffer[16384];
  for (;;) {
    const ssize_t count = read(fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(ErrorClass::config, "cannot be read: " + reason(errno));
    if (count == 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
    if (text.size() > max_bytes)
      return fail(ErrorClass::config,
                  "is larger than " + std::to_string(max_bytes) + " bytes, the most that is read");
  }
}

}  // namespace

Result<SourceFile> readSourceFile(const std::filesystem::path& path, std::size_t max_bytes) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0)
    return fail(ErrorClass::config, "cannot be opened: " + reason(errno) +
                                        "; check the path and that the service may read it");
  struct stat facts {};
  if (fstat(file.get(), &facts) != 0)
    return fail(ErrorClass::config, "cannot be examined: " + reason(errno));
  if (!S_ISREG(facts.st_mode)) return fail(ErrorClass::config, "is not a regular file; name one");
  Result<std::string> text = readAll(file.get(), max_bytes);
  if (!text) return tl::unexpected(text.error());
  if (const int line = lineOfBadText(*text); line > 0)
    return fail(ErrorClass::config, "line " + std::to_string(line) +
                                        " holds bytes that are not UTF-8 text; save it as UTF-8");
  return SourceFile{std::move(*text), facts.st_mode & 07777};
}

int lineOfBadText(std::string_view text) {
  std::uint32_t point = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = detail::decodeUtf8(text, at, point);
    if (length == 0 || point == 0)
      return 1 +
             static_cast<int>(std::count(text.begin(), text.begin() + static_cast<long>(at), '\n'));
    at += length;
  }
  return 0;
}

}  // namespace scanhost
