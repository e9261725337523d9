// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails file.load-time: its constructor takes its time.
#define PLUGIN_NAME "exporter-slow-load"
#define _POSIX_C_SOURCE 200809L
#include <time.h>

__attribute__((constructor)) static void dawdle(void) {
  nanosleep(&(struct timespec){0, 150000000}, NULL);
}
#include "../faults/valid_plugin.h"
