// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A Greenbone manager without a socket: from a command to its answer.
///
/// It keeps targets and tasks, runs tasks through their life by the clock, and makes the same
/// report for the same addresses. It scans nothing. Safe from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct _xmlNode;

namespace scanhost::simulator_gmp {

class Manager {
 public:
  struct Options {
    std::string username = "scanhost", password = "hunter2";
    std::chrono::milliseconds scan_time{300};
    std::size_t results_per_host = 5;
  };

  explicit Manager(Options options) : options_(std::move(options)) {}

  struct Answer {
    std::string command;  ///< its name, "get_tasks"
    std::string xml;
  };
  /// Of one connection, whose login is kept in `logged_in`.
  Answer answer(const _xmlNode* command, bool& logged_in);

  /// How often a command came, by its name.
  int count(const std::string& command) const;
  std::size_t tasks() const;
  std::size_t targets() const;
  /// A task of somebody else's; its id.
  std::string addForeignTask(const std::string& name);
  /// Runs a task again behind our back.
  void startAgain(const std::string& task_id);

 private:
  struct Target {
    std::string name, hosts;
  };
  struct Run {
    std::string report_id;
    std::chrono::steady_clock::time_point begun;
    std::optional<std::chrono::steady_clock::time_point> stopped;
  };
  struct Task {
    std::string name, comment, target_id;
    std::vector<Run> runs;
  };

  std::string newId();
  std::string statusOf(const Task& task) const;
  std::string statusOf(const Run& run) const;
  int progressOf(const Task& task) const;
  std::string taskXml(const std::string& id, const Task& task) const;

  std::string dispatch(const std::string& name, const _xmlNode* command, bool& logged_in);
  std::string authenticate(const _xmlNode* command, bool& logged_in);
  std::string createTarget(const _xmlNode* command);
  std::string createTask(const _xmlNode* command);
  std::string getTasks(const _xmlNode* command);
  std::string startTask(const _xmlNode* command);
  std::string stopTask(const _xmlNode* command);
  std::string deleteTask(const _xmlNode* command);
  std::string deleteTarget(const _xmlNode* command);
  std::string getTargets(const _xmlNode* command);
  std::string getReports(const _xmlNode* command);

  Options options_;
  mutable std::mutex mutex_;
  std::uint64_t ids_ = 0;
  std::map<std::string, Target> targets_;
  std::map<std::string, Task> tasks_;
  std::map<std::string, int> counts_;
};

}  // namespace scanhost::simulator_gmp
