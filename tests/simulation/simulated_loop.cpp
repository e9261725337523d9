// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/simulated_loop.h"

#include <algorithm>
#include <utility>

namespace scanhost::simulation {
namespace {

using namespace std::chrono_literals;

/// Until a thread that has something to do gets to it.
constexpr Nanos most_scheduling = 2ms;

}  // namespace

void Process::at(Nanos when, World::Action action) {
  world_.at(when, [self = shared_from_this(), action = std::move(action)]() mutable {
    if (!self->alive_) return;
    if (self->stopped()) return self->at(self->stopped_until_, std::move(action));
    action();
  });
}

SimulatedLoop::SimulatedLoop(std::shared_ptr<Process> process, Nanos between_turns)
    : process_(std::move(process)), world_(process_->world()), tick_(between_turns) {
  constexpr std::array<std::size_t, 4> threads{3, 8, 3, 1};  // as a node has them
  for (std::size_t i = 0; i < pools_.size(); ++i) pools_[i].most = threads[i];
}

void SimulatedLoop::start(std::function<void()> turn) {
  turn_ = std::move(turn);
  turnSoon();
}

void SimulatedLoop::widenLocal(std::size_t jobs) {
  Jobs& local = pools_[static_cast<std::size_t>(Pool::local)];
  local.most = std::max(local.most, jobs);
}

void SimulatedLoop::turnSoon() {
  post([this] { turn(); });
}

void SimulatedLoop::turn() {
  last_turn_ = world_.now();
  turn_();
  process_->at(world_.now() + tick_, [this, mine = ++turns_] {
    if (!stopped_ && mine == turns_) turn();
  });
}

void SimulatedLoop::post(std::function<void()> message) {
  if (stopped_) return;
  inbox_.push_back(std::move(message));
  process_->at(world_.now() + world_.between(0ns, most_scheduling), [this] {
    if (stopped_) return;
    const auto next = std::move(inbox_.front());
    inbox_.pop_front();
    next();
  });
}

void SimulatedLoop::run(Pool pool, std::function<void()> job) {
  const auto index = static_cast<std::size_t>(pool);
  pools_[index].waiting.push_back(std::move(job));
  beginJobs(index);
}

void SimulatedLoop::beginJobs(std::size_t pool) {
  Jobs& jobs = pools_[pool];
  while (jobs.running < jobs.most && !jobs.waiting.empty()) {
    ++jobs.running;
    jobs_.emplace_back(pool, std::move(jobs.waiting.front()));
    jobs.waiting.pop_front();
    process_->at(world_.now() + world_.between(0ns, most_scheduling),
                 [this, job = std::prev(jobs_.end())] { go(job); });
  }
}

void SimulatedLoop::go(std::list<Running>::iterator job) {
  current_ = job;
  job->fiber.resume();
  current_ = jobs_.end();
  if (!job->fiber.ended()) return;
  const std::size_t pool = job->pool;
  jobs_.erase(job);
  --pools_[pool].running;
  if (!ending_) beginJobs(pool);
}

bool SimulatedLoop::sleepUntil(Nanos when) {
  if (ending_) return false;
  const auto job = current_;
  process_->at(when, [this, job] { go(job); });
  job->fiber.yield();
  return !ending_;
}

void SimulatedLoop::joinPools() {
  ending_ = true;
  process_->die();
  for (Jobs& jobs : pools_) jobs.waiting.clear();
  while (!jobs_.empty()) {
    if (jobs_.front().fiber.begun())
      go(jobs_.begin());
    else
      jobs_.pop_front();
  }
}

}  // namespace scanhost::simulation
