// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The host as one plugin, or one of its instances, sees it: a scanhost_host that knows for whom.
///
/// The ABI promises a plugin that what it was given is valid until the process ends, so these are
/// made once and never freed. Its functions may be called from any thread.
#pragma once

#include <scanhost/abi/plugin.h>

#include <string>

#include "host/abi/host_call.h"
#include "host/abi/service_registry.h"

namespace scanhost {

class PluginHost {
 public:
  struct Options {
    std::string plugin = {};
    std::string instance = {};                  ///< empty for what the plugin's entry is given
    const ServiceRegistry* services = nullptr;  ///< lives until the process ends; null: none
    PluginEventSink events = {};                ///< empty: dropped
  };

  /// Never freed.
  static const PluginHost& make(Options options);

  const scanhost_host* abi() const { return &abi_.host; }
  const std::string& plugin() const { return options_.plugin; }
  const std::string& instance() const { return options_.instance; }
  const PluginEventSink* events() const { return options_.events ? &options_.events : nullptr; }

  /// Back from what a plugin passes to a service.
  static const PluginHost& of(const scanhost_host* host);
  /// The part's own table behind a service id; see ServiceRegistry. `Table` must be what was
  /// registered under it.
  template <class Table>
  static const Table* service(const scanhost_host* host, std::string_view id) {
    return static_cast<const Table*>(
        static_cast<const void*>(of(host).options_.services->find(id)));
  }

 private:
  /// First, so that a scanhost_host* of ours leads back to its PluginHost.
  struct Abi {
    scanhost_host host;
    const PluginHost* owner;
  };

  explicit PluginHost(Options options);
  static const void* getService(const scanhost_host* host, scanhost_text id);
  static void log(const scanhost_host* host, const scanhost_event* event);

  Abi abi_{};
  const Options options_;
};

}  // namespace scanhost
