// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails life.failed-start: a start that fails keeps what it opened until a stop that never comes.
#define PLUGIN_NAME "exporter-failed-start-keeps"
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <scanhost/abi/exporter.h>
#include <unistd.h>

static int file = -1;

static scanhost_status opening_start(void* self, const scanhost_call* call) {
  (void)self;
  static const char message[] = "cancelled while it connected";
  file = open("/dev/null", O_RDONLY);
  if (!call->is_cancelled(call)) return SCANHOST_OK;
  const scanhost_error error = {sizeof error,
                                SCANHOST_ERROR_CANCELLED,
                                SCANHOST_SUBJECT_TASK,
                                0,
                                0,
                                {message, sizeof message - 1}};
  return call->fail(call, &error);
}
static void closing_stop(void* self, const scanhost_call* call) {
  (void)self, (void)call;
  if (file >= 0) close(file);
  file = -1;
}
#define START opening_start
#define STOP closing_stop
#include "../faults/valid_plugin.h"
