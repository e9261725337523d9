// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Host service: all that a node offers to clients, its own operations and those of plugins, as one
/// list. A transport lists and requests, and knows none by name; a plugin that offers operations
/// tells here what has changed.
#ifndef SCANHOST_ABI_HOST_OPERATIONS_H
#define SCANHOST_ABI_HOST_OPERATIONS_H

#include "operations.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_HOST_OPERATIONS_ID "scanhost.host.operations/1"
#define SCANHOST_HOST_OPERATIONS_REVISION 0

/// States, cursors and handles in requests and replies are sealed here: opaque, bound to the
/// caller, of no use elsewhere.
typedef struct scanhost_invocation {
  uint32_t struct_size;
  uint32_t reserved;
  const scanhost_request* request;  ///< borrowed for the call
  scanhost_trace trace;             ///< the caller's, or zero
  int64_t deadline_ns;              ///< CLOCK_MONOTONIC; INT64_MAX none
  scanhost_reply reply;             ///< copied
} scanhost_invocation;

#define SCANHOST_CHANGED_OPERATIONS (1u << 0)  ///< the list of them
#define SCANHOST_CHANGED_RESOURCES (1u << 1)   ///< the list of them
#define SCANHOST_CHANGED_PROMPTS (1u << 2)     ///< the list of them
#define SCANHOST_CHANGED_RESOURCE (1u << 3)    ///< the one of that address
#define SCANHOST_CHANGED_TASK (1u << 4)        ///< the one of that handle

typedef struct scanhost_watch {
  uint32_t struct_size;
  uint32_t kinds;           ///< SCANHOST_CHANGED_* that are wanted
  const scanhost_caller* caller;
  scanhost_texts resources; ///< addresses
  scanhost_texts tasks;     ///< handles
  void* user;
  /// `name` is the address or the handle as it was given here, else empty. Never blocks; from any
  /// thread, never two at once for one watch, and not after `unwatch` returned.
  void (*changed)(void* user, uint32_t kind, scanhost_text name);
} scanhost_watch;

typedef struct scanhost_host_operations {
  scanhost_service base;
  /// As scanhost_operations.list, of all. [worker]
  scanhost_status (*list)(const scanhost_host* host, int32_t what, const scanhost_caller* caller,
                          scanhost_text cursor, const scanhost_listing_sink* sink);
  /// Begins what is asked; whatever happens is told through the reply. Writes a handle for `cancel`.
  /// [worker]
  void (*request)(const scanhost_host* host, const scanhost_invocation* invocation, uint64_t* handle);
  /// The caller no longer waits. The reply still ends as always; what the operation has done, such
  /// as submitting a scan, stays done. [any]
  void (*cancel)(const scanhost_host* host, uint64_t handle);
  /// Tells of changes from now on. unsupported when there are too many watches, or a resource or task
  /// is named that this caller may not see; ask for each alone to find out which. [any]
  scanhost_status (*watch)(const scanhost_host* host, const scanhost_watch* watch, void** handle);
  /// Ends a watch; never from its own `changed`. [worker]
  void (*unwatch)(const scanhost_host* host, void* handle);
  /// For plugins that offer operations: one of SCANHOST_CHANGED_*, and the address or handle. [any]
  void (*changed)(const scanhost_host* host, uint32_t kind, scanhost_text name);
} scanhost_host_operations;

SCANHOST_ABI_ASSERT(sizeof(scanhost_invocation) == 136, "scanhost_invocation grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_watch) == 64, "scanhost_watch grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_host_operations) == 56, "scanhost_host_operations grows at its end only");

#ifdef __cplusplus
}
#endif

#endif
