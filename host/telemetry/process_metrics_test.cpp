// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the kernel says of a process, by the names that every dashboard for Prometheus knows.
#include "host/telemetry/process_metrics.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <limits>
#include <map>
#include <thread>

namespace scanhost {
namespace {

std::map<std::string, double> valuesOf(const std::vector<MetricFamily>& families) {
  std::map<std::string, double> values;
  for (const MetricFamily& family : families) values[family.name] = family.metrics.at(0).value;
  return values;
}

/// A folder that stands for /proc.
class ProcFolder {
 public:
  ProcFolder() : path_(testing::TempDir() + "proc_" + std::to_string(getpid())) {
    std::filesystem::create_directories(path_ / "self/fd");
    for (const char* name : {"0", "1", "2", "3"}) write(std::string("self/fd/") + name, "");
    // As Linux 6.1 writes it, of a program that is called "a) b".
    write("self/stat",
          "4242 (a) b) S 1 4242 4242 0 -1 4194304 11 22 33 44 250 150 66 77 20 0 9 0 5000 1048576 "
          "300 18446744073709551615 1 1 0 0 0 0 0 4096 0 0 0 0 17 1 0 0 0 0 0\n");
    write("self/limits",
          "Limit                     Soft Limit           Hard Limit           Units\n"
          "Max processes             95000                95000                processes\n"
          "Max open files            1024                 524288               files\n");
    write("stat", "cpu  1 2 3\nbtime 1700000000\nprocesses 7\n");
  }
  ~ProcFolder() { std::filesystem::remove_all(path_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  const std::filesystem::path path_;
};

TEST(ProcessMetrics, AreThoseOfTheConvention) {
  const ProcFolder proc;
  const double tick = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  const std::map<std::string, double> expected{
      {"process_cpu_seconds_total", 400 * tick},
      {"process_max_fds", 1024},
      {"process_open_fds", 3},
      {"process_resident_memory_bytes", 300 * page},
      {"process_start_time_seconds", 1'700'000'000 + 5000 * tick},
      {"process_threads", 9},
      {"process_virtual_memory_bytes", 1'048'576}};
  EXPECT_EQ(valuesOf(readProcessMetrics(proc.path())), expected);
}

TEST(ProcessMetrics, OnlyProcessorTimeIsACounter) {
  const ProcFolder proc;
  for (const MetricFamily& family : readProcessMetrics(proc.path()))
    EXPECT_EQ(family.type == MetricType::counter, family.name == "process_cpu_seconds_total")
        << family.name;
}

TEST(ProcessMetrics, AnUnlimitedNumberOfFilesIsInfinite) {
  const ProcFolder proc;
  proc.write("self/limits", "Max open files            unlimited            unlimited  files\n");
  EXPECT_EQ(valuesOf(readProcessMetrics(proc.path())).at("process_max_fds"),
            std::numeric_limits<double>::infinity());
}

TEST(ProcessMetrics, WhatCannotBeReadIsLeftOut) {
  EXPECT_TRUE(readProcessMetrics("/nonexistent").empty());
  const ProcFolder proc;
  proc.write("self/stat", "no such text");
  const auto values = valuesOf(readProcessMetrics(proc.path()));
  EXPECT_EQ(values.count("process_threads"), 0u);
  EXPECT_EQ(values.count("process_start_time_seconds"), 0u);
  EXPECT_EQ(values.count("process_max_fds"), 1u);
}

TEST(ProcessMetrics, TellOfThisProcess) {
  const auto before = valuesOf(readProcessMetrics());
  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  std::map<std::string, double> during;
  std::thread([&] { during = valuesOf(readProcessMetrics()); }).join();
  close(file);
  ASSERT_EQ(before.size(), 7u);
  EXPECT_EQ(during.at("process_open_fds"), before.at("process_open_fds") + 1);
  EXPECT_EQ(during.at("process_threads"), before.at("process_threads") + 1);
  EXPECT_EQ(during.at("process_start_time_seconds"), before.at("process_start_time_seconds"));
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  EXPECT_NEAR(before.at("process_start_time_seconds"), now.count(), 600);
  EXPECT_GT(before.at("process_resident_memory_bytes"), 1 << 20);
}

}  // namespace
}  // namespace scanhost
