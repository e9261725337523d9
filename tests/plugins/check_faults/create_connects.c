// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails life.create: it opens a socket to check its settings.
#define PLUGIN_NAME "exporter-create-connects"
#define _POSIX_C_SOURCE 200809L
#include <scanhost/abi/exporter.h>
#include <sys/socket.h>
#include <unistd.h>

static int file = -1;

static scanhost_status connecting_create(const scanhost_host* host, const scanhost_call* call,
                                         const scanhost_create_args* args, void** self) {
  (void)host, (void)call, (void)args;
  file = socket(AF_INET, SOCK_STREAM, 0);
  *self = &file;
  return SCANHOST_OK;
}
static void closing_destroy(void* self) {
  (void)self;
  close(file);
}
#define CREATE connecting_create
#define DESTROY closing_destroy
#include "../faults/valid_plugin.h"
