// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails transport.caller: it invokes operations as somebody else than the caller.
#define PLUGIN_NAME "transport-borrows-name"
#define CALLER                                        \
  scanhost_caller {                                   \
    sizeof(scanhost_caller), 0, toText("root"), {}, 0, {} \
  }
#include "valid_transport.h"
