// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// The backend: a folder that a scanner elsewhere looks into, by whatever means it is shared. Each job
/// is a folder in it:
///
///     <folder>/<job>/job.json    {"name": "... [scanhost:<task id>/<launch>]", "addresses": [...]}
///     <folder>/<job>/start       ours: scan now; holds the id of the run
///     <folder>/<job>/stop        ours: stop
///     <folder>/<job>/status      the scanner's: running, completed, stopped or failed, and a percentage
///     <folder>/<job>/report      the scanner's: a line for each finding (scanner.cpp reads it)
///
/// Put your own scanner's interface in its place. Functions throw PluginError.
#pragma once

#include <scanhost/json.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

class Spool {
 public:
  struct Job {
    std::string id;
    std::string name;    ///< with the marker
    std::string run_id;  ///< empty: never started
    std::string status;  ///< the scanner's word; empty: none yet
    int percent = -1;
  };

  explicit Spool(std::string folder) : folder_(std::move(folder)) {}

  /// Throws unless the folder is there and can be written.
  void check() const;
  /// Makes a job that nobody scans yet, whole or not at all; answers its id.
  std::string create(const scanhost::Json& job) const;
  std::vector<Job> jobs() const;
  std::optional<Job> find(const std::string& id) const;
  /// Answers the run's id. Throws (ambiguous) when the job has been started before.
  std::string start(const std::string& id) const;
  void stop(const std::string& id) const;
  /// Empty when there is none.
  std::string report(const std::string& id) const;
  /// A job that is gone is as good as removed.
  void remove(const std::string& id) const;

 private:
  std::string path(const std::string& id, const char* file) const;

  const std::string folder_;
};
