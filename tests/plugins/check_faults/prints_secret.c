// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails settings.secrets-untold: it prints its settings.
#define PLUGIN_NAME "exporter-prints-secret"
#include <scanhost/abi/exporter.h>
#include <stdio.h>

static scanhost_status printing_create(const scanhost_host* host, const scanhost_call* call,
                                       const scanhost_create_args* args, void** self) {
  (void)host, (void)call;
  static int made;
  fwrite(args->settings.data, 1, args->settings.size, stderr);
  *self = &made;
  return SCANHOST_OK;
}
#define CREATE printing_create

#define CONFIG_SCHEMA                                       \
  "{\"type\": \"object\", \"additionalProperties\": false," \
  " \"properties\": {\"password\": {\"type\": \"string\", \"x-secret\": true}}}"
#include "../faults/valid_plugin.h"
