// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails call.events: its event has a name that no dashboard finds.
#define PLUGIN_NAME "exporter-misnames-event"
#include <scanhost/abi/exporter.h>

static scanhost_status loud_start(void* self, const scanhost_call* call) {
  (void)self;
  static const char name[] = "Exporter Started!";
  const scanhost_event event = {
      sizeof event, SCANHOST_LEVEL_INFO, {name, sizeof name - 1}, {NULL, 0}};
  call->log(call, &event);
  return SCANHOST_OK;
}
#define START loud_start
#include "../faults/valid_plugin.h"
