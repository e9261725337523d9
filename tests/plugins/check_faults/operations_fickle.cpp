// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails operations.lists: its operation has another name each time.
#define PLUGIN_NAME "operations-fickle"
#define OPERATION_NAME (++lists_ % 2 == 0 ? "echo" : "ohce")
#include "valid_operations.h"
