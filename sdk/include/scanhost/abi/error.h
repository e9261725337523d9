// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Errors: a class that decides what happens next, whose trouble it is, and a text for an operator.
///
/// A function that fails reports through `call->fail(call, &error)` and returns what that returns,
/// the class. A class this host does not know counts as internal.
#ifndef SCANHOST_ABI_ERROR_H
#define SCANHOST_ABI_ERROR_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/// It may work later; retried with backoff, and a task's attempts are counted.
#define SCANHOST_ERROR_TRANSIENT 1
/// A defect, or nothing better is known. Retried like transient.
#define SCANHOST_ERROR_INTERNAL 2
/// Not now: retried after `retry_after_ns`; spends no attempt. Prefer it to transient when the
/// other side said when to come back (HTTP 429) or a limit is reached.
#define SCANHOST_ERROR_BUSY 3
/// A login or permission was refused. With SCANHOST_SUBJECT_BACKEND the scanner is suspended, with
/// SCANHOST_SUBJECT_TARGET the scanned host refused the scan's credentials.
#define SCANHOST_ERROR_AUTH 4
/// Settings are wrong and no retry can help until someone changes them.
#define SCANHOST_ERROR_CONFIG 5
/// The target cannot be scanned (name without address, nothing answered).
#define SCANHOST_ERROR_TARGET 6
/// This plugin, licence or version cannot do it at all.
#define SCANHOST_ERROR_UNSUPPORTED 7
/// What is asked about existed once and is gone.
#define SCANHOST_ERROR_LOST 8
/// The effect may have happened: a write was sent and its answer never came. Prefer it to transient
/// whenever the request may have been acted on.
#define SCANHOST_ERROR_AMBIGUOUS 9
/// Stopped because `call->is_cancelled` said so, or by someone at the scanner.
#define SCANHOST_ERROR_CANCELLED 10
/// The deadline passed.
#define SCANHOST_ERROR_TIMEOUT 11

/// The request at hand is the trouble.
#define SCANHOST_SUBJECT_TASK 0
/// The plugin's own backend is (scanner, server, file): never held against a task. A transient
/// error with this subject means "cannot be reached" and counts against the circuit breaker.
#define SCANHOST_SUBJECT_BACKEND 1
/// The scanned host is.
#define SCANHOST_SUBJECT_TARGET 2

typedef struct scanhost_error {
  uint32_t struct_size;
  int32_t error_class;     ///< SCANHOST_ERROR_*
  int32_t subject;         ///< SCANHOST_SUBJECT_*
  uint32_t reserved;       ///< zero
  int64_t retry_after_ns;  ///< how long to wait before a retry; 0 when not known
  scanhost_text message;   ///< the thing, the value found, the remedy; never a secret
} scanhost_error;

SCANHOST_ABI_ASSERT(sizeof(scanhost_error) == 40, "scanhost_error grows at its end only");

#ifdef __cplusplus
}
#endif

#endif
