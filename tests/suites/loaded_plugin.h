// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One instance of a plugin's .so, opened without the checks that the daemon makes: for tests.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <scanhost/abi/plugin.h>
#include <scanhost/text.h>

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "host/abi/host_call.h"

namespace scanhost::suites {

class LoadedPlugin {
 public:
  /// Makes an instance; `start` sets it to work.
  LoadedPlugin(const std::string& file, std::string_view interface_id, const std::string& settings,
               const std::string& data_dir) {
    void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) {
      ADD_FAILURE() << dlerror();
      return;
    }
    const auto entry =
        reinterpret_cast<scanhost_plugin_entry>(dlsym(library, SCANHOST_PLUGIN_ENTRY_NAME));
    if (entry) table_ = entry(&host_.abi)->get_interface(toText(interface_id));
    if (!table_) {
      ADD_FAILURE() << file << " offers no " << interface_id;
      return;
    }
    const scanhost_create_args args{sizeof args, 0, toText("test"), toText(settings),
                                    toText(data_dir)};
    HostCall call;
    created_ = call.outcome(table_->create(&host_.abi, call.abi(), &args, &self_), "create");
  }
  LoadedPlugin(const LoadedPlugin&) = delete;
  LoadedPlugin& operator=(const LoadedPlugin&) = delete;
  ~LoadedPlugin() {
    if (!self_) return;
    if (started_) stop();
    table_->destroy(self_);
  }

  Status start() {
    if (!created_) return created_;
    HostCall call;
    const Status done = call.outcome(table_->start(self_, call.abi()), "start");
    started_ = done.has_value();
    return done;
  }
  void stop() {
    HostCall call;
    table_->stop(self_, call.abi());
  }

  const scanhost_interface* table() const { return table_; }
  void* self() const { return self_; }
  /// Names of the events that the plugin logged outside of calls.
  std::vector<std::string> events() const {
    const std::lock_guard lock(host_.mutex);
    return host_.events;
  }

 private:
  /// A host without services that remembers events.
  struct FakeHost {
    FakeHost() {
      abi.struct_size = sizeof abi;
      abi.version = toText("test");
      abi.get_service = [](const scanhost_host*, scanhost_text) -> const void* { return nullptr; };
      abi.log = [](const scanhost_host* self, const scanhost_event* event) {
        auto& host = *reinterpret_cast<FakeHost*>(const_cast<scanhost_host*>(self));
        const std::lock_guard lock(host.mutex);
        host.events.push_back(toString(event->event));
      };
    }
    scanhost_host abi{};
    mutable std::mutex mutex;
    std::vector<std::string> events;  ///< plugins log from threads of their own, too
  };

  FakeHost host_;
  const scanhost_interface* table_ = nullptr;
  void* self_ = nullptr;
  Status created_;
  bool started_ = false;
};

}  // namespace scanhost::suites
