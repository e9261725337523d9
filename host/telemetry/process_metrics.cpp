// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/telemetry/process_metrics.h"

#include <unistd.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace scanhost {
namespace {

std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::optional<double> numberIn(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  return static_cast<double>(number);
}

/// The number after `word`, which begins a line; infinite when it says "unlimited".
std::optional<double> numberAfter(const std::string& text, std::string_view word) {
  std::size_t at = text.starts_with(word) ? 0 : text.find("\n" + std::string(word));
  if (at == text.npos) return std::nullopt;
  at = text.find_first_not_of(" \t", at + word.size() + (at > 0 ? 1 : 0));
  if (at == text.npos) return std::nullopt;
  const std::string_view rest = std::string_view(text).substr(at);
  if (rest.starts_with("unlimited")) return std::numeric_limits<double>::infinity();
  return numberIn(rest);
}

/// /proc/self/stat by proc(5)'s numbers, which begin at 1; the name, which may hold anything, is in
/// parentheses.
class Stat {
 public:
  explicit Stat(std::string text) : text_(std::move(text)) {}

  std::optional<double> field(int number) const {
    std::size_t at = text_.rfind(')');
    for (int i = 2; i < number && at != text_.npos; ++i) at = text_.find(' ', at + 1);
    if (at == text_.npos) return std::nullopt;
    return numberIn(std::string_view(text_).substr(at + 1));
  }

 private:
  const std::string text_;
};

std::optional<double> sum(std::optional<double> a, std::optional<double> b) {
  if (!a || !b) return std::nullopt;
  return *a + *b;
}
std::optional<double> times(std::optional<double> a, double factor) {
  if (!a) return std::nullopt;
  return *a * factor;
}

/// Less the one that reads the folder.
std::optional<double> openFiles(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::directory_iterator files(folder, error);
  double count = 0;
  for (; !error && files != std::filesystem::directory_iterator(); files.increment(error)) ++count;
  if (error || count == 0) return std::nullopt;
  return count - 1;
}

}  // namespace

std::vector<MetricFamily> readProcessMetrics(const std::filesystem::path& proc) {
  const double tick = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  const Stat stat(contents(proc / "self/stat"));
  std::vector<MetricFamily> families;
  const auto add = [&](const char* name, const char* help, MetricType type,
                       std::optional<double> value) {
    if (!value) return;
    families.push_back({name, help, type, {}});
    families.back().metrics.emplace_back().value = *value;
  };
  add("process_cpu_seconds_total", "Processor time used, user and system", MetricType::counter,
      times(sum(stat.field(14), stat.field(15)), tick));
  add("process_max_fds", "File descriptors the process may have open", MetricType::gauge,
      numberAfter(contents(proc / "self/limits"), "Max open files"));
  add("process_open_fds", "File descriptors open", MetricType::gauge, openFiles(proc / "self/fd"));
  add("process_resident_memory_bytes", "Resident memory", MetricType::gauge,
      times(stat.field(24), page));
  add("process_start_time_seconds", "When the process began, in seconds since 1970",
      MetricType::gauge,
      sum(numberAfter(contents(proc / "stat"), "btime"), times(stat.field(22), tick)));
  add("process_threads", "Threads", MetricType::gauge, stat.field(20));
  add("process_virtual_memory_bytes", "Virtual memory", MetricType::gauge, stat.field(23));
  return families;
}

}  // namespace scanhost
