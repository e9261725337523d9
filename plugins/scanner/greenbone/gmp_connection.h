// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One TLS connection to the manager: a command out, its answer in by pieces, everything bounded by
/// timeouts. Poco's exceptions end here. For one thread at a time; after a failure only destruction
/// makes sense.
#pragma once

#include <Poco/Net/SecureStreamSocket.h>
#include <scanhost/call.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "plugins/scanner/greenbone/config.h"
#include "plugins/scanner/greenbone/path_reader.h"
#include "plugins/shared/tls/server_trust.h"

namespace scanhost::greenbone {

/// A command was sent and its answer did not come whole: what the manager did is not known.
class LostReply : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class GmpConnection {
 public:
  /// Connects. Throws PluginError of the backend: transient (unreachable), config (certificate).
  GmpConnection(const Config& config, Call& call);
  GmpConnection(const GmpConnection&) = delete;
  GmpConnection& operator=(const GmpConnection&) = delete;

  /// Sends the command and feeds its answer to `reader` until that is done. Throws LostReply, also
  /// when the call ends first, and what the reader throws.
  void exchange(std::string_view command, PathReader& reader, Call& call);

 private:
  void send(std::string_view command, Call& call);
  /// Some bytes of the answer, at least one.
  std::string_view receive(Call& call);
  [[noreturn]] void lost(const std::string& why) const;

  const Config& config_;
  tls::ServerTrust trust_;
  std::optional<Poco::Net::SecureStreamSocket> socket_;
  std::string buffer_;
};

}  // namespace scanhost::greenbone
