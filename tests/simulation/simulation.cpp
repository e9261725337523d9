// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/simulation.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace scanhost::simulation {
namespace {

using namespace std::chrono_literals;

/// Everything must have ended this long after the last fault.
constexpr Nanos patience = 15min;
/// Ways that are well, but not perfect, while there are faults.
constexpr Way usual{false, 0.01, 0.02, 60ms};
constexpr Way good{false, 0, 0, 20ms};

constexpr std::int64_t orders_from_us = 1'767'600'000'000'000;

}  // namespace

Simulation::Simulation(RunOptions options, Surroundings& around)
    : options_(options),
      around_(around),
      world_(options.seed, options.tracing),
      checker_(world_, static_cast<int>(around.config->tasks.max_takeovers)),
      servers_{{world_, checker_, options.removed}, {checker_, options.removed}, {}, {}, {}, {}} {
  const int instances = world_.number(1, 2);
  for (int i = 1; i <= instances; ++i) {
    auto& server = servers_.scanners.emplace_back(std::make_unique<ScannerServer>(
        world_, checker_, options.removed, "scanner" + std::to_string(i),
        static_cast<std::uint32_t>(world_.number(1, 3))));
    server->onDeadlyRequest(
        [this](const std::string& task_id, Nanos after) { killWorkerOf(task_id, after); });
  }
  servers_.scanner_ways.assign(servers_.scanners.size(), usual);
  servers_.queue_way = servers_.results_way = usual;
  const int nodes = world_.number(2, 3);
  for (int i = 1; i <= nodes; ++i) {
    Seat& seat = *seats_.emplace_back(std::make_unique<Seat>());
    seat.name = "node" + std::to_string(i);
    seat.time = std::make_unique<NodeTime>(world_, world_.between(1min, 24h));
    seat.time->set(world_.between(-2s, 2s));
    world_.after(world_.between(0s, 2s), [this, &seat] { start(seat); });
  }
  servers_.queue.onChange([this](const QueueChanges& changes) { tellNodes(changes); });
  planFaults();
  planOrders();
}

Simulation::~Simulation() {
  servers_.queue.onChange({});
}

// ---- clients --------------------------------------------------------------------------------

void Simulation::planOrders() {
  const int count = world_.number(3, 9);
  bool has_killer = false;
  for (int i = 0; i < count; ++i) {
    const double draw = world_.share();
    Kind kind = Kind::plain;
    if (draw < 0.08)
      kind = Kind::aborts_once;
    else if (draw < 0.16)
      kind = Kind::bad_report;
    else if (draw < 0.20)
      kind = Kind::runs_too_long;
    else if (draw < 0.25 && !std::exchange(has_killer, true))
      kind = world_.chance(0.5) ? Kind::kills_worker : Kind::kills_reader;
    char id[64];
    std::snprintf(id, sizeof id, "la_scan_20260105_080000_%08x", i + 1);
    orders_.push_back({id, "key" + std::to_string(i), kindName(kind)});
    world_.after(world_.between(0s, faults_end_ / 2),
                 [this, i] { submit(static_cast<std::size_t>(i)); });
  }
}

/// As a client that tries again with the same key until it is told; each try has an id of its own.
void Simulation::submit(std::size_t index) {
  Order& order = orders_[index];
  const Way& way = servers_.queue_way;
  const bool arrives = !way.cut && !world_.chance(std::max(way.lost_requests, 0.05));
  if (arrives) {
    SubmissionDocument document;
    document.name = order.name;
    document.targets = "10.0.0.1";
    document.scan_type = "untrusted";
    Submission submission;
    submission.id = order.id;
    submission.trace_id = "550e8400-e29b-41d4-a716-446655440000";
    submission.owner = "client";
    submission.pool = "lan";
    submission.submission = document.toText();
    submission.created_us = orders_from_us + world_.now().count() / 1000;
    submission.cap = 1000;
    submission.key = order.key;
    submission.key_hash = order.name;
    submission.key_ttl = 24h;
    const TaskAnswer answer = servers_.queue.submit(submission);
    world_.trace("client", "submits " + order.id + ", a scan of kind " + order.name);
    if (!world_.chance(std::max(way.lost_replies, 0.15)) && answer.task) {
      order.accepted = true;
      order.id = answer.task->id;
      return planRequests(order.id);
    }
  }
  order.id.back() = order.id.back() == '9' ? '0' : static_cast<char>(order.id.back() + 1);
  order.id[order.id.size() - 8] = static_cast<char>('a' + world_.below(6));
  world_.after(1s, [this, index] { submit(index); });
}

void Simulation::planRequests(const std::string& id) {
  if (world_.chance(0.12))
    world_.after(world_.between(0s, 25s), [this, id] { ask(id, TaskRequest::cancel); });
  if (!world_.chance(0.2)) return;
  const Nanos paused = world_.between(0s, 15s);
  world_.after(paused, [this, id] { ask(id, TaskRequest::pause); });
  world_.after(paused + world_.between(1s, 25s), [this, id] { ask(id, TaskRequest::resume); });
}

void Simulation::ask(const std::string& id, TaskRequest what) {
  if (quiet() && what != TaskRequest::resume) return;
  static constexpr std::array<const char*, 3> words{"cancel", "pause", "resume"};
  world_.trace("client",
               std::string("asks to ") + words[static_cast<std::size_t>(what)] + " " + id);
  servers_.queue.request(id, what, orders_from_us + world_.now().count() / 1000);
}

void Simulation::redriveSome() {
  if (quiet()) return;
  for (Order& order : orders_) {
    const auto task = servers_.queue.get(order.id);
    if (!task || task->state != TaskState::failed || order.redriven || !world_.chance(0.3))
      continue;
    order.redriven = true;
    world_.trace("operator", "redrives " + order.id);
    servers_.queue.redrive(order.id, world_.chance(0.5));
  }
  world_.after(5s, [this] { redriveSome(); });
}

// ---- faults ---------------------------------------------------------------------------------

/// Each run has some kinds of faults and not the others, so that each is also met alone.
void Simulation::planFaults() {
  faults_end_ = world_.between(15s, 60s);
  for (int fault = 0; fault < static_cast<int>(Fault::count); ++fault)
    if (world_.chance(0.4)) faults_.push_back(static_cast<Fault>(fault));
  world_.after(world_.between(1s, 5s), [this] { strike(); });
  world_.after(5s, [this] { redriveSome(); });
  world_.at(faults_end_, [this] { endFaults(); });
}

void Simulation::strike() {
  if (quiet() || faults_.empty()) return;
  strike(faults_[world_.below(faults_.size())]);
  world_.after(world_.between(500ms, 6s), [this] { strike(); });
}

void Simulation::strike(Fault fault) {
  const std::size_t scanner = world_.below(servers_.scanners.size());
  const Nanos lasts = world_.between(500ms, 12s);
  switch (fault) {
    case Fault::crash: return kill(anySeat(), world_.between(200ms, 8s));
    case Fault::drain: return drain(anySeat());
    case Fault::stop: {
      Seat& seat = anySeat();
      if (!seat.node) return;
      world_.trace(seat.name, "is stopped");
      return seat.node->process().stopUntil(
          std::min(world_.now() + world_.between(1s, 20s), faults_end_));
    }
    case Fault::queue_cut: servers_.queue_way.cut = true; break;
    case Fault::queue_flaky: spoil(servers_.queue_way); break;
    case Fault::results_flaky: spoil(servers_.results_way); break;
    case Fault::scanner_cut: servers_.scanner_ways[scanner].cut = true; break;
    case Fault::scanner_flaky: spoil(servers_.scanner_ways[scanner]); break;
    case Fault::scanner_mood: {
      const auto mood = static_cast<ScannerServer::Mood>(world_.number(1, 4));
      servers_.scanners[scanner]->setMood(mood);
      world_.trace(servers_.scanners[scanner]->name(),
                   "is in mood " + std::to_string(static_cast<int>(mood)));
      return world_.after(lasts, [this, scanner] {
        servers_.scanners[scanner]->setMood(ScannerServer::Mood::well);
      });
    }
    case Fault::meddler: servers_.scanners[scanner]->meddle(); return;
    case Fault::clock: checker_.clockSet(); return anySeat().time->set(world_.between(-40s, 40s));
    case Fault::count: return;
  }
  world_.trace("fault", "number " + std::to_string(static_cast<int>(fault)) + " for " +
                            std::to_string(lasts.count() / 1'000'000) + " ms");
  restoreAfter(lasts, fault == Fault::queue_cut || fault == Fault::queue_flaky ? servers_.queue_way
                      : fault == Fault::results_flaky ? servers_.results_way
                                                      : servers_.scanner_ways[scanner]);
}

void Simulation::spoil(Way& way) {
  way.lost_requests = world_.share() * 0.4;
  way.lost_replies = world_.share() * 0.6;
  way.slowest = world_.between(50ms, 9s);
}

void Simulation::restoreAfter(Nanos delay, Way& way) {
  world_.after(delay, [this, &way] {
    if (!quiet()) way = usual;
  });
}

void Simulation::endFaults() {
  world_.trace("fault", "there are no more");
  servers_.queue_way = servers_.results_way = good;
  servers_.scanner_ways.assign(servers_.scanner_ways.size(), good);
  for (const auto& scanner : servers_.scanners) scanner->setMood(ScannerServer::Mood::well);
  for (const auto& seat : seats_) seat->time->set(0s);
  for (const Order& order : orders_) ask(order.id, TaskRequest::resume);
}

// ---- nodes ----------------------------------------------------------------------------------

/// Most changes reach a node soon, some never do.
void Simulation::tellNodes(const QueueChanges& changes) {
  for (const auto& seat : seats_) {
    if (!seat->node || !world_.chance(0.7)) continue;
    Process& process = seat->node->process();
    process.at(world_.now() + world_.between(0ms, 200ms),
               [&node = *seat->node, changes] { node.dispatcher().changed(changes); });
  }
}

void Simulation::start(Seat& seat) {
  seat.starting = false;
  seat.node = std::make_unique<Node>(world_, servers_, around_, *seat.time,
                                     seat.name + "." + std::to_string(++seat.lives));
}

void Simulation::kill(Seat& seat, Nanos down) {
  if (!seat.node || seat.starting) return;
  seat.starting = true;
  world_.trace(seat.name, "is killed");
  seat.node.reset();
  world_.after(down, [this, &seat] { start(seat); });
}

void Simulation::drain(Seat& seat) {
  if (!seat.node) return;
  world_.trace(seat.name, "is drained");
  seat.node->process().at(world_.now(), [this, &seat, life = seat.lives] {
    seat.node->dispatcher().beginDrain();
    watchDrain(seat, life, world_.now() + 10s);
  });
}

void Simulation::watchDrain(Seat& seat, int life, Nanos give_up) {
  if (!seat.node || seat.lives != life) return;
  if (seat.node->dispatcher().drained() || world_.now() >= give_up)
    return kill(seat, world_.between(200ms, 4s));
  world_.after(200ms, [this, &seat, life, give_up] { watchDrain(seat, life, give_up); });
}

void Simulation::killWorkerOf(const std::string& task_id, Nanos after) {
  const auto task = servers_.queue.get(task_id);
  if (!task || isTerminal(task->state)) return;
  for (const auto& seat : seats_) {
    if (!seat->node || seat->node->worker() != task->worker) continue;
    world_.after(after, [this, &seat = *seat, life = seat->lives] {
      if (seat.lives == life) kill(seat, world_.between(200ms, 2s));
    });
  }
}

// ---- the run --------------------------------------------------------------------------------

bool Simulation::allEnded() {
  if (!std::all_of(orders_.begin(), orders_.end(), [](const Order& one) { return one.accepted; }))
    return false;
  for (const auto& [id, task] : servers_.queue.allTasks())
    if (!isTerminal(task.state)) return false;
  return true;
}

bool Simulation::nothingHeld() const {
  return std::all_of(seats_.begin(), seats_.end(), [](const auto& seat) {
    return !seat->node || seat->node->dispatcher().activeTasks() == 0;
  });
}

void Simulation::runOn(Nanos until) {
  bool reached = false;
  world_.at(until, [&reached] { reached = true; });
  while (!reached && world_.step()) {
    ++events_;
    if (options_.tracing) around_.printEvents(world_);
  }
}

RunOutcome Simulation::run() {
  runOn(faults_end_ + 1ms);
  bool ended = false;
  const Nanos last = faults_end_ + patience;
  while (!ended && checker_.violations().empty() && world_.now() < last) {
    runOn(world_.now() + 2s);
    ended = allEnded() && nothingHeld();
  }
  if (ended) {
    runOn(world_.now() + 3s);
    std::vector<const Scan*> scans;
    for (const auto& scanner : servers_.scanners)
      for (const Scan* scan : scanner->scans()) scans.push_back(scan);
    checker_.ended(servers_.queue.allTasks(), scans);
  } else if (checker_.violations().empty()) {
    checker_.notAllEnded(servers_.queue.allTasks());
  }
  return {checker_.violations(), world_.digest(), checker_.tasks(), events_, world_.now()};
}

}  // namespace scanhost::simulation
