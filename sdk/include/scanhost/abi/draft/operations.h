// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Host service: operations, the host's whole service surface, as named calls with a JSON Schema
/// for what goes in and what comes out. A transport lists and invokes them and knows none by name.
#ifndef SCANHOST_ABI_DRAFT_OPERATIONS_H
#define SCANHOST_ABI_DRAFT_OPERATIONS_H

#include "../plugin.h"
#include "http.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_OPERATIONS_ID "scanhost.host.operations/1"
#define SCANHOST_OPERATIONS_REVISION 1

#define SCANHOST_OPERATION_READ_ONLY (1u << 0)
#define SCANHOST_OPERATION_DESTRUCTIVE (1u << 1)
#define SCANHOST_OPERATION_IDEMPOTENT (1u << 2)
#define SCANHOST_OPERATION_OPEN_WORLD (1u << 3)  ///< reaches beyond the service: it scans
/// The result is text; as a structured value it is {"result": "<text>"}.
#define SCANHOST_OPERATION_TEXT_RESULT (1u << 4)

typedef struct scanhost_operation {
  uint32_t struct_size;
  uint32_t flags;               ///< SCANHOST_OPERATION_*
  scanhost_text name;           ///< `[a-z][a-z0-9_]*`
  scanhost_text title;
  scanhost_text description;
  scanhost_text input_schema;   ///< JSON Schema 2020-12, root an object
  scanhost_text output_schema;
} scanhost_operation;

typedef struct scanhost_operation_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  scanhost_status (*operation)(void* context, const scanhost_operation* operation);
} scanhost_operation_sink;

/// What becomes of an invocation: any number of `progress`, then exactly one of `result` and
/// `refused`, after which nothing more comes and `context` is not touched again. Calls come from any
/// thread, never two at once, also before `invoke` returns.
typedef struct scanhost_reply {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  /// `total` is 0 when unknown.
  void (*progress)(void* context, double progress, double total, scanhost_text message);
  /// The operation's answer. `text` is what people and models read; `structured` is one JSON object.
  /// `is_error` is 1 when it is the service's error object (docs/reference/errors.md).
  void (*result)(void* context, scanhost_text text, scanhost_text structured, int32_t is_error);
  /// Not an answer of the operation: it does not exist for this caller ("unknown_operation").
  void (*refused)(void* context, scanhost_text reason, scanhost_text message);
} scanhost_reply;

typedef struct scanhost_invocation {
  uint32_t struct_size;
  uint32_t reserved;
  scanhost_text name;
  scanhost_text arguments;      ///< one JSON object; empty counts as {}
  const scanhost_caller* caller;
  scanhost_trace trace;         ///< the caller's, or zero
  int64_t deadline_ns;          ///< CLOCK_MONOTONIC; INT64_MAX none
  scanhost_reply reply;         ///< copied
} scanhost_invocation;

typedef struct scanhost_operations {
  scanhost_service base;
  /// Tells the operations that this caller may use, in a stable order. [any]
  scanhost_status (*list)(const scanhost_host* host, const scanhost_caller* caller,
                          const scanhost_operation_sink* sink);
  /// Begins an operation; whatever happens is told through the reply. Writes a handle for `cancel`.
  /// [worker]
  void (*invoke)(const scanhost_host* host, const scanhost_invocation* invocation, uint64_t* handle);
  /// The caller no longer waits. The reply still ends as always; what the operation has done, such
  /// as submitting a scan, stays done. [any]
  void (*cancel)(const scanhost_host* host, uint64_t handle);
} scanhost_operations;

#ifdef __cplusplus
}
#endif

#endif
