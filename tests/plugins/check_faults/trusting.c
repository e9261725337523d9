// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails settings.hostile: it takes the type of a setting for granted.
#define PLUGIN_NAME "exporter-trusting"
#include <scanhost/abi/exporter.h>
#include <stdlib.h>

/// Stands for a reader of texts that is given a number.
static scanhost_status trusting_create(const scanhost_host* host, const scanhost_call* call,
                                       const scanhost_create_args* args, void** self) {
  (void)host, (void)call;
  static int made;
  for (uint64_t i = 0; i + 1 < args->settings.size; ++i)
    if (args->settings.data[i] == '1' && args->settings.data[i + 1] == '7') abort();
  *self = &made;
  return SCANHOST_OK;
}
#define CREATE trusting_create

#define CONFIG_SCHEMA                                       \
  "{\"type\": \"object\", \"additionalProperties\": false," \
  " \"properties\": {\"name\": {\"type\": \"string\"}}}"
#include "../faults/valid_plugin.h"
