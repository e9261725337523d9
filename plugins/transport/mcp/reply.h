// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How one POST is answered: JSON, or Server-Sent Events for a client that reads nothing else or
/// has asked for progress. Lives within its handler, on the handler's thread.
#pragma once

#include <scanhost/http.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "plugins/transport/mcp/headers.h"

namespace scanhost::mcp {

/// One message as an event; a line break within it would end the event, so it becomes two lines.
std::string eventOf(std::string_view message);

class Reply {
 public:
  Reply(const HttpRequest& request, HttpResponse& response)
      : accepted_(readAccept(request.header("Accept"))), response_(response) {}

  /// The one answer to a request.
  void send(int status, const std::string& body, Pairs headers = {});
  /// To a notification or a response: there is nothing to say.
  void accept() { response_.send(202, {}, {}); }
  void sendEmpty(int status) { response_.send(status, {}, {}); }

  bool mayStream() const { return accepted_.stream; }
  /// Nothing when the host had no room, and has answered so.
  std::optional<HttpStream> stream(std::function<void()> closed);

 private:
  const Accepted accepted_;
  HttpResponse& response_;
};

}  // namespace scanhost::mcp
