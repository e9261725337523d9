// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails operations.cursor: it takes any cursor for the first.
#define PLUGIN_NAME "operations-any-cursor"
#define CHECK_CURSOR (void)0
#include "valid_operations.h"
