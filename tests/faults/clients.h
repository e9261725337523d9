// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The clients of the driver: they keep so many tasks in flight, whatever happens to the nodes, and
/// ask how each ended. What they asked and were told goes into the history.
///
/// A submission that brought no answer is made again, under its key, at any node that is ready.
#pragma once

#include <scanhost/client/client.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/faults/cluster.h"

namespace scanhost::faults {

struct ClientSettings {
  int in_flight = 50;
  std::uint64_t seed = 1;
  std::string scan_name = "faults";  ///< marks in it ask the simulator for special reports
  unsigned cancel_one_of = 0;        ///< that many tasks; 0: none
  unsigned pause_one_of = 0;         ///< and resume them a while later
};

class Clients {
 public:
  Clients(const Cluster& cluster, History& history, const ClientSettings& settings);
  ~Clients();
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  /// What the observer saw: a task ended, so that its client may as well ask.
  void seen(const Event& event);
  /// Ends the making of new tasks. Submissions under way go on.
  void stopSubmitting() { submitting_ = false; }
  /// Submissions under way and tasks without a known end.
  std::size_t open() const;
  /// What was said of each call that brought no answer.
  std::vector<std::string> failedCalls() const;

 private:
  using Connections = std::map<std::string, client::Client>;

  void submitLoop(std::uint64_t seed);
  void submitOne(std::mt19937_64& random, Connections& connections);
  void followLoop(std::uint64_t seed);
  /// What a client wants done to a task of its own.
  enum class Wish { cancel, pause, resume };
  using Wished = std::pair<std::string, Wish>;

  void wishSomething(const std::string& task, std::mt19937_64& random);
  void tell(const Wished& wished, std::mt19937_64& random, Connections& connections);
  void wasTaken(const Wished& wished, std::mt19937_64& random);
  void resumeIfInDoubt(const client::ScanStatus& status);
  bool askAbout(const std::string& task, std::mt19937_64& random, Connections& connections);
  /// The first that is due, put off by `ask_again`.
  template <class Key>
  static std::optional<Key> takeDue(std::map<Key, std::chrono::steady_clock::time_point>& dues);
  /// At a node that is ready; nothing when none is.
  std::optional<std::string> anyUrl(std::mt19937_64& random) const;
  void noteFailure(const client::ClientError& error);
  static client::Client& at(const std::string& url, Connections& connections);

  const Cluster& cluster_;
  History& history_;
  const ClientSettings settings_;
  std::atomic<bool> submitting_{true};
  std::atomic<bool> stopping_{false};
  std::atomic<int> next_key_{1};

  mutable std::mutex mutex_;
  std::size_t asking_ = 0;
  std::map<std::string, std::chrono::steady_clock::time_point> waiting_;  ///< ask from then on
  std::map<Wished, std::chrono::steady_clock::time_point> wishes_;
  /// A request to pause them brought no answer, and may be served at any time.
  std::set<std::string> maybe_paused_;
  std::vector<std::string> failed_calls_;
  std::vector<std::thread> threads_;
};

}  // namespace scanhost::faults
