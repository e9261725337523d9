// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A running scanhost: every part made, wired and started in order, and taken down in reverse.
///
/// `start` either brings everything up or nothing: a part that fails takes down those before it.
/// One per process, used by one thread, but for what says otherwise.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host/config/load.h"
#include "host/operations/reload.h"

namespace scanhost {

/// A node's configuration from its files and the environment.
LoadOutcome readConfiguration(const std::filesystem::path& file);

class Node {
 public:
  /// `file` is where the configuration came from: a reload reads it again.
  Node(Config config, std::filesystem::path file);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// What start() would say of the configuration, of each plugin's settings and, where the data
  /// folder is there, of the room on its disk; runs nothing and writes nothing. Every problem names
  /// its place in the configuration where it has one.
  std::vector<Problem> check();
  std::vector<Problem> start();
  /// Where it listens, once started: "127.0.0.1:8835".
  std::string address() const;
  /// Loops that no longer go round; empty: alive. Any thread, until stop().
  std::vector<std::string> stalledLoops() const;
  /// How it is, in one line for people. Any thread, until stop().
  std::string statusLine();
  /// Reads the configuration again and applies what changed, while running.
  ReloadResult reload(const TraceContext& trace);
  /// Takes nothing new, hands tasks back, lets requests finish, and stops. `signal` is for the log.
  void stop(std::string_view signal);

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace scanhost
