// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails report.slow-sink: it drops what a sink does not take at once.
#define PLUGIN_NAME "scanner-impatient"
#define _POSIX_C_SOURCE 200809L
#include <time.h>

/// Nanoseconds since some moment.
static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}
#define BEFORE_REPORT const long long begun = now();
#define BEFORE_FINDING \
  if (now() - begun > 200000000) continue;
#include "valid_scanner.h"
