// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails report.cancelled: it never looks whether it is still wanted.
#define PLUGIN_NAME "scanner-deaf"
#define BEFORE_FINDING
#include "valid_scanner.h"
