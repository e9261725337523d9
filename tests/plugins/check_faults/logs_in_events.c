// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails exporter.events: it logs while it writes events.
#define PLUGIN_NAME "exporter-logs-in-events"
#include <scanhost/abi/exporter.h>

static scanhost_status events(void* self, const scanhost_call* call,
                              const scanhost_logged_event* const* batch, uint64_t count) {
  (void)self, (void)batch, (void)count;
  static const char name[] = "batch_written";
  const scanhost_event event = {
      sizeof event, SCANHOST_LEVEL_INFO, {name, sizeof name - 1}, {NULL, 0}};
  call->log(call, &event);
  return SCANHOST_OK;
}
#define EVENTS events
#include "../faults/valid_plugin.h"
