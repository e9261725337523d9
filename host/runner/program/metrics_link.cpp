// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/runner/program/metrics_link.h"

#include "host/abi/plugin_host.h"

namespace scanhost::runner {

MetricsLink::MetricsLink(DaemonLink& daemon) : daemon_(daemon) {
  table_.base = {sizeof(scanhost_metrics), SCANHOST_METRICS_REVISION};
  table_.counter = [](const scanhost_host* host, scanhost_text name, scanhost_text help,
                      scanhost_pairs labels, void** series) {
    return add(host, {static_cast<std::uint8_t>(SeriesKind::counter), name, help, labels}, series);
  };
  table_.gauge = [](const scanhost_host* host, scanhost_text name, scanhost_text help,
                    scanhost_pairs labels, void** series) {
    return add(host, {static_cast<std::uint8_t>(SeriesKind::gauge), name, help, labels}, series);
  };
  table_.histogram = [](const scanhost_host* host, scanhost_text name, scanhost_text help,
                        scanhost_pairs labels, const double* bounds, uint64_t bound_count,
                        void** series) {
    return add(
        host,
        {static_cast<std::uint8_t>(SeriesKind::histogram), name, help, labels, bounds, bound_count},
        series);
  };
  table_.add = &change;
  table_.set = &change;
  table_.observe = &change;
  table_.owner = this;
}

void MetricsLink::registerIn(ServiceRegistry& services) {
  services.add(SCANHOST_METRICS_ID, &table_.base);
}

scanhost_status MetricsLink::add(const scanhost_host* host, const SeriesRequest& request,
                                 void** series) {
  MetricsLink& self = *PluginHost::service<Table>(host, SCANHOST_METRICS_ID)->owner;
  const std::string body =
      self.daemon_.ask(FrameKind::service, static_cast<std::uint16_t>(ServiceFunction::series),
                       self.daemon_.newQuestion(), encoded(request));
  Decoder decoder(body);
  SeriesAnswer answer;
  members(decoder, answer);
  if (decoder.failed()) return SCANHOST_ERROR_INTERNAL;
  if (answer.status != SCANHOST_OK) return answer.status;
  const std::lock_guard lock(self.mutex_);
  *series =
      &self.series_.try_emplace(answer.series, Series{self.daemon_, answer.series}).first->second;
  return SCANHOST_OK;
}

void MetricsLink::change(void* handle, double amount) {
  const auto& series = *static_cast<const Series*>(handle);
  series.daemon.send(FrameKind::service, static_cast<std::uint16_t>(ServiceFunction::change), 0,
                     encoded(SeriesChange{series.number, amount}));
}

}  // namespace scanhost::runner
