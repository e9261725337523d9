// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What requests are measured against: servers that answer every one with the same bytes.
#pragma once

#include <string>
#include <string_view>

namespace scanhost::bench {

/// "listener": the host's own, with nothing behind it. "poco": Poco::Net::HTTPServer. Says
/// "peer on 127.0.0.1:PORT" on standard error and serves until it is ended. False for another name.
bool servePeer(std::string_view name, const std::string& body = "{\"status\":\"healthy\"}");

}  // namespace scanhost::bench
