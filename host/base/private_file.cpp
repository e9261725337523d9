// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/base/private_file.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "host/base/unique_fd.h"

namespace scanhost {

Result<std::string> readPrivateFile(const std::filesystem::path& file, const std::string& what,
                                    std::size_t max_bytes) {
  const std::string named = what + " " + file.string();
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorClass::config, named + ": " + why);
  };
  const UniqueFd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd) return refuse(std::strerror(errno));
  struct stat info {};
  if (fstat(fd.get(), &info) != 0) return refuse(std::strerror(errno));
  if (!S_ISREG(info.st_mode) || (info.st_mode & 077) != 0)
    return refuse("must be a regular file that only its owner may read; run chmod 600 " +
                  file.string());
  std::string text(max_bytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(fd.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refuse(std::strerror(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > max_bytes) {
    OPENSSL_cleanse(text.data(), text.size());
    return refuse("is over " + std::to_string(max_bytes / 1024) + " KiB");
  }
  text.resize(size);
  return text;
}

}  // namespace scanhost
