// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/crash_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>

#include "host/base/unique_fd.h"

namespace scanhost::ctl {
namespace {

constexpr std::size_t max_report_bytes = 256u << 10;

/// "scanner-wild.one.1764457200000000.json": what stands before the ending is the time in
/// microseconds, with as many digits for centuries.
std::string timeIn(const std::string& name) {
  return std::filesystem::path(name).stem().extension().string();
}

std::vector<std::string> namesIn(int folder) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::fdopendir(::dup(folder)), ::closedir);
  while (const dirent* entry = open ? ::readdir(open.get()) : nullptr) {
    std::string name = entry->d_name;
    if (name.ends_with(".json") && timeIn(name).size() > 1) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end(),
            [](const std::string& a, const std::string& b) { return timeIn(a) > timeIn(b); });
  return names;
}

std::optional<Json> readReport(int folder, const std::string& name) {
  const UniqueFd file(
      ::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat facts {};
  if (!file || ::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return std::nullopt;
  std::string text(max_report_bytes, '\0');
  const ssize_t got = ::read(file.get(), text.data(), text.size());
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  auto report = Json::tryParse(text);
  if (!report || !report->has("plugin") || !report->has("reason")) return std::nullopt;
  return report;
}

}  // namespace

std::vector<CrashFile> readCrashFiles(const std::filesystem::path& folder, std::size_t most) {
  const UniqueFd open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!open && errno == ENOENT) return {};
  if (!open) throw std::runtime_error(folder.string() + ": " + std::strerror(errno));
  std::vector<CrashFile> found;
  for (const std::string& name : namesIn(open.get())) {
    if (found.size() == most) break;
    if (auto report = readReport(open.get(), name)) found.push_back({name, std::move(*report)});
  }
  return found;
}

}  // namespace scanhost::ctl
