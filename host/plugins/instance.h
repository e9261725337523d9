// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One instance of a plugin's interface, from create to destroy, in the order that the ABI allows;
/// in this process, or behind the same functions in one of its own, as its plugin was loaded.
///
///     auto instance = PluginInstance::create(plugin, SCANHOST_QUEUE_ID, {.name = "queue", ...});
///     if (!instance) return ...;
///     if (Status ok = (*instance)->start({.timeout = 30s}); !ok) return ok;
///     instance->table<scanhost_queue>().submit(instance->self(), call.abi(), ...);
///
/// Destroying it stops it first, within `stop_timeout`, if it was started. `start`, `stop` and the
/// destructor are for one thread at a time, and no call into the table may still be under way when
/// it is destroyed; the functions of the table keep their own thread tags.
#pragma once

#include <scanhost/abi/plugin.h>
#include <scanhost/json.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "host/abi/host_call.h"
#include "host/base/result.h"
#include "host/plugins/loader.h"

namespace scanhost {

struct InstanceOptions {
  std::string name;                     ///< unique among instances of this interface
  Json settings = Json::object();       ///< valid by the manifest's schema, defaults filled in
  std::filesystem::path data_dir = {};  ///< made if absent (mode 0700); empty: the plugin gets none
  const ServiceRegistry* services = nullptr;  ///< lives until the process ends
  PluginEventSink events = {};
  RunnerWatch watch = {};  ///< of an isolated plugin's runners
  std::chrono::nanoseconds create_timeout = std::chrono::seconds(30);
  std::chrono::nanoseconds stop_timeout = std::chrono::seconds(10);  ///< of the destructor
};

class PluginInstance {
 public:
  enum class State { created, started, failed, stopped };

  static Result<std::unique_ptr<PluginInstance>> create(const LoadedPlugin& plugin,
                                                        std::string_view interface_id,
                                                        InstanceOptions options);
  ~PluginInstance();
  PluginInstance(const PluginInstance&) = delete;
  PluginInstance& operator=(const PluginInstance&) = delete;

  /// Once, right after create. When it fails, only destruction may follow.
  Status start(CallOptions options);
  /// Harmless when repeated or never started; does nothing after a failed start.
  void stop(CallOptions options);

  State state() const { return state_; }
  /// Whether it lives in a process of its own that died too often: no call will reach it again.
  bool isGivenUp() const;
  const std::string& name() const { return host_.instance(); }
  const LoadedPlugin& plugin() const { return plugin_; }
  void* self() const { return self_; }
  /// The plugin's functions; `Table` is the struct that the interface id stands for.
  template <class Table>
  const Table& table() const {
    return *reinterpret_cast<const Table*>(interface_);
  }
  /// Where its log goes, for calls made into it; null when nowhere.
  const PluginEventSink* events() const { return host_.events(); }
  /// "exporter-jsonlog (log)", for messages.
  std::string label() const { return plugin_.name() + " (" + name() + ")"; }

 private:
  PluginInstance(const LoadedPlugin& plugin, const scanhost_interface* table,
                 const PluginHost& host, std::chrono::nanoseconds stop_timeout)
      : plugin_(plugin), interface_(table), host_(host), stop_timeout_(stop_timeout) {}

  const LoadedPlugin& plugin_;
  const scanhost_interface* interface_;
  const PluginHost& host_;
  const std::chrono::nanoseconds stop_timeout_;
  void* self_ = nullptr;
  State state_ = State::created;
};

}  // namespace scanhost
