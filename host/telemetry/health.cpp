// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/telemetry/health.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <string_view>

#include "host/base/time.h"

namespace scanhost {
namespace {

constexpr const char* data_dir_component = "data_dir";

const char* overallName(HealthState state) {
  switch (state) {
    case HealthState::ok: return "healthy";
    case HealthState::degraded: return "degraded";
    case HealthState::failed: break;
  }
  return "unhealthy";
}

tl::unexpected<Error> filesystemFailure(const std::string& what, const std::string& directory,
                                        int error) {
  return fail(ErrorClass::config, directory + ": cannot " + what + ": " + std::strerror(error) +
                                      "; free space or correct its owner");
}

}  // namespace

const char* healthStateName(HealthState state) {
  switch (state) {
    case HealthState::ok: return "ok";
    case HealthState::degraded: return "degraded";
    case HealthState::failed: break;
  }
  return "failed";
}

const ComponentHealth* HealthReport::find(const std::string& name) const {
  const auto found = std::find_if(components.begin(), components.end(),
                                  [&](const ComponentHealth& it) { return it.name == name; });
  return found == components.end() ? nullptr : &*found;
}

Health::Health(Options options) : options_(options), checker_([this] { runChecks(); }) {}

Health::~Health() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wanted_.notify_all();
  checker_.join();
}

void Health::addChecker(const std::string& name, Essential essential, Checker checker) {
  const std::lock_guard lock(mutex_);
  components_[name] = {essential, std::move(checker), {name, HealthState::ok, {}}};
  checked_at_ = {};
}

void Health::set(const std::string& name, Essential essential, HealthState state,
                 std::string reason) {
  const std::lock_guard lock(mutex_);
  components_[name] = {essential, {}, {name, state, std::move(reason)}};
}

void Health::remove(const std::string& name) {
  const std::lock_guard lock(mutex_);
  components_.erase(name);
}

void Health::watchFilesystem(std::string directory) {
  addChecker(data_dir_component, Essential::yes,
             [directory = std::move(directory)]() -> ComponentHealth {
               const Status status = checkFilesystem(directory);
               if (status) return {};
               return {{}, HealthState::failed, status.error().message};
             });
}

void Health::mirror(const std::string& body_field, const std::string& component) {
  const std::lock_guard lock(mutex_);
  mirrors_.emplace_back(body_field, component);
}

void Health::runChecks() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wanted_.wait(lock, [&] { return want_ || stop_; });
    if (stop_) return;
    want_ = false;
    lock.unlock();
    checkAll();
    lock.lock();
    ++rounds_;
    checked_at_ = std::chrono::steady_clock::now();
    done_.notify_all();
  }
}

/// Asks each checker without the lock held, so that it may call back here.
void Health::checkAll() {
  std::vector<std::pair<std::string, Checker>> to_ask;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, component] : components_)
      if (component.checker) to_ask.emplace_back(name, component.checker);
  }
  for (const auto& [name, checker] : to_ask) {
    {
      const std::lock_guard lock(mutex_);
      in_check_ = name;
    }
    ComponentHealth answer;
    try {
      answer = checker();
    } catch (const std::exception& error) {
      answer = {name, HealthState::failed, error.what()};
    }
    answer.name = name;
    const std::lock_guard lock(mutex_);
    in_check_.clear();
    if (const auto found = components_.find(name);
        found != components_.end() && found->second.checker)
      found->second.last = std::move(answer);
  }
}

HealthReport Health::checkAllDependencies() {
  std::unique_lock lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (checked_at_ == std::chrono::steady_clock::time_point{} ||
      now - checked_at_ >= options_.cache) {
    const std::uint64_t before = rounds_;
    want_ = true;
    wanted_.notify_one();
    if (!done_.wait_until(lock, now + options_.patience, [&] { return rounds_ != before; })) {
      if (const auto found = components_.find(in_check_); found != components_.end())
        found->second.last = {in_check_, HealthState::failed, "the check does not return"};
    }
  }
  HealthReport report = judge();
  std::vector<std::pair<std::string, HealthState>> states;
  for (const auto& component : report.components)
    states.emplace_back(component.name, component.state);
  states.emplace_back(std::string(), report.overall);
  report.changed = states != reported_;
  reported_ = std::move(states);
  return report;
}

HealthReport Health::judge() const {
  HealthReport report;
  for (const auto& [name, component] : components_) {
    report.components.push_back(component.last);
    if (component.last.state == HealthState::ok) continue;
    const bool fatal =
        component.last.state == HealthState::failed && component.essential == Essential::yes;
    report.overall = std::max(report.overall, fatal ? HealthState::failed : HealthState::degraded);
  }
  return report;
}

Json Health::body(const HealthReport& report) const {
  const auto healthy = [&](const std::string& component) {
    const ComponentHealth* found = report.find(component);
    return !found || found->state != HealthState::failed;
  };
  Json body = Json::object({{"status", overallName(report.overall)},
                            {"overall_status", overallName(report.overall)},
                            {"response_code", report.responseCode()}});
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [field, component] : mirrors_) body[field] = healthy(component);
  }
  body["filesystem_healthy"] = healthy(data_dir_component);
  Json components = Json::array();
  for (const auto& component : report.components)
    components.push(
        Json::object({{"name", component.name}, {"state", healthStateName(component.state)}}));
  body["components"] = std::move(components);
  return body;
}

std::vector<std::string> Health::notReadyReasons() {
  std::vector<std::string> reasons;
  if (phase_ == Phase::starting) reasons.emplace_back("starting");
  if (phase_ == Phase::draining) reasons.emplace_back("draining");
  const HealthReport report = checkAllDependencies();
  if (report.overall != HealthState::failed) return reasons;
  for (const auto& component : report.components)
    if (component.state == HealthState::failed) reasons.push_back("unhealthy: " + component.name);
  return reasons;
}

Json Health::readyBody(const std::vector<std::string>& reasons) {
  Json list = Json::array();
  for (const std::string& reason : reasons) list.push(reason);
  return Json::object({{"ready", reasons.empty()}, {"reasons", std::move(list)}});
}

std::unique_ptr<LoopBeat> Health::watchLoop(std::string name,
                                            std::chrono::milliseconds max_silence) {
  auto loop = std::make_shared<LoopBeat::Loop>();
  loop->name = std::move(name);
  loop->max_silence = max_silence;
  loop->last = monotonicNanos();
  const std::lock_guard lock(loops_->mutex);
  loops_->all.push_back(loop);
  return std::unique_ptr<LoopBeat>(new LoopBeat(loops_, loop));
}

std::vector<std::string> Health::stalledLoops() const {
  const std::int64_t now = monotonicNanos();
  std::vector<std::string> stalled;
  const std::lock_guard lock(loops_->mutex);
  for (const auto& loop : loops_->all)
    if (now - loop->last.load(std::memory_order_relaxed) > loop->max_silence.count())
      stalled.push_back(loop->name);
  return stalled;
}

LoopBeat::~LoopBeat() {
  const std::lock_guard lock(loops_->mutex);
  loops_->all.remove(loop_);
}

void LoopBeat::beat() {
  loop_->last.store(monotonicNanos(), std::memory_order_relaxed);
}

Status Health::checkFilesystem(const std::string& directory) {
  static constexpr std::string_view text = "scanhost health check\n";
  std::string path = directory + "/.health-XXXXXX";
  const int fd = mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) return filesystemFailure("create a file", directory, errno);
  Status status;
  if (write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    status = filesystemFailure("write", directory, errno);
  else if (fsync(fd) != 0)
    status = filesystemFailure("sync", directory, errno);
  close(fd);
  if (unlink(path.c_str()) != 0 && status)
    status = filesystemFailure("remove a file", directory, errno);
  return status;
}

}  // namespace scanhost
