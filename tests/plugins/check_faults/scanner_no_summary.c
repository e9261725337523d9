// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails report.summary: its report just ends.
#define PLUGIN_NAME "scanner-no-summary"
#define SUMMARIES 0
#include "valid_scanner.h"
