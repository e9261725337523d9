// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails operations.unknown: it answers whatever it is asked for.
#define PLUGIN_NAME "operations-knows-all"
#define REFUSE reply.result()
#include "valid_operations.h"
