// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails operations.cancelled: it leaves a request without an end once it is cancelled.
#define PLUGIN_NAME "operations-goes-on"
#define ANSWER              \
  if (call.cancelled())      \
    keep(std::move(reply));  \
  else                       \
    reply.result()
#include "valid_operations.h"
