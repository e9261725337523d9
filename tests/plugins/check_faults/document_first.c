// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails exporter.render: it writes the document before its media type.
#define PLUGIN_NAME "exporter-document-first"
#include <scanhost/abi/exporter.h>

static scanhost_status render(void* self, const scanhost_call* call,
                              const scanhost_metric_snapshot* snapshot, scanhost_text accept,
                              const scanhost_text_sink* content_type,
                              const scanhost_text_sink* body) {
  (void)self, (void)call, (void)snapshot, (void)accept;
  static const char type[] = "text/plain", document[] = "scanhost_up 1";
  body->write(body->context, (scanhost_text){document, sizeof document - 1});
  return content_type->write(content_type->context, (scanhost_text){type, sizeof type - 1});
}
#define RENDER render
#include "../faults/valid_plugin.h"
