// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How the requests in one POST are answered: as JSON, or as a stream of Server-Sent Events.
///
/// It is JSON when every answer is there before the handler returns and nothing was sent before
/// it, or when the client reads nothing else: then the answer is deferred, and no thread waits.
/// Otherwise it is a stream, on which progress, questions and the answers follow.
#pragma once

#include <scanhost/http.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "plugins/transport/mcp/event_stream.h"
#include "plugins/transport/mcp/headers.h"
#include "plugins/transport/mcp/outlet.h"

namespace scanhost::mcp {

struct StreamSettings {
  std::chrono::nanoseconds keep_alive;
  std::size_t buffer_bytes;  ///< 0: the host's
};

class PostReply final : public Outlet, public std::enable_shared_from_this<PostReply> {
 public:
  struct Options {
    StreamSettings stream;
    std::size_t answers = 1;  ///< how many requests there are
    bool batch = false;       ///< they came as an array
    /// Makes what its events go through if it becomes a stream; empty: one without a memory.
    std::function<std::shared_ptr<EventStream>()> open_events = {};
    bool gone_cancels = true;
    /// Nothing, or how soon a client is told to come back to a stream that is closed early.
    std::optional<std::chrono::milliseconds> retry = {};
  };

  /// `response` lives until settle() returns.
  PostReply(const HttpRequest& request, HttpResponse& response, Options options);

  bool canNotify() const override { return accepted_.stream; }
  void notify(const std::string& message) override;
  void respond(int status, const std::string& body, Pairs headers) override;
  using Outlet::respond;
  void forbid(const std::string& scope, const std::string& body) override;
  void drop() override;
  void onGone(std::function<void()> cancel) override;

  /// Called by the handler, last: sends what there is, or sees to it that the rest can follow.
  void settle();

 private:
  enum class State { handling, deferred, streaming, over };
  struct Answer {
    int status;
    std::string body;
    Pairs headers;
    std::string scope = {};  ///< that the caller lacks; empty: this is no refusal of that kind
  };

  bool stream();
  void take(Answer answer);
  void sendWhole();
  void settled();
  std::string joined() const;
  void gone();

  const Accepted accepted_;
  HttpResponse& response_;
  const Options options_;
  std::mutex mutex_;
  State state_ = State::handling;
  std::shared_ptr<EventStream> events_;  ///< once it is a stream
  std::size_t due_;
  std::vector<Answer> answers_;
  std::optional<HttpDeferred> deferred_;
  const std::thread::id handler_ = std::this_thread::get_id();
  std::vector<std::string> held_;  ///< what came from other threads while the handler ran

  std::mutex gone_mutex_;
  bool gone_ = false;
  std::vector<std::function<void()>> on_gone_;
};

}  // namespace scanhost::mcp
