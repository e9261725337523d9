// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails report.refused: it goes on when the sink refuses.
#define PLUGIN_NAME "scanner-swallows-refusal"
#define ON_REFUSAL
#include "valid_scanner.h"
