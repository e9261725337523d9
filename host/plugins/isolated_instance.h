// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One instance of a plugin that lives in a scanhost-runner: supervised, restarted, and called
/// through the same C tables as a plugin in this process (isolated_tables.h).
///
/// What happens there stays there: a runner that dies, blocks, breaks the protocol or falls silent
/// is ended, its calls fail, and after a while that doubles with every crash a new one takes its
/// place, with the same settings. One that dies again and again is given up. A flood of events
/// slows down who floods.
///
/// A thread of its own reads what the runner sends; calls wait on the threads that make them. A
/// call that does not return in time after its deadline or cancellation costs the runner its life.
#pragma once

#include <scanhost/abi/plugin.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "host/base/unique_fd.h"
#include "host/plugins/crash_report.h"
#include "host/plugins/event_allowance.h"
#include "host/plugins/isolated_file.h"
#include "host/plugins/redactor.h"
#include "host/plugins/runner_process.h"

namespace scanhost {

class IsolatedInstance {
 public:
  /// Takes what the plugin hands to a sink; nothing when it cannot be read.
  using SinkTaker =
      std::function<std::optional<scanhost_status>(runner::SinkFunction, runner::Decoder&)>;

  /// As scanhost_interface::create: starts a runner, enters the plugin there and makes the
  /// instance. `table` becomes the one that fits it.
  static scanhost_status create(const IsolatedFile& file, const std::string& interface_id,
                                const scanhost_host* host, const scanhost_call* call,
                                const scanhost_create_args& args, const RunnerWatch& watch,
                                const scanhost_interface** table, void** self);
  /// As scanhost_interface::destroy, and ends the runner.
  static void destroy(void* self);
  static IsolatedInstance& of(void* self) { return *static_cast<IsolatedInstance*>(self); }

  ~IsolatedInstance();
  IsolatedInstance(const IsolatedInstance&) = delete;
  IsolatedInstance& operator=(const IsolatedInstance&) = delete;

  /// What a function is called with: `body` follows the head that `request` began.
  struct Request {
    runner::Function function;
    std::string task = {};                  ///< for a crash report
    std::vector<std::string> secrets = {};  ///< that the call gives to the plugin
  };
  /// The beginning of a request's body, to which the function's arguments are added.
  static runner::Encoder head(const scanhost_call* call);
  scanhost_status invoke(const scanhost_call* call, const Request& request, std::string_view body,
                         const SinkTaker& take);
  scanhost_status start(const scanhost_call* call);
  bool isGivenUp() const;

 private:
  enum class State { starting, up, down, given_up, ended };
  enum class Step { frame, lost };
  /// A call under way, on its caller's stack; guarded by `mutex_`, but for what never changes.
  struct PendingCall {
    const scanhost_call* call;
    const Request& request;
    UniqueFd wake;  ///< readable when there is a frame, or none will come
    std::optional<runner::Frame> frame = {};
    bool lost = false;
    // Of the caller alone, over all that the call hands over meanwhile.
    bool cancel_told = false;
    std::int64_t give_up_ns = INT64_MAX;  ///< when its runner is ended for it

    void wakeCaller() const;
  };

  IsolatedInstance(const IsolatedFile& file, std::string interface_id, const scanhost_host* host,
                   const scanhost_create_args& args, const RunnerWatch& watch);

  // on calling threads
  scanhost_status converse(PendingCall& pending, std::uint64_t number, RunnerProcess& process,
                           const SinkTaker& take);
  Step await(PendingCall& pending, std::uint64_t number, RunnerProcess& process,
             runner::Frame& frame);
  scanhost_status finish(const PendingCall& pending, const runner::Frame& frame) const;
  /// Without the secrets of the settings and of the calls under way; holding `mutex_`.
  std::string redacted(std::string text) const;
  scanhost_status failLost(const scanhost_call* call, const Request& request) const;
  scanhost_status failDown(const scanhost_call* call) const;

  // on the supervising thread
  void supervise();
  Status bringUp(bool again);
  Status greet();
  Status callWhileReading(runner::Function function, std::string_view body);
  std::string createBody(std::int64_t deadline_ns) const;
  bool readSome(std::chrono::milliseconds wait);
  bool handle(runner::Frame frame);
  bool handleLog(const runner::Frame& frame);
  bool handleService(const runner::Frame& frame);
  std::uint32_t addSeries(const runner::SeriesRequest& request, std::int32_t& status);
  bool readErrorOutput();
  void logErrorLines(std::string_view text);
  void takeCrash(std::string why);
  RunnerProcess::End reapProcess();
  CrashReport makeReport(const RunnerProcess::End& end, std::string why);
  bool planRestart();
  bool waitBeforeRestart();
  void endProcess(const std::string& why);

  const IsolatedFile& file_;
  const std::string interface_id_, instance_, settings_, data_dir_;
  const scanhost_host* const host_;
  const bool is_exporter_;
  const RunnerWatch watch_;
  Redactor secrets_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::starting;
  std::shared_ptr<RunnerProcess> process_;
  std::map<std::uint64_t, PendingCall*> pending_;
  std::uint64_t numbers_ = 0;
  bool created_ = false, started_ = false, ending_ = false;
  Error last_trouble_;  ///< why it is not up
  std::uint32_t abilities_ = 0;
  std::string kill_reason_;  ///< why this host ended the runner, if it did
  runner::Function last_function_{};
  std::chrono::steady_clock::time_point restart_at_{};

  // of the supervising thread alone
  std::optional<runner::Frame> ready_;
  std::vector<std::pair<runner::SeriesKind, void*>> series_;
  EventAllowance allowance_;
  std::string error_tail_, error_line_;
  CrashReport last_crash_;
  std::chrono::steady_clock::time_point last_heard_{};
  std::deque<std::chrono::steady_clock::time_point> crashes_;
  int restarts_ = 0;

  UniqueFd wake_;  ///< readable when it shall end
  std::thread supervisor_;
};

}  // namespace scanhost
