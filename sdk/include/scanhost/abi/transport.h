// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Transports: thin adapters from a protocol to the host's operations.
///
/// A transport mounts routes with scanhost.host.http/1 in `start`, answers them through
/// scanhost.host.operations/1, and takes its routes down in `stop`. It never sees scanners or the
/// queue, and authenticates nobody: the host hands it the caller with each request.
#ifndef SCANHOST_ABI_TRANSPORT_H
#define SCANHOST_ABI_TRANSPORT_H

#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_TRANSPORT_ID "scanhost.transport/1"
#define SCANHOST_TRANSPORT_REVISION 0

typedef struct scanhost_transport {
  scanhost_interface base;
  /// The node is about to stop: end idle streams, begin nothing new, let requests finish. [serial]
  void (*drain)(void* self, const scanhost_call* call);
} scanhost_transport;

SCANHOST_ABI_ASSERT(sizeof(scanhost_transport) == 48, "scanhost_transport grows at its end only");

#ifdef __cplusplus
}
#endif

#endif
