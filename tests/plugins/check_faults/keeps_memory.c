// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails life.memory: destroy frees nothing of what create made.
#define PLUGIN_NAME "exporter-keeps-memory"
#include <scanhost/abi/exporter.h>
#include <stdlib.h>

static scanhost_status wasteful_create(const scanhost_host* host, const scanhost_call* call,
                                       const scanhost_create_args* args, void** self) {
  (void)host, (void)call, (void)args;
  *self = malloc(65536);
  return SCANHOST_OK;
}
#define CREATE wasteful_create
#include "../faults/valid_plugin.h"
