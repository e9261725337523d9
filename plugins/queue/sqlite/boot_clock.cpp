// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/sqlite/boot_clock.h"

#include <scanhost/error.h>

#include <ctime>
#include <fstream>

namespace scanhost::queue_sqlite {

std::int64_t bootNanos() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

std::string bootId() {
  const char* file = "/proc/sys/kernel/random/boot_id";
  std::string id;
  if (!(std::ifstream(file) >> id))
    throw PluginError(ErrorClass::config,
                      std::string(file) + " cannot be read; mount /proc for queue-sqlite",
                      ErrorSubject::backend);
  return id;
}

}  // namespace scanhost::queue_sqlite
