// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/abi/plugin_host.h"

#include <scanhost/text.h>

#include <memory>
#include <mutex>
#include <vector>

#ifndef SCANHOST_VERSION
#error "the build defines SCANHOST_VERSION"
#endif

namespace scanhost {

const PluginHost& PluginHost::make(Options options) {
  static auto& all = *new std::vector<std::unique_ptr<PluginHost>>;
  static auto& mutex = *new std::mutex;
  std::unique_ptr<PluginHost> made(new PluginHost(std::move(options)));
  const std::lock_guard lock(mutex);
  all.push_back(std::move(made));
  return *all.back();
}

PluginHost::PluginHost(Options options) : options_(std::move(options)) {
  abi_.host.struct_size = sizeof(scanhost_host);
  abi_.host.abi_minor = SCANHOST_ABI_MINOR;
  abi_.host.version = toText(SCANHOST_VERSION);
  abi_.host.get_service = &PluginHost::getService;
  abi_.host.log = &PluginHost::log;
  abi_.owner = this;
}

const PluginHost& PluginHost::of(const scanhost_host* host) {
  return *reinterpret_cast<const Abi*>(host)->owner;
}

const void* PluginHost::getService(const scanhost_host* host, scanhost_text id) {
  const ServiceRegistry* services = of(host).options_.services;
  return services ? services->find(toView(id)) : nullptr;
}

void PluginHost::log(const scanhost_host* host, const scanhost_event* event) {
  const PluginHost& self = of(host);
  if (!self.options_.events || !SCANHOST_HAS(event, scanhost_event, fields)) return;
  self.options_.events(event->level, toView(event->event), toView(event->fields), {});
}

}  // namespace scanhost
