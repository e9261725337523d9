// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a route's handler is given: the request, the response, and streams.
///
/// Request and Response live for the call of the handler, and belong to its thread. A Stream lives
/// on as long as someone holds it, and may be used from any thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/result.h"
#include "host/http/caller.h"

namespace scanhost::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// Who is at the other end of a local socket, by the kernel's word.
struct PeerCredentials {
  uid_t uid;
  gid_t gid;
  pid_t pid;
};

/// What a client's certificate says, once verified.
struct ClientCertificate {
  /// "URI:spiffe://example.org/agent", "DNS:agent.example.org", "EMAIL:agent@example.org",
  /// "CN:agent"; names of hosts and mail in lower case.
  std::vector<std::string> names;
  Timestamp not_after;
};

class Request {
 public:
  virtual ~Request() = default;

  virtual const std::string& method() const = 0;
  /// Decoded and normalised: begins with '/', without dot segments or empty ones, valid UTF-8.
  virtual const std::string& path() const = 0;
  /// As sent, after the '?'; empty when absent.
  virtual const std::string& query() const = 0;
  /// The first field of that name (any case), without space around; nothing when absent.
  virtual std::optional<std::string_view> header(std::string_view name) const = 0;
  virtual const Headers& headers() const = 0;
  /// The address without its port; behind a trusted proxy the one it names; "local" on a local
  /// socket.
  virtual const std::string& remoteAddress() const = 0;
  virtual bool isSecure() const = 0;
  virtual std::optional<PeerCredentials> peerCredentials() const = 0;
  /// None without TLS, or where clients are asked for none.
  virtual std::optional<ClientCertificate> clientCertificate() const = 0;
  virtual const Caller& caller() const = 0;
  /// Whether the peer has hung up meanwhile: a long handler may ask now and then.
  virtual bool isPeerGone() const = 0;

  /// The next bytes of the body; 0 at its end. Waits, within the body's timeouts. On an error
  /// (too large, malformed, too slow) the handler just returns: the right status goes out.
  virtual Result<std::size_t> read(std::span<char> buffer) = 0;
  /// The whole body, of at most `max` bytes; fails like read().
  virtual Result<std::string> readBody(std::size_t max) = 0;
};

/// Why a stream ended.
enum class StreamEnd {
  finished,  ///< close() was called
  peer,      ///< the client went away
  overflow,  ///< the client reads too slowly for what is written
  timeout,   ///< the client stopped reading
  stopping,  ///< the listener or the route ends
};

/// A response without an end, on a socket that has left its thread.
class Stream {
 public:
  using CloseCallback = std::function<void(StreamEnd)>;

  /// Dropping the last reference is close().
  virtual ~Stream() = default;
  /// Queues the bytes as one piece and never blocks. False when the stream has ended, also by this
  /// very call: what does not fit the buffer closes it.
  virtual bool write(std::string_view bytes) = 0;
  /// Waits until a piece of that many bytes fits the buffer, for producers of long answers. False
  /// when the stream ended or the time is over.
  virtual bool waitForRoom(std::size_t bytes, std::chrono::milliseconds timeout) = 0;
  /// Ends it after what is queued has gone out.
  virtual void close() = 0;
  virtual bool isOpen() const = 0;
  /// Called once when the stream has ended, on a pool thread, or at once when it already has. Only
  /// the last one set counts.
  virtual void onClose(CloseCallback callback) = 0;
};

struct StreamOptions {
  std::size_t buffer_bytes = 0;  ///< 0: the listener's limit
  /// Sent whenever nothing else was for `keep_alive`; zero: never.
  std::chrono::milliseconds keep_alive{0};
  std::string keep_alive_bytes = ": keep-alive\n\n";
};

/// A request whose handler has returned, and whose answer may come from any thread. The connection
/// holds no thread meanwhile, and goes on after the answer as after any other.
class Deferred {
 public:
  /// Dropped without an answer it answers 500.
  virtual ~Deferred() = default;
  /// The whole answer, as Response::send; never blocks. False when it is over: answered, the client
  /// went away, or the listener or the route ended. With too much unsent to all clients, 503 goes
  /// out instead.
  virtual bool send(int status, const Headers& headers, std::string body) = 0;
  /// As Response::stream. Class lost when it is over.
  virtual Result<std::shared_ptr<Stream>> stream(int status, const Headers& headers,
                                                 StreamOptions options = {}) = 0;
};

class Response {
 public:
  virtual ~Response() = default;

  /// The whole answer. Content-Length, Date, Connection and security headers are added; a header
  /// given here replaces a default of the same name. Only the first answer counts.
  virtual void send(int status, const Headers& headers, std::string body) = 0;
  /// Sends the head and detaches the socket. Fails with class busy when there are too many streams,
  /// and a handler that then just returns has answered 503.
  virtual Result<std::shared_ptr<Stream>> stream(int status, const Headers& headers,
                                                 StreamOptions options = {}) = 0;
  /// Lets the handler return without an answer. `over` is called once when the request is over: on
  /// a pool thread when the client went away or the listener or the route ends, and within the
  /// call that answers it. Fails with class busy when there are too many of these and of streams,
  /// and a handler that then just returns has answered 503.
  virtual Result<std::shared_ptr<Deferred>> defer(std::function<void()> over = {}) = 0;
  /// 403, with a challenge that names the scopes "scanhost:..." which would be needed.
  virtual void forbid(const std::vector<std::string>& scopes, Headers headers,
                      std::string body) = 0;
  /// {"error","message","code","status_code"} with that status.
  void sendError(int status, std::string_view error, std::string_view code,
                 std::string_view message, Headers headers = {});
  virtual bool isSent() const = 0;
};

using Handler = std::function<void(Request&, Response&)>;

}  // namespace scanhost::http
