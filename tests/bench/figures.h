// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// From benchmarks to the lines of a table: what it is called, beside what it stands, what it
/// should be. A program of this folder names its figures and hands main() over.
///
///     int main(int count, char** words) {
///       return scanhost::bench::runFigures(count, words, {{"A call", "call", "ns", {}, ...}});
///     }
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace scanhost::bench {

/// Where a figure comes from.
enum class Reading { real_time, cpu_time, counter };

struct Figure {
  std::string title;
  std::string benchmark;  ///< its name, as registered
  std::string unit;       ///< "ns", "us", "ms", or that of the counter
  Reading reading = Reading::real_time;
  std::string counter = {};
  std::string peer = {};    ///< another benchmark of this program; empty: none
  std::string target = {};  ///< what it should be, in words
};

/// The build whose programs and plugins are measured: this one, or the one that the environment
/// names in SCANHOST_BENCH_PROGRAMS.
std::filesystem::path measuredBuild();

std::string thisProgram();

double median(std::vector<double> values);

/// What a program that does without Google Benchmark takes of its arguments.
struct Rounds {
  int repetitions = 5;
  bool smoke = false;  ///< only to see that figures can be had
  /// Whether it was one of these.
  bool take(const std::string& word);
};

/// Runs the benchmarks, several times unless told otherwise, then prints a line for each figure:
/// its median, its peer's, and the ratio of the two.
int runFigures(int count, char** words, const std::vector<Figure>& figures);

}  // namespace scanhost::bench
