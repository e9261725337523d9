// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The Nessus API as calls: logs in, repeats what may be repeated, and gives failures their class.
///
/// GET is repeated, with jitter, after a broken connection or a 5xx, but not after a timeout, which
/// is a ServerHangs. Anything else is sent once, on a connection of its own: when its answer is
/// lost, a LostReply says that the server may have acted, and the caller has to look. Only an
/// answer that proves that nothing was done (401 with a session, 412 with an outdated token) is
/// followed by one more try.
///
/// Safe from any thread. Secrets appear in no message.
#pragma once

#include <scanhost/call.h>
#include <scanhost/error.h>
#include <scanhost/json.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/scanner/nessus/config.h"
#include "plugins/shared/http_client/connection.h"

namespace scanhost::nessus {

using http_client::Answer;
using http_client::Connection;
using http_client::HttpHead;
using http_client::HttpRequest;
using http_client::TransportError;
using http_client::Unanswered;

/// A request other than GET was sent and what came of it is not known.
class LostReply : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The server let a request time out, so that the call has to end: each further request would wait
/// as long.
class ServerHangs : public PluginError {
 public:
  explicit ServerHangs(const std::string& message)
      : PluginError(ErrorClass::transient, message, ErrorSubject::backend) {}
};

class NessusClient {
 public:
  explicit NessusClient(const Config& config) : config_(config) {}

  /// The document of a 2xx answer; else throws PluginError of the class that the status stands for.
  /// `what` says in a message what was asked for: "the list of scans".
  Json get(const std::string& path, std::string_view what, Call& call);
  /// Names of the document's own members that are kept; none: all.
  using Members = std::vector<std::string_view>;
  /// The same, but a 404 is nothing. What is not among `members` is null, and was never held.
  std::optional<Json> find(const std::string& path, std::string_view what, Call& call,
                           const Members& members = {});
  /// Any answer, of a path that needs no login.
  Answer getOpen(const std::string& path, Call& call);

  /// Sends once. Any answer is an Answer; throws LostReply when none came.
  Answer send(const std::string& method, const std::string& path, const Json& body, Call& call);

  /// Streams a 2xx answer to a GET, once; others become an Answer. Throws TransportError too, of
  /// which a timeout is a ServerHangs.
  using PieceReceiver = std::function<void(std::string_view)>;
  Answer download(const std::string& path, const PieceReceiver& receiver, Call& call);

  /// Throws what the answer's status means. `what` as in get().
  [[noreturn]] void refuse(const Answer& answer, std::string_view what) const;

  /// Waits, or throws when the call ends first.
  static void wait(std::chrono::milliseconds time, Call& call);

 private:
  enum class Login { none, needed };
  using Headers = std::vector<std::pair<std::string, std::string>>;

  /// Where an answer goes: to a receiver, or, as a whole or in some members, into its body.
  struct Taking {
    const Connection::Receiver* receiver = nullptr;
    Members members = {};
  };

  Answer getRepeatedly(const std::string& path, Login login, const Members& members, Call& call);
  /// One request with login, and one more when the login turns out to be stale.
  Answer authenticated(HttpRequest request, const Taking& taking, Call& call);
  Answer exchange(const HttpRequest& request, const Taking& taking, Call& call);
  Headers loginHeaders(Call& call);
  void openSession(Call& call);
  void fetchApiToken(Call& call);
  std::unique_ptr<Connection> takeConnection(bool may_be_used);
  void giveBack(std::unique_ptr<Connection> connection);

  const Config& config_;
  std::mutex mutex_;  ///< of all below; not held while a request is under way
  std::vector<std::unique_ptr<Connection>> idle_;
  std::string session_;    ///< token of the open session
  std::string api_token_;  ///< from the web page's script
};

/// The upper- or lower-case UUID that the web page's script sends as X-API-Token; empty when none.
std::string apiTokenIn(std::string_view script);

}  // namespace scanhost::nessus
