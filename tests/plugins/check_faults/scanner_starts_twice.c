// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// With --recording nessus.jsonl, and a backend that it does not ask.
/// Fails remote.launch: it starts a scan that has run.
#define PLUGIN_NAME "scanner-starts-twice"
#define REMOTE
#define SECOND_START run_id->write(run_id->context, TEXT("second"))
#include "valid_scanner.h"
