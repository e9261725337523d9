// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails call.cancelled: its start never looks whether it is still wanted.
#define PLUGIN_NAME "exporter-deaf-to-cancellation"
#define _POSIX_C_SOURCE 200809L
#include <scanhost/abi/exporter.h>
#include <time.h>

static scanhost_status deaf_start(void* self, const scanhost_call* call) {
  (void)self;
  if (call->is_cancelled(call)) nanosleep(&(struct timespec){2, 300000000}, NULL);
  return SCANHOST_OK;
}
#define START deaf_start
#include "../faults/valid_plugin.h"
