// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/abi/clock_service.h"

#include "host/abi/plugin_host.h"
#include "host/base/time.h"

namespace scanhost {

ClockService::ClockService()
    : ClockService({[] { return Timestamp::now().micros; }, [] { return monotonicNanos(); }}) {}

ClockService::ClockService(Source source) : source_(std::move(source)) {
  table_.base = {sizeof(scanhost_clock), SCANHOST_CLOCK_REVISION};
  table_.wall_us = [](const scanhost_host* host) { return sourceOf(host).wall_us(); };
  table_.monotonic_ns = [](const scanhost_host* host) { return sourceOf(host).monotonic_ns(); };
  table_.owner = this;
}

void ClockService::registerIn(ServiceRegistry& services) {
  services.add(SCANHOST_CLOCK_ID, &table_.base);
}

const ClockService::Source& ClockService::sourceOf(const scanhost_host* host) {
  return PluginHost::service<Table>(host, SCANHOST_CLOCK_ID)->owner->source_;
}

}  // namespace scanhost
