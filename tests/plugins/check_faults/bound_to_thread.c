// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails life.threads: it keeps its state in the thread that made it.
#define PLUGIN_NAME "exporter-bound-to-thread"
#include <scanhost/abi/exporter.h>

static _Thread_local int made;

static scanhost_status bound_create(const scanhost_host* host, const scanhost_call* call,
                                    const scanhost_create_args* args, void** self) {
  (void)host, (void)call, (void)args;
  static int anything;
  made = 1;
  *self = &anything;
  return SCANHOST_OK;
}
static scanhost_status bound_start(void* self, const scanhost_call* call) {
  (void)self, (void)call;
  return made ? SCANHOST_OK : SCANHOST_ERROR_INTERNAL;
}
#define CREATE bound_create
#define START bound_start
#include "../faults/valid_plugin.h"
