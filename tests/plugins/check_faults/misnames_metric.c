// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails call.metrics: its metric could be another program's.
#define PLUGIN_NAME "exporter-misnames-metric"
#include <scanhost/abi/exporter.h>
#include <scanhost/abi/services.h>

static scanhost_status counting_create(const scanhost_host* host, const scanhost_call* call,
                                       const scanhost_create_args* args, void** self) {
  (void)call, (void)args;
  static const char id[] = SCANHOST_METRICS_ID, name[] = "requests_total";
  static int made;
  void* series;
  const scanhost_metrics* metrics = host->get_service(host, (scanhost_text){id, sizeof id - 1});
  *self = &made;
  return metrics ? metrics->counter(host, (scanhost_text){name, sizeof name - 1},
                                    (scanhost_text){NULL, 0}, (scanhost_pairs){NULL, 0}, &series)
                 : SCANHOST_OK;
}
#define CREATE counting_create
#include "../faults/valid_plugin.h"
