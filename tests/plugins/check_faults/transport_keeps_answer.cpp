// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails transport.stop: it answers later, and never gives the deferred answers up.
#define PLUGIN_NAME "transport-keeps-answer"
#define ANSWER (new HttpDeferred(*response.defer()))->send(200, {}, "done")
#include "valid_transport.h"
