// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/clients.h"

#include <array>
#include <iterator>
#include <utility>

namespace scanhost::faults {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr int submitters = 3;
constexpr int followers = 2;
constexpr auto call_timeout = 4s;
/// A client asks about a task whose end was not seen after so long, and then that often.
constexpr auto patience = 8s;
constexpr auto ask_again = 1s;

}  // namespace

Clients::Clients(const Cluster& cluster, History& history, const ClientSettings& settings)
    : cluster_(cluster), history_(history), settings_(settings) {
  for (int i = 0; i < submitters; ++i)
    threads_.emplace_back([this, i] { submitLoop(settings_.seed + static_cast<unsigned>(i)); });
  for (int i = 0; i < followers; ++i)
    threads_.emplace_back(
        [this, i] { followLoop(settings_.seed + 100 + static_cast<unsigned>(i)); });
}

Clients::~Clients() {
  submitting_ = false;
  stopping_ = true;
  for (std::thread& thread : threads_) thread.join();
}

void Clients::seen(const Event& event) {
  if (event.what != What::ended) return;
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(event.task);
  if (found != waiting_.end()) found->second = Clock::now();
}

std::size_t Clients::open() const {
  const std::lock_guard lock(mutex_);
  return asking_ + waiting_.size();
}

std::vector<std::string> Clients::failedCalls() const {
  const std::lock_guard lock(mutex_);
  return failed_calls_;
}

void Clients::noteFailure(const client::ClientError& error) {
  const std::lock_guard lock(mutex_);
  failed_calls_.push_back(error.what());
}

std::optional<std::string> Clients::anyUrl(std::mt19937_64& random) const {
  const auto urls = cluster_.urls();
  if (urls.empty()) return std::nullopt;
  return urls[random() % urls.size()];
}

client::Client& Clients::at(const std::string& url, Connections& connections) {
  auto found = connections.find(url);
  if (found == connections.end())
    found = connections.emplace(url, client::Client(url, "", call_timeout)).first;
  return found->second;
}

void Clients::submitLoop(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Connections connections;
  while (submitting_) {
    {
      std::unique_lock lock(mutex_);
      if (asking_ + waiting_.size() >= static_cast<std::size_t>(settings_.in_flight)) {
        lock.unlock();
        std::this_thread::sleep_for(20ms);
        continue;
      }
      ++asking_;
    }
    submitOne(random, connections);
    const std::lock_guard lock(mutex_);
    --asking_;
  }
}

void Clients::submitOne(std::mt19937_64& random, Connections& connections) {
  client::ScanOptions options;
  options.idempotency_key = "key-" + std::to_string(next_key_++);
  history_.add({.what = What::submitted, .key = *options.idempotency_key});
  while (!stopping_) {
    const auto url = anyUrl(random);
    if (!url) {
      std::this_thread::sleep_for(20ms);
      continue;
    }
    try {
      const auto made = at(*url, connections).submit_scan("10.0.0.1", settings_.scan_name, options);
      const std::lock_guard lock(mutex_);
      waiting_.emplace(made.task_id, Clock::now() + patience);
      wishSomething(made.task_id, random);
      return history_.add(
          {.what = What::accepted, .task = made.task_id, .key = *options.idempotency_key});
    } catch (const client::ClientError& error) {
      noteFailure(error);
      connections.erase(*url);
      std::this_thread::sleep_for(50ms);
    }
  }
}

void Clients::followLoop(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Connections connections;
  while (!stopping_) {
    std::optional<std::string> task;
    std::optional<Wished> wished;
    {
      const std::lock_guard lock(mutex_);
      task = takeDue(waiting_);
      wished = takeDue(wishes_);
    }
    if (wished) tell(*wished, random, connections);
    if (!task || !askAbout(*task, random, connections)) std::this_thread::sleep_for(20ms);
  }
}

template <class Key>
std::optional<Key> Clients::takeDue(std::map<Key, Clock::time_point>& dues) {
  const auto now = Clock::now();
  for (auto& [key, from] : dues)
    if (from <= now) {
      from = now + ask_again;
      return key;
    }
  return std::nullopt;
}

/// With the lock.
void Clients::wishSomething(const std::string& task, std::mt19937_64& random) {
  const auto due = Clock::now() + milliseconds(random() % 3000);
  const auto draws = [&](unsigned one_of) { return one_of > 0 && random() % one_of == 0; };
  if (draws(settings_.cancel_one_of))
    wishes_.emplace(Wished(task, Wish::cancel), due);
  else if (draws(settings_.pause_one_of))
    wishes_.emplace(Wished(task, Wish::pause), due);
}

/// Until the service has answered, even if only that it is too late.
void Clients::tell(const Wished& wished, std::mt19937_64& random, Connections& connections) {
  const auto& [task, wish] = wished;
  const auto url = anyUrl(random);
  if (!url) return;
  if (wish == Wish::cancel) history_.add({.what = What::cancelled, .task = task});
  constexpr std::array<const char*, 3> tools = {"cancel_scan", "pause_scan", "resume_scan"};
  try {
    at(*url, connections)
        .call_tool(tools[static_cast<std::size_t>(wish)], Json::object({{"task_id", task}}));
    return wasTaken(wished, random);
  } catch (const client::ServiceError& refused) {
    if (refused.code() == "invalid_state") {
      const std::lock_guard lock(mutex_);
      wishes_.erase(wished);
      return;
    }
  } catch (const client::ClientError& error) {
    noteFailure(error);
    connections.erase(*url);
  }
  const std::lock_guard lock(mutex_);
  if (wish == Wish::pause) maybe_paused_.insert(task);
}

void Clients::wasTaken(const Wished& wished, std::mt19937_64& random) {
  const auto& [task, wish] = wished;
  if (wish != Wish::cancel)
    history_.add({.what = wish == Wish::pause ? What::paused : What::resumed, .task = task});
  const std::lock_guard lock(mutex_);
  wishes_.erase(wished);
  if (wish == Wish::pause)
    wishes_.emplace(Wished(task, Wish::resume),
                    Clock::now() + 500ms + milliseconds(random() % 2500));
}

bool Clients::askAbout(const std::string& task, std::mt19937_64& random, Connections& connections) {
  const auto url = anyUrl(random);
  if (!url) return false;
  try {
    const auto status = at(*url, connections).get_status(task);
    if (!status.terminal()) {
      resumeIfInDoubt(status);
      return true;
    }
    history_.add(
        {.what = What::answered,
         .task = task,
         .detail = status.completed() ? status.status : status.status + ": " + status.error_message,
         .number = static_cast<std::uint64_t>(status.json["attempt"].asInteger())});
    const std::lock_guard lock(mutex_);
    waiting_.erase(task);
    for (const Wish wish : {Wish::cancel, Wish::pause, Wish::resume})
      wishes_.erase(Wished(task, wish));
    return true;
  } catch (const client::ClientError& error) {
    noteFailure(error);
    connections.erase(*url);
    return false;
  }
}

/// A pause whose answer was lost may have been served after the task was resumed. No other paused
/// task is asked twice to go on.
void Clients::resumeIfInDoubt(const client::ScanStatus& status) {
  const std::lock_guard lock(mutex_);
  if (status.status == "paused" && maybe_paused_.count(status.task_id) != 0)
    wishes_.emplace(Wished(status.task_id, Wish::resume), Clock::now());
}

}  // namespace scanhost::faults
