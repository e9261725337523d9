// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails settings.secrets-untold: it logs its settings.
#define PLUGIN_NAME "exporter-tells-secret"
#include <scanhost/abi/exporter.h>

static scanhost_status talkative_create(const scanhost_host* host, const scanhost_call* call,
                                        const scanhost_create_args* args, void** self) {
  (void)host;
  static int made;
  static const char name[] = "settings_read";
  const scanhost_event event = {
      sizeof event, SCANHOST_LEVEL_INFO, {name, sizeof name - 1}, args->settings};
  call->log(call, &event);
  *self = &made;
  return SCANHOST_OK;
}
#define CREATE talkative_create

#define CONFIG_SCHEMA                                       \
  "{\"type\": \"object\", \"additionalProperties\": false," \
  " \"properties\": {\"password\": {\"type\": \"string\", \"x-secret\": true}}}"
#include "../faults/valid_plugin.h"
