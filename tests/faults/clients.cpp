// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/clients.h"

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
  const std::lock_guard lock(mutex_);
  if (event.what == What::granted) holders_[event.task] = event.node;
  if (event.what != What::ended) return;
  const auto found = waiting_.find(event.task);
  if (found != waiting_.end()) found->second = Clock::now();
}

std::size_t Clients::open() const {
  const std::lock_guard lock(mutex_);
  return asking_ + waiting_.size();
}

std::set<std::string> Clients::completed() const {
  const std::lock_guard lock(mutex_);
  return completed_;
}

std::string Clients::holderOf(const std::string& task) const {
  const std::lock_guard lock(mutex_);
  const auto found = holders_.find(task);
  return found == holders_.end() ? std::string() : found->second;
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
      if (settings_.cancel_one_of > 0 && random() % settings_.cancel_one_of == 0)
        to_cancel_.emplace(made.task_id, Clock::now() + milliseconds(random() % 3000));
      return history_.add(
          {.what = What::accepted, .task = made.task_id, .key = *options.idempotency_key});
    } catch (const client::ClientError&) {
      connections.erase(*url);
      std::this_thread::sleep_for(50ms);
    }
  }
}

void Clients::followLoop(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Connections connections;
  while (!stopping_) {
    std::string task, unwanted;
    {
      const std::lock_guard lock(mutex_);
      task = takeDue(waiting_);
      unwanted = takeDue(to_cancel_);
    }
    if (!unwanted.empty()) cancel(unwanted, random, connections);
    if (task.empty() || !askAbout(task, random, connections)) std::this_thread::sleep_for(20ms);
  }
}

std::string Clients::takeDue(std::map<std::string, Clock::time_point>& tasks) {
  const auto now = Clock::now();
  for (auto& [id, from] : tasks)
    if (from <= now) {
      from = now + ask_again;
      return id;
    }
  return {};
}

/// Until the service has answered, even if only that it is too late.
void Clients::cancel(const std::string& task, std::mt19937_64& random, Connections& connections) {
  const auto url = anyUrl(random);
  if (!url) return;
  history_.add({.what = What::cancelled, .task = task});
  try {
    at(*url, connections).cancel(task);
  } catch (const client::ServiceError& refused) {
    if (refused.code() != "invalid_state") return;
  } catch (const client::ClientError&) {
    connections.erase(*url);
    return;
  }
  const std::lock_guard lock(mutex_);
  to_cancel_.erase(task);
}

bool Clients::askAbout(const std::string& task, std::mt19937_64& random, Connections& connections) {
  const auto url = anyUrl(random);
  if (!url) return false;
  try {
    const auto status = at(*url, connections).get_status(task);
    if (!status.terminal()) return true;
    history_.add(
        {.what = What::answered,
         .task = task,
         .detail = status.completed() ? status.status : status.status + ": " + status.error_message,
         .number = static_cast<std::uint64_t>(status.json["attempt"].asInteger())});
    const std::lock_guard lock(mutex_);
    if (status.completed()) completed_.insert(task);
    waiting_.erase(task);
    to_cancel_.erase(task);
    return true;
  } catch (const client::ClientError&) {
    connections.erase(*url);
    return false;
  }
}

}  // namespace scanhost::faults
