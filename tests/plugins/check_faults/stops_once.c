// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails life.stop: a second stop ends the process.
#define PLUGIN_NAME "exporter-stops-once"
#include <scanhost/abi/exporter.h>
#include <stdlib.h>

static int running = 1;

static void single_stop(void* self, const scanhost_call* call) {
  (void)self, (void)call;
  if (!running) abort();
  running = 0;
}
#define STOP single_stop
#include "../faults/valid_plugin.h"
