// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails report.parallel: two reports at once take it down.
#define PLUGIN_NAME "scanner-not-parallel"
#define _POSIX_C_SOURCE 200809L
#include <time.h>

static int busy;
#define BEFORE_REPORT                                     \
  if (__atomic_fetch_add(&busy, 1, __ATOMIC_SEQ_CST) > 0) \
    return fail(call, SCANHOST_ERROR_BUSY, TEXT("another report is read"));
#define AFTER_REPORT                                \
  nanosleep(&(struct timespec){0, 50000000}, NULL); \
  __atomic_fetch_sub(&busy, 1, __ATOMIC_SEQ_CST);
#include "valid_scanner.h"
