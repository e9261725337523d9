// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A connection that is logged in, and what a refusal means.
///
/// A command is sent once. One that only reads fails as transient when its answer is lost; for
/// others the LostReply comes through, and the caller has to look. For one thread at a time.
#pragma once

#include <scanhost/call.h>

#include <string>
#include <string_view>
#include <vector>

#include "plugins/scanner/greenbone/gmp_connection.h"
#include "plugins/scanner/greenbone/response.h"

namespace scanhost::greenbone {

class GmpSession {
 public:
  /// Connects and logs in. Throws PluginError of the backend.
  GmpSession(const Config& config, Call& call);

  /// A command that changes something; any answer is its status. Throws LostReply too.
  ResponseStatus change(const std::string& command, EntityReader& reader, Call& call);
  /// A command that reads. `what` says in a message what was asked for: "the list of tasks". Throws
  /// PluginError of the class that a refusal stands for.
  void read(const std::string& command, ResponseReader& reader, std::string_view what, Call& call);

  /// Throws what the status means. `what` as in read().
  [[noreturn]] void refuse(const ResponseStatus& status, std::string_view what) const;

 private:
  void logIn(Call& call);

  const Config& config_;
  GmpConnection connection_;
};

}  // namespace scanhost::greenbone
