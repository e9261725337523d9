// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails call.errors: it fails without saying why.
#define PLUGIN_NAME "exporter-fails-in-silence"
#include <scanhost/abi/exporter.h>

static scanhost_status silent_start(void* self, const scanhost_call* call) {
  (void)self;
  return call->is_cancelled(call) ? SCANHOST_ERROR_CANCELLED : SCANHOST_OK;
}
#define START silent_start
#include "../faults/valid_plugin.h"
