// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails transport.answers: it leaves every request without an answer.
#define PLUGIN_NAME "transport-silent"
#define ANSWER (void)0
#include "valid_transport.h"
