// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The listening socket: HTTP/1.1 with kept connections, over TLS or plain, for an Exchange.
///
/// Each connection has a thread for as long as it lasts; all of them are Poco's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "host/base/result.h"
#include "tests/simulators/nessus/exchange.h"
#include "tests/support/certificate.h"

namespace scanhost::simulator {

class Listener {
 public:
  struct Address {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;  ///< 0: any free one
  };

  /// Binds and starts to answer. Without a certificate it speaks plain HTTP. `exchange` must
  /// outlive the listener.
  static Result<std::unique_ptr<Listener>> open(
      const Address& address, const std::optional<testing_support::Certificate>& certificate,
      Exchange& exchange);
  /// Closes every connection and waits for their threads.
  ~Listener();

  std::uint16_t port() const;

 private:
  class Server;
  explicit Listener(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
};

}  // namespace scanhost::simulator
