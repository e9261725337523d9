// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails life.unstarted: what create opened is closed by stop, and by nothing else.
#define PLUGIN_NAME "exporter-closes-in-stop"
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <scanhost/abi/exporter.h>
#include <unistd.h>

static int file = -1;

static scanhost_status opening_create(const scanhost_host* host, const scanhost_call* call,
                                      const scanhost_create_args* args, void** self) {
  (void)host, (void)call, (void)args;
  file = open("/dev/null", O_RDONLY);
  *self = &file;
  return SCANHOST_OK;
}
static void closing_stop(void* self, const scanhost_call* call) {
  (void)self, (void)call;
  if (file >= 0) close(file);
  file = -1;
}
#define CREATE opening_create
#define STOP closing_stop
#include "../faults/valid_plugin.h"
