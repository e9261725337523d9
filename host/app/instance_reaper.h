// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Stops and destroys plugin instances that nobody holds any more, on a thread of its own: the last
/// to let one go may be the dispatcher's loop, and a stop may take its time.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "host/plugins/instance.h"
#include "host/telemetry/event_log.h"

namespace scanhost {

class InstanceReaper {
 public:
  /// Borrows `events`.
  explicit InstanceReaper(EventLog& events);
  /// Takes what is still to come first: every instance must have been let go by then.
  ~InstanceReaper();
  InstanceReaper(const InstanceReaper&) = delete;
  InstanceReaper& operator=(const InstanceReaper&) = delete;

  /// Shared by whoever makes calls into it; stopped and destroyed after the last of them. Any
  /// thread.
  std::shared_ptr<PluginInstance> own(std::unique_ptr<PluginInstance> instance);
  /// Waits until all that was let go is destroyed.
  void drain();

 private:
  void take(std::unique_ptr<PluginInstance> instance);
  void loop();
  void destroy(std::unique_ptr<PluginInstance> instance);

  EventLog& events_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<PluginInstance>> waiting_;
  bool busy_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

/// The event that an instance has ended.
void announcePluginStopped(EventLog& events, const LoadedPlugin& plugin);

}  // namespace scanhost
