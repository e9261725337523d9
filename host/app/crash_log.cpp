// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/crash_log.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "host/base/durable_file.h"

namespace scanhost {
namespace {

constexpr std::size_t max_report_bytes = 1u << 20;

/// An instance's name as a part of a file's: "web:one" becomes "web_one".
std::string fileWord(std::string text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  std::replace_if(
      text.begin(), text.end(), [&](char c) { return !is_plain(c); }, '_');
  return text;
}

std::string fileName(const CrashReport& report) {
  return report.plugin + "." + fileWord(report.instance) + "." +
         std::to_string(report.time.micros) + ".json";
}

std::string readReport(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(max_report_bytes, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace

Result<std::filesystem::path> CrashLog::keep(const CrashReport& report) {
  const std::lock_guard lock(mutex_);
  std::error_code error;
  if (std::filesystem::create_directories(folder_, error))
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, error);
  const std::filesystem::path file = folder_ / fileName(report);
  if (const Status written = writeDurably(file, report.toJson().dump() + "\n", 0600); !written)
    return tl::unexpected<Error>(written.error());
  const auto all = reportsOf(report.plugin);
  for (std::size_t i = 0; i + max_kept < all.size(); ++i) std::filesystem::remove(all[i], error);
  return file;
}

std::optional<CrashLog::Last> CrashLog::lastOf(const std::string& plugin) const {
  const auto all = reportsOf(plugin);
  if (all.empty()) return std::nullopt;
  const auto report = Json::tryParse(readReport(all.back()));
  if (!report) return std::nullopt;
  return Last{all.size(), (*report)["time"].asString(), (*report)["signal"].asString(),
              (*report)["reason"].asString()};
}

/// The oldest first.
std::vector<std::filesystem::path> CrashLog::reportsOf(const std::string& plugin) const {
  std::vector<std::filesystem::path> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind(plugin + ".", 0) == 0 && entry.path().extension() == ".json")
      found.push_back(entry.path());
  }
  const auto time = [](const std::filesystem::path& file) {
    return file.stem().extension().string();  // ".1764457200000000", as long for centuries
  };
  std::sort(found.begin(), found.end(),
            [&](const auto& a, const auto& b) { return time(a) < time(b); });
  return found;
}

}  // namespace scanhost
