// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails report.limits: it gives two findings to a sink that takes one.
#define PLUGIN_NAME "scanner-wide-batches"
#define BATCH 2
#include "valid_scanner.h"
