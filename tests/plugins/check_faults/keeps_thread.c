// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails life.repeated: each start begins a thread that nothing ends.
#define PLUGIN_NAME "exporter-keeps-thread"
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <scanhost/abi/exporter.h>
#include <unistd.h>

static void* wait_for_ever(void* unused) {
  pause();
  return unused;
}
static scanhost_status threading_start(void* self, const scanhost_call* call) {
  (void)self, (void)call;
  pthread_t thread;
  return pthread_create(&thread, NULL, wait_for_ever, NULL) != 0 ? SCANHOST_ERROR_INTERNAL
                                                                 : SCANHOST_OK;
}
#define START threading_start
#include "../faults/valid_plugin.h"
