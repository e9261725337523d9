// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails transport.stop: it leaves its route mounted when it is stopped.
#define PLUGIN_NAME "transport-stays"
#define STOP (void)0
#include "valid_transport.h"
