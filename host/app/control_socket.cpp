// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/control_socket.h"

#include <unistd.h>

#include <string>

#include "host/http/message.h"

namespace scanhost {
namespace {

constexpr std::size_t handler_threads = 4;

}  // namespace

std::filesystem::path controlSocketPath(const Config& config) {
  return config.node.control_socket.empty() ? config.node.data_dir / "control.sock"
                                            : config.node.control_socket;
}

http::ListenOptions controlOptions(const Config& config) {
  http::ListenOptions options;
  options.listen = "unix:" + controlSocketPath(config).string();
  options.threads = handler_threads;
  options.limits.body_bytes = config.http.max_body;
  return options;
}

http::CallerResolver operatorsOfThisMachine() {
  return [](const http::Request& request) -> Result<http::Caller> {
    const auto peer = request.peerCredentials();
    if (!peer) return fail(ErrorClass::auth, "the peer of the control socket is not known");
    if (peer->uid != 0 && peer->uid != geteuid())
      return fail(ErrorClass::auth, "user " + std::to_string(peer->uid) +
                                        " is neither root nor the service's user, and may not use "
                                        "the control socket");
    return http::Caller{peer->uid == 0 ? "local:root" : "local:service", {"operator"}, {}};
  };
}

}  // namespace scanhost
