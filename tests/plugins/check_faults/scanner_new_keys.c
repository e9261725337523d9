// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails report.identity: its findings are new each time.
#define PLUGIN_NAME "scanner-new-keys"

static int reports;
#define BEFORE_REPORT ++reports;
#define CHECK_KEY (char)('a' + reports % 26)
#include "valid_scanner.h"
