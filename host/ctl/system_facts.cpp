// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/system_facts.h"

#include <sys/resource.h>
#include <sys/utsname.h>

#include <fstream>
#include <string>
#include <thread>

namespace scanhost::ctl {
namespace {

/// Of lines such as `ID=debian` and `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"`.
Json osRelease() {
  Json facts = Json::object();
  std::ifstream in("/etc/os-release");
  for (std::string line; std::getline(in, line);) {
    const std::size_t equals = line.find('=');
    const std::string name = line.substr(0, equals);
    if (equals == std::string::npos ||
        (name != "ID" && name != "VERSION_ID" && name != "PRETTY_NAME"))
      continue;
    std::string value = line.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"') value = value.substr(1, value.size() - 2);
    facts[name] = value;
  }
  return facts;
}

Json kernel() {
  utsname names{};
  if (::uname(&names) != 0) return Json();
  return Json::object({{"system", names.sysname},
                       {"release", names.release},
                       {"version", names.version},
                       {"machine", names.machine}});
}

/// Lines such as `MemTotal:  1024 kB`.
Json memory() {
  Json facts = Json::object();
  std::ifstream in("/proc/meminfo");
  std::string name, unit;
  for (std::int64_t kibibytes = 0; in >> name >> kibibytes && std::getline(in, unit);) {
    name.pop_back();
    if (name == "MemTotal" || name == "MemAvailable" || name == "SwapTotal" || name == "SwapFree")
      facts[name] = kibibytes * 1024;
  }
  return facts;
}

Json disk(const std::filesystem::path& data_dir) {
  std::error_code error;
  const auto space = std::filesystem::space(data_dir, error);
  Json facts = Json::object({{"data_dir", data_dir.string()}});
  if (error) {
    facts["error"] = error.message();
    return facts;
  }
  facts["capacity"] = space.capacity;
  facts["available"] = space.available;
  return facts;
}

Json limitOf(int resource) {
  rlimit limit{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) return Json();
  return limit.rlim_cur == RLIM_INFINITY ? Json("unlimited")
                                         : Json(static_cast<std::int64_t>(limit.rlim_cur));
}

}  // namespace

Json systemFacts(const std::filesystem::path& data_dir) {
  std::string load;
  std::ifstream in("/proc/loadavg");
  std::getline(in, load);
  return Json::object(
      {{"os", osRelease()},
       {"kernel", kernel()},
       {"processors", std::thread::hardware_concurrency()},
       {"load", load},
       {"memory", memory()},
       {"disk", disk(data_dir)},
       {"limits_of_scanhostctl", Json::object({{"open_files", limitOf(RLIMIT_NOFILE)},
                                               {"processes", limitOf(RLIMIT_NPROC)},
                                               {"core_bytes", limitOf(RLIMIT_CORE)},
                                               {"address_space", limitOf(RLIMIT_AS)}})}});
}

}  // namespace scanhost::ctl
