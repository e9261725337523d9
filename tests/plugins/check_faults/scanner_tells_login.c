// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails scanner.credentials: it logs the login that it was given.
#define PLUGIN_NAME "scanner-tells-login"
#include <scanhost/abi/scanner.h>
static scanhost_status scan(void* self, const scanhost_call* call,
                            const scanhost_scan_request* request, const scanhost_scan_sink* sink) {
  (void)self, (void)sink;
  static const char name[] = "login", message[] = "no login works";
  for (uint64_t i = 0; request->credential && i < request->credential->fields.count; ++i) {
    const scanhost_event event = {sizeof event,
                                  SCANHOST_LEVEL_INFO,
                                  {name, sizeof name - 1},
                                  request->credential->fields.items[i].value};
    call->log(call, &event);
  }
  const scanhost_error error = {sizeof error,
                                SCANHOST_ERROR_AUTH,
                                SCANHOST_SUBJECT_TARGET,
                                0,
                                0,
                                {message, sizeof message - 1}};
  return call->fail(call, &error);
}
#define SCAN scan
#include "valid_scanner.h"
