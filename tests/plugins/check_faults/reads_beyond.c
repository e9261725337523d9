// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails entry.older-host: it reads a field of the future without looking at struct_size.
#define PLUGIN_NAME "exporter-reads-beyond"
#include <scanhost/abi/exporter.h>

static scanhost_status eager_start(void* self, const scanhost_call* call) {
  (void)self;
  struct future_call {
    scanhost_call known;
    int32_t field;
  };
  return ((const volatile struct future_call*)call)->field == 42 ? SCANHOST_ERROR_INTERNAL
                                                                 : SCANHOST_OK;
}
#define START eager_start
#include "../faults/valid_plugin.h"
