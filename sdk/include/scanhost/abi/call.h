// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The call context: what every function that may block is given.
#ifndef SCANHOST_ABI_CALL_H
#define SCANHOST_ABI_CALL_H

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_LEVEL_DEBUG 0
#define SCANHOST_LEVEL_INFO 1
#define SCANHOST_LEVEL_WARNING 2
#define SCANHOST_LEVEL_ERROR 3

/// One event for the host's log. The host adds time, plugin and trace id.
typedef struct scanhost_event {
  uint32_t struct_size;
  int32_t level;        ///< SCANHOST_LEVEL_*
  scanhost_text event;  ///< a stable name, `[a-z][a-z0-9_]*`
  scanhost_text fields; ///< one JSON object, or empty; never a secret
} scanhost_event;

/// W3C Trace Context (https://www.w3.org/TR/trace-context/): all zero when there is none.
typedef struct scanhost_trace {
  uint8_t trace_id[16];
  uint8_t span_id[8];
  uint8_t flags;
  uint8_t reserved[7];
} scanhost_trace;

/// Made by the host, borrowed until the function it was passed to returns. Its functions are [any].
typedef struct scanhost_call {
  uint32_t struct_size;
  /// Becomes readable when the call is cancelled, for poll(2); -1 when it cannot be cancelled. The
  /// host owns it: never read from it, never close it.
  int32_t cancel_fd;
  /// When the host stops caring, in nanoseconds of CLOCK_MONOTONIC; INT64_MAX when never.
  int64_t deadline_ns;
  scanhost_trace trace;
  /// 1 once the call was cancelled or its deadline has passed, else 0. A function looks at least
  /// once a second while it works, and between any two effects outside.
  int32_t (*is_cancelled)(const struct scanhost_call* call);
  /// Logs within this call's trace.
  void (*log)(const struct scanhost_call* call, const scanhost_event* event);
  /// Keeps a copy of the error, the last one counting, and answers its class for the caller to
  /// return.
  scanhost_status (*fail)(const struct scanhost_call* call, const scanhost_error* error);
} scanhost_call;

SCANHOST_ABI_ASSERT(sizeof(scanhost_event) == 40, "scanhost_event grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_trace) == 32, "scanhost_trace is frozen");
SCANHOST_ABI_ASSERT(sizeof(scanhost_call) == 72, "scanhost_call grows at its end only");

#ifdef __cplusplus
}
#endif

#endif
