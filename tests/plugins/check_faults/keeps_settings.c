// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails call.borrowed: it keeps its settings without a copy.
#define PLUGIN_NAME "exporter-keeps-settings"
#include <scanhost/abi/exporter.h>

static scanhost_text kept;

static scanhost_status keeping_create(const scanhost_host* host, const scanhost_call* call,
                                      const scanhost_create_args* args, void** self) {
  (void)host, (void)call;
  kept = args->settings;
  *self = &kept;
  return SCANHOST_OK;
}
static scanhost_status reading_events(void* self, const scanhost_call* call,
                                      const scanhost_logged_event* const* events, uint64_t count) {
  (void)self, (void)call, (void)events, (void)count;
  return *(const volatile char*)kept.data == '{' ? SCANHOST_OK : SCANHOST_ERROR_INTERNAL;
}
#define CREATE keeping_create
#define EVENTS reading_events
#include "../faults/valid_plugin.h"
