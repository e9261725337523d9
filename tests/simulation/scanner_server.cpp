// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/scanner_server.h"

#include <algorithm>
#include <array>
#include <utility>

namespace scanhost::simulation {
namespace {

using namespace std::chrono_literals;

constexpr Nanos forever = std::chrono::hours(24);

RemoteStatus statusOf(Scan::State state) {
  switch (state) {
    case Scan::State::created: return RemoteStatus::created;
    case Scan::State::running: return RemoteStatus::running;
    case Scan::State::paused: return RemoteStatus::paused;
    case Scan::State::completed: return RemoteStatus::completed;
    case Scan::State::stopped: return RemoteStatus::stopped;
    case Scan::State::aborted: return RemoteStatus::aborted;
  }
  return RemoteStatus::running;
}

const char* wordFor(Scan::State state) {
  static constexpr std::array<const char*, 6> words{"empty",     "running", "paused",
                                                    "completed", "stopped", "aborted"};
  return words[static_cast<std::size_t>(state)];
}

}  // namespace

template <class Work>
auto ScannerServer::answer(Work&& work) {
  switch (mood_) {
    case Mood::well: return work();
    case Mood::refuses_login:
      throw PluginError(ErrorClass::auth, name_ + " answered 401", ErrorSubject::backend);
    case Mood::overloaded:
      throw PluginError(ErrorClass::busy, name_ + " answered 429", ErrorSubject::backend,
                        world_.between(500ms, 3s));
    case Mood::fails_after: work(); [[fallthrough]];
    case Mood::fails_before:
      throw PluginError(ErrorClass::transient, name_ + " answered 502", ErrorSubject::backend);
  }
  return work();
}

Scan* ScannerServer::find(const RemoteScan& scan) {
  const auto found = scans_.find(scan.reference);
  if (found == scans_.end() || found->second.marker != scan.marker) return nullptr;
  look(found->second);
  danger(found->second);
  return &found->second;
}

Scan& ScannerServer::own(const RemoteScan& scan) {
  if (Scan* found = find(scan)) return *found;
  throw PluginError(ErrorClass::lost, name_ + " has no scan " + scan.reference);
}

void ScannerServer::danger(const Scan& scan) {
  if (scan.kind == Kind::kills_worker && on_deadly_request_) on_deadly_request_(scan.task_id, 0s);
}

/// Brings its state up to now.
void ScannerServer::look(Scan& scan) {
  if (scan.state != Scan::State::running) return;
  const Nanos ran = world_.now() - scan.since;
  scan.remaining -= ran;
  scan.since = world_.now();
  if (scan.remaining > 0ns) return;
  const bool gives_up = scan.kind == Kind::aborts_once && scan.attempt == 1;
  scan.state = gives_up ? Scan::State::aborted : Scan::State::completed;
  world_.trace(name_, scan.reference + " is " + wordFor(scan.state));
}

void ScannerServer::run(Scan& scan, bool ours) {
  scan.state = Scan::State::running;
  scan.ours = ours;
  scan.run_id = name_ + "-run-" + std::to_string(++runs_);
  scan.since = world_.now();
  scan.remaining = scan.kind == Kind::runs_too_long ? forever : world_.between(1s, 20s);
  world_.trace(name_, scan.reference + (ours ? " starts as " : " is started by a stranger as ") +
                          scan.run_id);
}

void ScannerServer::rest(Scan& scan, Scan::State state) {
  scan.state = state;
  world_.trace(name_, scan.reference + " is " + wordFor(state));
}

std::string ScannerServer::prepare(const ScanRequest& request) {
  return answer([&] {
    const std::string reference = name_ + "-" + std::to_string(++numbers_);
    Scan& scan = scans_[reference];
    scan.reference = reference;
    scan.marker = request.marker;
    scan.name = request.name;
    scan.task_id = request.task_id;
    scan.instance = name_;
    scan.kind = kindOf(request.name);
    scan.attempt = request.attempt;
    scan.launch = request.launch;
    world_.trace(name_, reference + " is made as " + scan.marker);
    checker_.prepared(scan);
    danger(scan);
    return reference;
  });
}

std::string ScannerServer::start(const RemoteScan& known) {
  return answer([&] {
    Scan& scan = own(known);
    const bool ran_before = scan.state != Scan::State::created;
    if (ran_before && removed_ != Protection::start_once)
      throw PluginError(ErrorClass::ambiguous, scan.reference + " has run before");
    run(scan, true);
    checker_.started(scan);
    std::uint64_t running = 0;
    for (auto& [reference, other] : scans_) {
      look(other);
      running += other.active() && other.ours && checker_.countsAsRunning(other.task_id) ? 1 : 0;
    }
    checker_.runningOn(name_, running, limit_);
    return scan.run_id;
  });
}

RemoteState ScannerServer::tell(Scan& scan) {
  RemoteState told;
  told.state = statusOf(scan.state);
  told.reference = scan.reference;
  told.run_id = scan.run_id;
  told.marker = scan.marker;
  told.name = scan.name;
  told.status = wordFor(scan.state);
  return told;
}

std::vector<RemoteState> ScannerServer::find(const std::string& marker_prefix) {
  return answer([&] {
    std::vector<RemoteState> found;
    if (removed_ == Protection::find) return found;
    for (auto& [reference, scan] : scans_) {
      if (scan.marker.rfind(marker_prefix, 0) != 0) continue;
      look(scan);
      danger(scan);
      found.push_back(tell(scan));
    }
    return found;
  });
}

std::vector<RemoteState> ScannerServer::poll(const std::vector<RemoteScan>& scans) {
  return answer([&] {
    std::vector<RemoteState> states;
    for (const RemoteScan& known : scans) {
      if (Scan* scan = find(known)) {
        states.push_back(tell(*scan));
      } else {
        states.emplace_back();
        states.back().state = RemoteStatus::gone;
        states.back().reference = known.reference;
      }
    }
    return states;
  });
}

bool ScannerServer::pause(const RemoteScan& known) {
  return answer([&] {
    Scan& scan = own(known);
    if (scan.state == Scan::State::running) rest(scan, Scan::State::paused);
    return true;
  });
}

bool ScannerServer::resume(const RemoteScan& known) {
  return answer([&] {
    Scan& scan = own(known);
    if (scan.state == Scan::State::paused) {
      rest(scan, Scan::State::running);
      scan.since = world_.now();
    }
    return true;
  });
}

bool ScannerServer::stop(const RemoteScan& known) {
  return answer([&] {
    Scan& scan = own(known);
    if (scan.active()) rest(scan, Scan::State::stopped);
    return true;
  });
}

Summary ScannerServer::collect(const RemoteScan& known) {
  return answer([&] {
    const Scan& scan = own(known);
    if (scan.kind == Kind::kills_reader && on_deadly_request_)
      on_deadly_request_(scan.task_id, world_.between(0s, 5s));
    Summary summary;
    summary.hosts_answered = 1;
    summary.report_bytes = static_cast<std::uint64_t>(world_.number(0, 500));
    if (scan.kind == Kind::kills_reader) summary.report_bytes = 5000;
    summary.complete = scan.state == Scan::State::completed && scan.kind != Kind::bad_report;
    if (!summary.complete) summary.reason = "the report ends in the middle";
    return summary;
  });
}

void ScannerServer::noteRemoval(const std::string& reference) {
  const auto found = scans_.find(reference);
  if (found != scans_.end()) found->second.removal_asked = true;
}

bool ScannerServer::remove(const RemoteScan& known) {
  return answer([&] {
    if (find(known)) {
      scans_.erase(known.reference);
      world_.trace(name_, known.reference + " is removed");
    }
    return true;
  });
}

bool ScannerServer::selfTest() {
  return answer([] { return true; });
}

bool ScannerServer::meddle() {
  std::vector<Scan*> running;
  for (auto& [reference, scan] : scans_) {
    look(scan);
    if (scan.active()) running.push_back(&scan);
  }
  if (running.empty()) return false;
  Scan& scan = *running[world_.below(running.size())];
  checker_.disturbed(scan.task_id);
  world_.trace(name_, "a stranger meddles with " + scan.reference);
  switch (world_.below(4)) {
    case 0: scans_.erase(scan.reference); break;
    case 1: rest(scan, Scan::State::stopped); break;
    case 2: rest(scan, Scan::State::aborted); break;
    default: run(scan, false);
  }
  return true;
}

std::vector<const Scan*> ScannerServer::scans() const {
  std::vector<const Scan*> all;
  for (const auto& [reference, scan] : scans_) all.push_back(&scan);
  return all;
}

}  // namespace scanhost::simulation
