// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails transport.drain: once it drains it answers nothing more.
#define PLUGIN_NAME "transport-deaf-drain"
#define ANSWER_WHILE_DRAINING (void)0
#include "valid_transport.h"
