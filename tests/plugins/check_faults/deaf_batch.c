// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails exporter.cancelled: it never looks whether a batch is still wanted.
#define PLUGIN_NAME "exporter-deaf-batch"
#define _POSIX_C_SOURCE 200809L
#include <scanhost/abi/exporter.h>
#include <time.h>

static scanhost_status events(void* self, const scanhost_call* call,
                              const scanhost_logged_event* const* batch, uint64_t count) {
  (void)self, (void)batch, (void)count;
  if (call->is_cancelled(call)) nanosleep(&(struct timespec){2, 300000000}, NULL);
  return SCANHOST_OK;
}
#define EVENTS events
#include "../faults/valid_plugin.h"
