// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One scanhost of the fault driver: a process that is started and killed again and again over the
/// same folder, with networks of its own to the queue's server (or Sentinel) and to the scanner.
///
/// One thread uses it, but for the networks.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/faults/tcp_proxy.h"
#include "tests/support/child_process.h"

namespace scanhost::faults {

struct NodeSettings {
  std::string name;
  std::string program;
  std::filesystem::path folder;    ///< config, events and data of this node
  std::filesystem::path data_dir;  ///< on a file system that may be small
  /// YAML of `queue:`; %PORT% becomes the network's port, %SWAP% a digit that each swap changes.
  std::string queue;
  std::string scanner;  ///< YAML of one scanner; %PORT% and %SWAP% likewise
  std::string more;     ///< further top-level YAML
  unsigned short queue_port = 0;
  unsigned short scanner_port = 0;
  std::string without;  ///< protections to take away, separated by spaces
};

class Node {
 public:
  explicit Node(const NodeSettings& settings);

  const std::string& name() const { return settings_.name; }
  const std::filesystem::path& dataDir() const { return settings_.data_dir; }
  pid_t pid() const { return process_ ? process_->pid() : -1; }
  TcpProxy& toQueue() { return to_queue_; }
  TcpProxy& toScanner() { return to_scanner_; }

  void start();
  /// Gives it other settings for scanner, exporter and queue, and lets it reload them.
  void swap();
  /// How many reloads it said were done, and what it said of one that it refused.
  int reloads() const;
  std::string refusedReload() const;
  /// The lines that its exporter has written so far, whichever the file.
  std::vector<std::string> events() const;
  bool running() { return process_ && process_->running(); }
  void signal(int number) const { process_->signal(number); }
  int waitForEnd() { return process_->wait(); }
  bool wasReady() const { return !url_.empty(); }
  /// Where it serves clients; nothing until it is ready.
  std::optional<std::string> url();
  /// Its standard error of this start.
  std::string said() const { return process_ ? process_->err() : std::string(); }

  /// It dies when it passes that point so many times; empty: at none. At any time.
  void arm(const std::string& point, int hits);
  const std::string& armed() const { return armed_; }

 private:
  void writeConfig() const;
  std::filesystem::path armFile() const { return settings_.folder / "armed"; }

  NodeSettings settings_;
  TcpProxy to_queue_;
  TcpProxy to_scanner_;
  std::string armed_;
  int swaps_ = 0;
  std::string url_;
  std::unique_ptr<testing_support::ChildProcess> process_;
};

}  // namespace scanhost::faults
