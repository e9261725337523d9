// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Whether this node is well, ready for work, and alive: three different questions.
///
/// *Health* is that of named components, asked of their checkers at most once a second however
/// many probes come, and never waiting long for a checker that hangs. *Readiness* adds the phase
/// of the process. *Liveness* only watches that registered loops still go round; it asks nothing
/// that an outage elsewhere could stop. What a body shows holds no address, URL or secret: reasons
/// of components are for the log. Any thread.
#pragma once

#include <scanhost/json.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "host/base/result.h"

namespace scanhost {

enum class HealthState { ok, degraded, failed };

struct ComponentHealth {
  std::string name;
  HealthState state = HealthState::ok;
  std::string reason;  ///< for the log, not for the body
};

/// An essential component that failed makes the node unhealthy; any other trouble only degrades it.
enum class Essential { no, yes };

struct HealthReport {
  HealthState overall = HealthState::ok;
  std::vector<ComponentHealth> components;
  bool changed = false;  ///< the first one, or some state differs from the check before

  int responseCode() const { return overall == HealthState::failed ? 503 : 200; }
  const ComponentHealth* find(const std::string& name) const;
};

/// A loop's proof that it goes round. Ends its watch when destroyed.
class LoopBeat {
 public:
  ~LoopBeat();
  LoopBeat(const LoopBeat&) = delete;
  LoopBeat& operator=(const LoopBeat&) = delete;
  /// One relaxed store.
  void beat();

 private:
  friend class Health;
  struct Loop {
    std::string name;
    std::chrono::nanoseconds max_silence;
    std::atomic<std::int64_t> last;
  };
  struct Loops {
    std::mutex mutex;
    std::list<std::shared_ptr<Loop>> all;
  };
  LoopBeat(std::shared_ptr<Loops> loops, std::shared_ptr<Loop> loop)
      : loops_(std::move(loops)), loop_(std::move(loop)) {}

  const std::shared_ptr<Loops> loops_;
  const std::shared_ptr<Loop> loop_;
};

class Health {
 public:
  using Checker = std::function<ComponentHealth()>;  ///< the name it answers is ignored
  enum class Phase { starting, running, draining };

  struct Options {
    std::chrono::milliseconds cache{1000};
    std::chrono::milliseconds patience{2000};  ///< a checker that takes longer counts as failed
  };

  Health() : Health(Options{}) {}
  explicit Health(Options options);
  ~Health();

  /// A component asked by a function, on a thread of its own: one that hangs delays its fellows and
  /// the end of this object, but no caller of checkAllDependencies() for longer than `patience`.
  /// Adding a name again replaces the component.
  void addChecker(const std::string& name, Essential essential, Checker checker);
  /// A component whose state is told.
  void set(const std::string& name, Essential essential, HealthState state,
           std::string reason = {});
  void remove(const std::string& name);
  /// The directory that `filesystem_healthy` speaks of: component `data_dir`, essential.
  void watchFilesystem(std::string directory);
  /// A further boolean in the body, true while `component` has not failed; clients know some
  /// stores by such a name.
  void mirror(const std::string& body_field, const std::string& component);

  /// At most `cache` old.
  HealthReport checkAllDependencies();
  /// {"status","overall_status","response_code",<mirrors>,"filesystem_healthy","components"}
  Json body(const HealthReport& report) const;

  void setPhase(Phase phase) { phase_.store(phase); }
  /// Empty when ready, else "starting", "draining", "unhealthy: <component>".
  std::vector<std::string> notReadyReasons();
  /// {"ready":false,"reasons":[...]}
  static Json readyBody(const std::vector<std::string>& reasons);

  /// Watches a loop that must beat at least every `max_silence`.
  std::unique_ptr<LoopBeat> watchLoop(std::string name, std::chrono::milliseconds max_silence);
  /// Names of the loops that fell silent; empty: alive.
  std::vector<std::string> stalledLoops() const;

  /// Writes, syncs and removes a small file; what the disk says, not what its permissions promise.
  static Status checkFilesystem(const std::string& directory);

 private:
  struct Component {
    Essential essential = Essential::no;
    Checker checker;  // empty: the state is told
    ComponentHealth last;
  };
  using Components = std::map<std::string, Component>;

  void checkAll();
  void runChecks();
  HealthReport judge() const;

  const Options options_;
  const std::shared_ptr<LoopBeat::Loops> loops_ = std::make_shared<LoopBeat::Loops>();
  std::atomic<Phase> phase_{Phase::starting};

  mutable std::mutex mutex_;
  std::condition_variable wanted_, done_;
  Components components_;
  std::vector<std::pair<std::string, std::string>> mirrors_;
  std::string in_check_;  // the component whose checker runs now
  bool want_ = false, stop_ = false;
  std::uint64_t rounds_ = 0;
  std::chrono::steady_clock::time_point checked_at_{};
  std::vector<std::pair<std::string, HealthState>> reported_;
  std::thread checker_;  // last: it uses all of the above
};

const char* healthStateName(HealthState state);

}  // namespace scanhost
