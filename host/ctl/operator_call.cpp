// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/operator_call.h"

namespace scanhost::ctl {
namespace {

constexpr int invalid_params = -32602;

}  // namespace

Json operatorCall(client::Client& client, const std::string& tool, const Json& arguments) {
  try {
    return client.call_tool(tool, arguments);
  } catch (const client::ProtocolError& error) {
    if (error.rpc_code() != invalid_params) throw;
    throw client::AccessError(
        403, client.url() +
                 ": only an operator may do this; give --socket PATH as root or the "
                 "service's user, or an operator's token");
  }
}

}  // namespace scanhost::ctl
