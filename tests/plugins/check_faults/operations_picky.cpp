// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails operations.answers: it never ends a request that has arguments it does not like.
#define PLUGIN_NAME "operations-picky"
#define ANSWER \
  if (request.arguments.size() > 100)          \
    keep(std::move(reply));                    \
  else                                         \
    reply.result(Json::object({{"asked", true}}))
#include "valid_operations.h"
