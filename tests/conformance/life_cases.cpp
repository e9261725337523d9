// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Instances from create to destroy, in every order that a host may use, and what they leave
/// behind.
#include <algorithm>
#include <thread>

#include "tests/conformance/check_case.h"
#include "tests/conformance/process_state.h"
#include "tests/conformance/subject.h"

namespace scanhost::conformance {
namespace {

using std::chrono::milliseconds;

constexpr int rounds = 10;
constexpr std::size_t most_growth = 16u << 10;  ///< bytes that one round may leave allocated
constexpr milliseconds stop_limit{10'000};

void mustLeaveNothing(const Holdings& before, const std::string& after) {
  const std::vector<std::string> left = leftBehind(before);
  if (!left.empty())
    throw Breach("after " + after + " there is still " + joined(left), "all of it gone",
                 "close descriptors and join threads before destroy returns");
}

/// Each interface once before it is measured, for what a library makes at its first use and keeps.
template <class Life>
void repeatedly(Subject& subject, const std::string& after, const Life& life) {
  for (const std::string& id : subject.interfaces()) {
    CheckHost host({}, subject.programs);
    life(host, id);
    const Holdings before = Holdings::now();
    for (int round = 0; round < rounds; ++round) life(host, id);
    mustLeaveNothing(before, after);
  }
}

void livesRepeatedly(Subject& subject) {
  repeatedly(subject, "create, start, stop and destroy",
             [&](CheckHost& host, const std::string& id) { liveOnce(subject, host, id); });
}

void isDestroyedUnstarted(Subject& subject) {
  repeatedly(subject, "create and destroy", [&](CheckHost& host, const std::string& id) {
    Instance instance(subject, host, id);
    mustDo(instance.create(), "make an instance of valid settings");
    instance.destroy();
  });
}

void outlivesAFailedStart(Subject& subject) {
  repeatedly(subject, "a start that was cancelled, and destroy",
             [&](CheckHost& host, const std::string& id) {
               Instance instance(subject, host, id);
               mustDo(instance.create(), "make an instance of valid settings");
               if (instance.startCancelled().ok()) instance.stop();
               instance.destroy();
             });
}

void leavesNoMemory(Subject& subject) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  throw Skipped("a sanitizer watches memory here");
#endif
  for (const std::string& id : subject.interfaces()) {
    // A host for each: what the checker itself keeps of a case goes with it.
    const auto round = [&] {
      CheckHost host({}, subject.programs);
      Instance instance(subject, host, id);
      mustDo(instance.create(), "make an instance of valid settings");
      instance.destroy();
    };
    for (int i = 0; i < rounds; ++i) round();
    const std::size_t before = allocatedBytes();
    for (int i = 0; i < rounds; ++i) round();
    const std::size_t after = allocatedBytes();
    const std::size_t growth = after > before ? (after - before) / rounds : 0;
    if (growth > most_growth)
      throw Breach(
          "each create and destroy leaves " + std::to_string(growth >> 10) + " KiB allocated",
          "nothing that grows", "free in destroy what create made");
  }
}

void stopsTwiceAndUnstarted(Subject& subject) {
  for (const std::string& id : subject.interfaces()) {
    CheckHost host({}, subject.programs);
    Instance unstarted(subject, host, id);
    mustDo(unstarted.create(), "make an instance of valid settings");
    unstarted.stop();
    unstarted.stop();
    unstarted.destroy();
    Instance started(subject, host, id);
    started.work();
    const auto begun = std::chrono::steady_clock::now();
    started.stop();
    const auto took = std::chrono::steady_clock::now() - begun;
    started.stop();
    started.destroy();
    if (took > stop_limit)
      throw Breach("stop took longer than 10 s", "an end within the call's deadline",
                   "wake threads that wait, and look at is_cancelled");
  }
}

void movesBetweenThreads(Subject& subject) {
  const auto elsewhere = [](auto&& work) {
    std::exception_ptr failure;
    std::thread([&] {
      try {
        work();
      } catch (...) {
        failure = std::current_exception();
      }
    }).join();
    if (failure) std::rethrow_exception(failure);
  };
  for (const std::string& id : subject.interfaces()) {
    CheckHost host({}, subject.programs);
    Instance instance(subject, host, id);
    elsewhere([&] { mustDo(instance.create(), "make an instance of valid settings"); });
    elsewhere([&] { mustDo(instance.start(), "start on another thread than create"); });
    elsewhere([&] { exercise(instance); });
    elsewhere([&] { instance.stop(); });
    elsewhere([&] { instance.destroy(); });
  }
}

void keepsInstancesApart(Subject& subject) {
  for (const std::string& id : subject.interfaces()) {
    if (!subject.options().settings.members().empty() && !subject.mentions("${folder}") &&
        !subject.mentions("${unique}") && subject.manifest().store != StoreKind::none)
      throw Skipped("its settings name one store; with ${folder} or ${unique} they name two");
    CheckHost first_host({}, subject.programs), second_host({}, subject.programs);
    InstanceShape other;
    other.name = "other";
    Instance first(subject, first_host, id);
    Instance second(subject, second_host, id, std::move(other));
    first.work();
    second.work();
    exercise(first);
    first.stop();
    first.destroy();
    subject.step("using the second instance after the first is gone");
    exercise(second);
    second.stop();
    second.destroy();
  }
}

void leavesTheProcessAlone(Subject& subject) {
  subject.library();
  const auto before = processSettings();
  const std::set<int> children = childProcesses();
  for (const std::string& id : subject.interfaces()) {
    CheckHost host({}, subject.programs);
    liveOnce(subject, host, id);
  }
  const std::vector<std::string> found = changes(before, processSettings());
  if (!found.empty())
    throw Breach("after its life, " + joined(found), "a process as it was before",
                 "leave signals, folder, mask, locale and environment to the host");
  if (childProcesses() != children)
    throw Breach("it left a child process", "none: plugins never fork",
                 "start programs with scanhost.host.process/1");
}

void createConnectsNowhere(Subject& subject) {
  for (const std::string& id : subject.interfaces()) {
    CheckHost host({}, subject.programs);
    Instance instance(subject, host, id);
    const Holdings before = Holdings::now();
    mustDo(instance.create(), "make an instance of valid settings");
    for (const auto& [fd, target] : Holdings::now().descriptors)
      if (!before.descriptors.count(fd) && target.rfind("socket:", 0) == 0)
        throw Breach("create opened a socket",
                     "nothing outside is touched: a configuration is checked with create",
                     "connect in start, or at the first call");
    instance.destroy();
  }
}

}  // namespace

std::vector<Case> lifeCases() {
  return {
      {"life.repeated",
       "Lives that are repeated leave no thread and no descriptor behind.",
       {"SH-P-13", "SH-P-46", "SH-P-47"},
       livesRepeatedly},
      {"life.unstarted",
       "An instance that never started is destroyed without a trace.",
       {"SH-P-45", "SH-P-47"},
       isDestroyedUnstarted},
      {"life.failed-start",
       "After a start that was cancelled, destroy alone cleans up.",
       {"SH-P-47"},
       outlivesAFailedStart},
      {"life.memory", "Memory ends with destroy.", {"SH-P-47"}, leavesNoMemory},
      {"life.stop",
       "stop may come twice, and without a start, and ends in time.",
       {"SH-P-46"},
       stopsTwiceAndUnstarted},
      {"life.threads",
       "No step of a life is tied to the thread of another.",
       {"SH-P-12"},
       movesBetweenThreads},
      {"life.instances",
       "An instance works on when another has ended.",
       {"SH-P-48"},
       keepsInstancesApart},
      {"life.process",
       "A life changes no setting of the process and leaves no child.",
       {"SH-P-49"},
       leavesTheProcessAlone},
      {"life.create", "create opens no connection.", {"SH-P-44"}, createConnectsNowhere},
  };
}

}  // namespace scanhost::conformance
