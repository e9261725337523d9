// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails life.process: it takes a signal for itself.
#define PLUGIN_NAME "exporter-takes-signal"
#include <scanhost/abi/exporter.h>
#include <signal.h>

static scanhost_status rude_start(void* self, const scanhost_call* call) {
  (void)self, (void)call;
  signal(SIGUSR1, SIG_IGN);
  return SCANHOST_OK;
}
#define START rude_start
#include "../faults/valid_plugin.h"
