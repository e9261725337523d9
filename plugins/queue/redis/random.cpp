// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/redis/random.h"

#include <scanhost/error.h>
#include <sys/random.h>

#include <cerrno>
#include <cstring>

namespace scanhost::queue_redis {

std::string randomBytes(std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t filled = 0;
  while (filled < count) {
    const ssize_t got = getrandom(bytes.data() + filled, count - filled, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      throw PluginError(ErrorClass::internal, std::string("getrandom: ") + std::strerror(errno));
    filled += static_cast<std::size_t>(got);
  }
  return bytes;
}

std::string randomHex(std::size_t count) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : randomBytes(count)) {
    text += digits[static_cast<unsigned char>(byte) >> 4];
    text += digits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

}  // namespace scanhost::queue_redis
