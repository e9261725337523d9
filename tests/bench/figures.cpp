// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/figures.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>

namespace scanhost::bench {
namespace {

using Run = benchmark::BenchmarkReporter::Run;

/// Shows runs as they come and keeps them.
class KeepingReporter : public benchmark::ConsoleReporter {
 public:
  KeepingReporter() : ConsoleReporter(OO_None) {}

  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs)
      if (run.run_type == Run::RT_Iteration && !run.error_occurred)
        runs_[run.run_name.function_name].push_back(run);
  }

  /// The median over the repetitions, in the figure's unit.
  std::optional<double> read(const Figure& figure, const std::string& benchmark) const {
    const auto found = runs_.find(benchmark);
    if (found == runs_.end()) return std::nullopt;
    std::vector<double> values;
    for (const Run& run : found->second) values.push_back(value(figure, run));
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  }

 private:
  static double value(const Figure& figure, const Run& run) {
    if (figure.reading == Reading::counter) {
      const auto counter = run.counters.find(figure.counter);
      return counter == run.counters.end() ? std::nan("") : counter->second.value;
    }
    const double time =
        figure.reading == Reading::cpu_time ? run.GetAdjustedCPUTime() : run.GetAdjustedRealTime();
    const double seconds = time / benchmark::GetTimeUnitMultiplier(run.time_unit);
    return seconds * (figure.unit == "ms" ? 1e3 : figure.unit == "us" ? 1e6 : 1e9);
  }

  std::map<std::string, std::vector<Run>> runs_;
};

std::string shown(std::optional<double> value, const std::string& unit) {
  if (!value) return "-";
  char text[64];
  std::snprintf(text, sizeof text, "%.*f %s",
                *value < 10     ? 2
                : *value < 1000 ? 1
                                : 0,
                *value, unit.c_str());
  return text;
}

void printFigure(const KeepingReporter& runs, const Figure& figure) {
  const auto own = runs.read(figure, figure.benchmark);
  const auto peer = figure.peer.empty() ? std::nullopt : runs.read(figure, figure.peer);
  char ratio[32] = "";
  if (own && peer && *peer > 0) std::snprintf(ratio, sizeof ratio, "%.2f", *own / *peer);
  std::printf("| %-56s | %12s | %12s | %6s | %-24s |\n", figure.title.c_str(),
              shown(own, figure.unit).c_str(),
              figure.peer.empty() ? "" : shown(peer, figure.unit).c_str(), ratio,
              figure.target.c_str());
}

}  // namespace

std::filesystem::path measuredBuild() {
  const char* named = std::getenv("SCANHOST_BENCH_PROGRAMS");
  return named ? named : SCANHOST_BENCH_BUILD;
}

std::string thisProgram() {
  return std::filesystem::read_symlink("/proc/self/exe").string();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

bool Rounds::take(const std::string& word) {
  if (word.rfind("--benchmark_min_time=", 0) == 0) return smoke = true;
  for (const std::string name : {"--repetitions=", "--benchmark_repetitions="})
    if (word.rfind(name, 0) == 0) {
      repetitions = std::max(1, std::atoi(word.c_str() + name.size()));
      return true;
    }
  return false;
}

int runFigures(int count, char** words, const std::vector<Figure>& figures) {
  std::vector<char*> all(words, words + count);
  static char repetitions[] = "--benchmark_repetitions=5";
  const bool told = std::any_of(all.begin(), all.end(), [](const char* word) {
    return std::strstr(word, "repetitions") != nullptr;
  });
  if (!told) all.insert(all.begin() + 1, repetitions);
  int size = static_cast<int>(all.size());
  benchmark::Initialize(&size, all.data());
  if (benchmark::ReportUnrecognizedArguments(size, all.data())) return 64;

  KeepingReporter reporter;
  if (benchmark::RunSpecifiedBenchmarks(&reporter) == 0) return 1;
  std::printf("\n| %-56s | %12s | %12s | %6s | %-24s |\n", "figure", "measured", "peer", "ratio",
              "target");
  std::printf("|%s|%s|%s|%s|%s|\n", std::string(58, '-').c_str(), std::string(14, '-').c_str(),
              std::string(14, '-').c_str(), std::string(8, '-').c_str(),
              std::string(26, '-').c_str());
  for (const Figure& figure : figures) printFigure(reporter, figure);
  std::printf("\n");
  return 0;
}

}  // namespace scanhost::bench
