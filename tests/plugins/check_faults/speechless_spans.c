// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails exporter.spans: it keeps to itself why it handed nothing on.
#define PLUGIN_NAME "exporter-speechless-spans"
#include <scanhost/abi/exporter.h>

static scanhost_status spans(void* self, const scanhost_call* call,
                             const scanhost_span* const* batch, uint64_t count) {
  (void)self, (void)call, (void)batch;
  return count == 0 ? SCANHOST_OK : SCANHOST_ERROR_TRANSIENT;
}
#define SPANS spans
#include "../faults/valid_plugin.h"
