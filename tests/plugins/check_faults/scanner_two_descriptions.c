// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails scanner.describe: it describes itself twice.
#define PLUGIN_NAME "scanner-two-descriptions"
#define DESCRIPTIONS 2
#include "valid_scanner.h"
