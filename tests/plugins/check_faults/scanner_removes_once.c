// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// With --recording nessus.jsonl, and a backend that it does not ask.
/// Fails remote.repeated: a scan that is gone cannot be removed again.
#define PLUGIN_NAME "scanner-removes-once"
#define REMOTE
#define SECOND_REMOVAL fail(call, SCANHOST_ERROR_LOST, TEXT("there is no such scan"))
#include "valid_scanner.h"
