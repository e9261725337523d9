// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <scanhost/client/client.h>
#include <scanhost/json.h>

#include <string>

namespace scanhost::ctl {

/// Calls a tool of operators. To others the service denies that there is such a tool, which is told
/// as what it means.
Json operatorCall(client::Client& client, const std::string& tool, const Json& arguments);

}  // namespace scanhost::ctl
