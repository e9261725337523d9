// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/reply.h"

#include <chrono>

namespace scanhost::mcp {
namespace {

/// Proxies and clients drop streams that are silent for a minute or less.
constexpr std::chrono::seconds keep_alive(15);

void addStreamHeaders(Pairs& headers) {
  headers.emplace_back("Content-Type", "text/event-stream");
  headers.emplace_back("Cache-Control", "no-store");
  headers.emplace_back("X-Accel-Buffering", "no");
}

}  // namespace

std::string eventOf(std::string_view message) {
  std::string event = "event: message\ndata: ";
  event.reserve(message.size() + 32);
  for (const char c : message) {
    if (c == '\r') continue;
    event += c;
    if (c == '\n') event += "data: ";
  }
  return event += "\n\n";
}

void Reply::send(int status, const std::string& body, Pairs headers) {
  if (status == 200 && !accepted_.json) {
    addStreamHeaders(headers);
    return response_.send(status, headers, eventOf(body));
  }
  headers.emplace_back("Content-Type", "application/json");
  response_.send(status, headers, body);
}

std::optional<HttpStream> Reply::stream(std::function<void()> closed) {
  Pairs headers;
  addStreamHeaders(headers);
  HttpStreamOptions options;
  options.closed = std::move(closed);
  options.keep_alive = keep_alive;
  return response_.stream(200, headers, std::move(options));
}

}  // namespace scanhost::mcp
