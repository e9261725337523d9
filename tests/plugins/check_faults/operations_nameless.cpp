// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails operations.described: its operation has no description.
#define PLUGIN_NAME "operations-nameless"
#define DESCRIPTION ""
#include "valid_operations.h"
