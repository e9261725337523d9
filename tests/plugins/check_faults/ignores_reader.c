// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails exporter.refused: it goes on when nobody reads its document.
#define PLUGIN_NAME "exporter-ignores-reader"
#include <scanhost/abi/exporter.h>

static scanhost_status render(void* self, const scanhost_call* call,
                              const scanhost_metric_snapshot* snapshot, scanhost_text accept,
                              const scanhost_text_sink* content_type,
                              const scanhost_text_sink* body) {
  (void)self, (void)call, (void)snapshot, (void)accept;
  static const char type[] = "text/plain", document[] = "scanhost_up 1";
  content_type->write(content_type->context, (scanhost_text){type, sizeof type - 1});
  body->write(body->context, (scanhost_text){document, sizeof document - 1});
  return SCANHOST_OK;
}
#define RENDER render
#include "../faults/valid_plugin.h"
