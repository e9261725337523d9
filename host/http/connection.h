// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One client connection, from accept to close. Internal to host/http.
///
/// While it waits (for a head, for a slow reader, for an event to stream) it belongs to the
/// listener's loop and costs no thread; a worker has it only from a complete head until the
/// response is handed over. Its socket never blocks; deadlines are looked at in `tick`.
///
///     reading -> queued -> working -> flushing -> reading ...
///                                  -> streaming -> lingering -> closed
///
/// Each public function takes the mutex itself. epoll watches with EPOLLONESHOT, so that between
/// an event and the next `watch()` nobody else is woken.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "host/http/body.h"
#include "host/http/channel.h"
#include "host/http/core.h"
#include "host/http/head.h"
#include "host/http/message.h"
#include "host/http/reply.h"

namespace scanhost::http {

/// What is known of the other end at accept.
struct Peer {
  std::optional<Poco::Net::IPAddress> address;  ///< none on a local socket
  std::optional<PeerCredentials> credentials;
  bool secure = false;
  std::string text = "local";  ///< the address
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Core> core, std::uint64_t id, std::unique_ptr<Channel> channel,
             Peer peer);

  // --- the loop ------------------------------------------------------------------------------
  void start();
  /// It is one too many: serves one request of an essential route, or answers 503.
  void startReserved();
  /// Closes unless it has asked for something; false when it has.
  bool makeWay();
  void onReady(std::uint32_t events);
  void onTick(Clock::time_point now);
  /// The listener stops: idle ones close, streams end in order, the rest may finish.
  void onStopping();
  /// Whether a request or an answer is under way.
  bool isBusy() const;
  /// At once, whatever is under way.
  void abort();
  /// Ends the stream or the deferred request that there may be of a route, or any stream (null).
  void endUseOf(const RouteEntry* route);

  // --- the worker that serves the request ------------------------------------------------------
  /// Stays as it is when the connection reads its next.
  std::shared_ptr<const RequestHead> head() const { return head_; }
  const Peer& peer() const { return peer_; }
  /// False when the request is over already: it waited too long, or the connection is gone.
  bool beginWork();
  /// See Request::read; an HttpError is kept for the response.
  Parsed<std::size_t> readBody(std::span<char> out, std::size_t max_body);
  void respond(int status, const Headers& headers, std::string_view body);
  bool beginStream(int status, const Headers& headers, StreamOptions options,
                   std::shared_ptr<RouteEntry::Use> use);
  /// The worker leaves without an answer; `over` is called once when the request is over.
  bool beginDeferred(std::function<void()> over, std::shared_ptr<RouteEntry::Use> use);
  bool isPeerGone() const;
  std::optional<ClientCertificate> clientCertificate() const;
  /// Closes without an answer: the worker cannot give one.
  void drop();

  // --- holders of the deferred answer ----------------------------------------------------------
  /// False when it is over.
  bool deferredRespond(int status, const Headers& headers, std::string_view body);
  bool deferredStream(int status, const Headers& headers, StreamOptions options);

  // --- holders of the stream -------------------------------------------------------------------
  bool streamWrite(std::string_view bytes);
  bool streamWaitForRoom(std::size_t bytes, std::chrono::milliseconds timeout);
  void streamClose();
  bool isStreamOpen() const;
  void streamOnClose(Stream::CloseCallback callback);

 private:
  enum class State { reading, queued, working, deferred, flushing, streaming, lingering, closed };
  using Lock = std::unique_lock<std::mutex>;

  // Those that take the lock may close the connection, and then give the lock up: return after.
  void watch(bool read, bool write);
  void watch(Io wanted) { watch(wanted == Io::wait_read, wanted == Io::wait_write); }
  Io fill();
  void nextRequest();
  void advanceRequest(Lock& lock);
  Parsed<void> skipEmptyLines();
  Parsed<void> takeHead();
  bool isBodyAwaited() const;
  void dispatch(Lock& lock);
  void refuse(Lock& lock, int status, std::string_view message, Headers headers = {});
  void refuseCrowd(Lock& lock);
  void respondLocked(Lock& lock, int status, const Headers& headers, std::string_view body);
  bool drainBody();
  Clock::time_point bodyDeadline() const;
  void noteResponse(int status) const;
  Io flush();
  void flushResponse(Lock& lock);
  void waitForUnsent(Lock& lock);
  void linger();
  void discardInput(Lock& lock, std::size_t allowance);
  void queuePiece(std::string_view bytes);
  bool startStream(Lock& lock, int status, const Headers& headers, StreamOptions options,
                   std::shared_ptr<RouteEntry::Use> use);
  /// What of a deferred request must be told or dropped without the lock.
  struct Over {
    std::function<void()> callback;
    std::shared_ptr<RouteEntry::Use> use;
  };
  Over takeDeferred();
  void tellOver(Over over) const;
  void postOver(Over over) const;
  bool pumpStream(Lock& lock);
  void finishStream(Lock& lock, StreamEnd why);
  void closeNow(Lock& lock, StreamEnd why);
  bool isStalled(Clock::time_point now);
  void armSendWindow();
  std::size_t unsent() const { return out_.size() - sent_; }
  void accountUnsent();

  const std::shared_ptr<Core> core_;
  const std::uint64_t id_;
  const Peer peer_;

  mutable std::mutex mutex_;
  std::condition_variable room_;  // a stream's buffer emptied, or it ended
  State state_ = State::reading;
  std::unique_ptr<Channel> channel_;
  Clock::time_point deadline_;

  std::string in_;     // arrived, not yet used
  bool begun_ = true;  // bytes of the next request came, or must come now
  std::size_t scanned_ = 0;
  std::size_t empty_lines_ = 0;  // before the head
  std::shared_ptr<const RequestHead> head_;
  BodyDecoder body_;
  std::uint64_t body_bytes_ = 0;
  std::optional<Clock::time_point> body_since_;
  bool continue_due_ = false;
  bool is_reserved_ = false;
  std::string route_name_ = "none";
  Clock::time_point head_at_;

  std::string out_;
  std::size_t sent_ = 0;          // of out_
  std::size_t accounted_ = 0;     // of core_->unsent_bytes
  std::size_t window_bytes_ = 0;  // sent since deadline_ was set
  bool close_after_ = false;
  std::size_t discarded_ = 0;

  StreamOptions stream_;
  Framing stream_framing_ = Framing::chunked;
  bool stream_ending_ = false;
  bool stream_begun_ = false;
  StreamEnd stream_end_ = StreamEnd::peer;  // meaningful once it has ended
  Clock::time_point last_piece_;
  Stream::CloseCallback on_close_;
  std::function<void()> on_over_;         // of a deferred request
  std::shared_ptr<RouteEntry::Use> use_;  // of a stream or a deferred request
};

}  // namespace scanhost::http
