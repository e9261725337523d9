// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The host as an instance sees it, and what the instance was configured with.
#ifndef SCANHOST_HOST_H
#define SCANHOST_HOST_H

#include <string>
#include <string_view>

#include "abi/plugin.h"
#include "call.h"
#include "json.h"

namespace scanhost {
inline namespace v1 {

/// A copyable handle; what it refers to outlives every instance. Any thread may use it.
class Host {
 public:
  explicit Host(const scanhost_host* host) noexcept : host_(host) {}

  /// A table of host functions, or null when this host has none of exactly that revision.
  template <class Service>
  const Service* findService(std::string_view id, uint32_t revision) const noexcept {
    const auto* table = static_cast<const scanhost_service*>(host_->get_service(host_, toText(id)));
    if (!table || table->revision != revision || table->struct_size < sizeof(Service)) return nullptr;
    return reinterpret_cast<const Service*>(table);
  }
  /// The same, throwing PluginError (unsupported) when it is missing.
  template <class Service>
  const Service& service(std::string_view id, uint32_t revision) const {
    if (const auto* table = findService<Service>(id, revision)) return *table;
    throw PluginError(ErrorClass::unsupported, "this host offers no " + std::string(id) +
                                                   " of revision " + std::to_string(revision));
  }

  /// Logs outside of any call; within one, use Call::log, which keeps the trace.
  void log(LogLevel level, std::string_view event, const Json& fields = Json::object()) const {
    const std::string json = fields.dump();
    const scanhost_event record{sizeof(scanhost_event), static_cast<int32_t>(level), toText(event),
                                toText(json)};
    host_->log(host_, &record);
  }

  const scanhost_host* abi() const noexcept { return host_; }

 private:
  const scanhost_host* host_;
};

/// What an instance is made with. The host has checked `values()` against the manifest's schema and
/// filled in its defaults, so a member with a default is always there.
class Settings {
 public:
  Settings(const scanhost_host* host, const scanhost_create_args* args)
      : host_(host),
        instance_(toView(args->instance)),
        data_dir_(toView(args->data_dir)),
        values_(readValues(args->settings)) {}

  const Host& host() const noexcept { return host_; }
  /// The configured name of this instance.
  const std::string& instance() const noexcept { return instance_; }
  /// A folder only this instance writes to.
  const std::string& dataDir() const noexcept { return data_dir_; }
  const Json& values() const noexcept { return values_; }
  const Json& operator[](std::string_view name) const noexcept { return values_[name]; }

 private:
  static Json readValues(scanhost_text text) {
    const std::string_view json = toView(text);
    if (json.empty()) return Json::object();
    Json values = Json::parse(json);
    if (!values.isObject())
      throw PluginError(ErrorClass::config, "settings must be a JSON object");
    return values;
  }

  Host host_;
  std::string instance_;
  std::string data_dir_;
  Json values_;
};

}  // namespace v1
}  // namespace scanhost

#endif
