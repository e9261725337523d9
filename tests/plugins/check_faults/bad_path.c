// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails exporter.endpoint: its path has no slash in front.
#define PLUGIN_NAME "exporter-bad-path"
#include <scanhost/abi/exporter.h>

static scanhost_status render(void* self, const scanhost_call* call,
                              const scanhost_metric_snapshot* snapshot, scanhost_text accept,
                              const scanhost_text_sink* content_type,
                              const scanhost_text_sink* body) {
  (void)self, (void)call, (void)snapshot, (void)accept;
  static const char type[] = "text/plain", document[] = "scanhost_up 1";
  content_type->write(content_type->context, (scanhost_text){type, sizeof type - 1});
  return body->write(body->context, (scanhost_text){document, sizeof document - 1});
}
#define RENDER render

static scanhost_status endpoint(void* self, const scanhost_text_sink* path) {
  (void)self;
  static const char text[] = "metrics";
  return path->write(path->context, (scanhost_text){text, sizeof text - 1});
}
#define ENDPOINT endpoint
#include "../faults/valid_plugin.h"
