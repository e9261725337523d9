// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails life.repeated: each start opens a file that nothing closes.
#define PLUGIN_NAME "exporter-keeps-descriptor"
#include <fcntl.h>
#include <scanhost/abi/exporter.h>

static scanhost_status opening_start(void* self, const scanhost_call* call) {
  (void)self, (void)call;
  return open("/dev/null", O_RDONLY) < 0 ? SCANHOST_ERROR_INTERNAL : SCANHOST_OK;
}
#define START opening_start
#include "../faults/valid_plugin.h"
