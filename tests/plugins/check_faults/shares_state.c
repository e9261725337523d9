// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails life.instances: the end of one instance ends all.
#define PLUGIN_NAME "exporter-shares-state"
#include <scanhost/abi/exporter.h>
#include <stdlib.h>

static int alive;

static scanhost_status sharing_create(const scanhost_host* host, const scanhost_call* call,
                                      const scanhost_create_args* args, void** self) {
  (void)host, (void)call, (void)args;
  alive = 1;
  *self = &alive;
  return SCANHOST_OK;
}
static void sharing_destroy(void* self) {
  (void)self;
  alive = 0;
}
static scanhost_status sharing_events(void* self, const scanhost_call* call,
                                      const scanhost_logged_event* const* events, uint64_t count) {
  (void)self, (void)call, (void)events, (void)count;
  if (!alive) abort();
  return SCANHOST_OK;
}
#define CREATE sharing_create
#define DESTROY sharing_destroy
#define EVENTS sharing_events
#include "../faults/valid_plugin.h"
