// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/http/connection.h"

#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <exception>

#include "host/http/exchange.h"

namespace scanhost::http {
namespace {

constexpr std::size_t read_size = 16u << 10;
constexpr std::size_t window_minimum = 16u << 10;   // what a client must take per send timeout
constexpr std::size_t linger_allowance = 1u << 20;  // of a body that is refused
constexpr std::size_t stream_input_allowance = 64u << 10;
constexpr std::size_t flush_budget = 1u << 20;    // sent to one client at a stretch
constexpr std::size_t kept_capacity = 32u << 10;  // of the buffers of an idle connection
constexpr std::uint64_t body_bytes_per_second = 64u << 10;
constexpr std::size_t piece_overhead = 32;
constexpr std::size_t most_empty_lines = 4;  // before a request
constexpr int lost_status = 499;             // never sent: there is nobody to send it to

Parsed<std::size_t> lost() {
  return tl::unexpected(HttpError{lost_status, "The client went away"});
}

void waitFor(int fd, short events, Clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
  pollfd watched{fd, events, 0};
  poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(0, left)));
}

/// A handler's thread that waits for a body. Only so many may, that others are left for clients who
/// have sent theirs.
class BodyWait {
 public:
  BodyWait(std::atomic<std::size_t>& waits, std::size_t most)
      : waits_(waits), granted_(waits_.fetch_add(1) < std::max<std::size_t>(1, most)) {}
  ~BodyWait() { --waits_; }
  BodyWait(const BodyWait&) = delete;
  BodyWait& operator=(const BodyWait&) = delete;
  bool granted() const { return granted_; }

 private:
  std::atomic<std::size_t>& waits_;
  const bool granted_;
};

void releaseIfLarge(std::string& buffer) {
  buffer.clear();
  if (buffer.capacity() > kept_capacity) buffer.shrink_to_fit();
}

}  // namespace

Connection::Connection(std::shared_ptr<Core> core, std::uint64_t id,
                       std::unique_ptr<Channel> channel, Peer peer)
    : core_(std::move(core)), id_(id), peer_(std::move(peer)), channel_(std::move(channel)) {}

// --- the loop ----------------------------------------------------------------------------------

void Connection::start() {
  const Lock lock(mutex_);
  const Timeouts& timeouts = core_->options.timeouts;
  deadline_ = Clock::now() + (is_reserved_ ? timeouts.reserve_head : timeouts.head);
  close_after_ = is_reserved_;
  epoll_event event{EPOLLIN | EPOLLONESHOT, {.u64 = id_}};
  epoll_ctl(core_->epoll_fd, EPOLL_CTL_ADD, channel_->fd(), &event);
}

void Connection::startReserved() {
  is_reserved_ = true;
  start();
}

bool Connection::makeWay() {
  Lock lock(mutex_);
  if (state_ != State::reading) return false;
  closeNow(lock, StreamEnd::timeout);
  return true;
}

void Connection::watch(bool read, bool write) {
  epoll_event event{EPOLLONESHOT, {.u64 = id_}};
  if (read) event.events |= EPOLLIN;
  if (write) event.events |= EPOLLOUT;
  epoll_ctl(core_->epoll_fd, EPOLL_CTL_MOD, channel_->fd(), &event);
}

void Connection::onReady(std::uint32_t events) {
  Lock lock(mutex_);
  switch (state_) {
    case State::deferred:
      if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) closeNow(lock, StreamEnd::peer);
      return;
    case State::reading: return advanceRequest(lock);
    case State::flushing: return flushResponse(lock);
    case State::streaming:
      if (pumpStream(lock)) discardInput(lock, stream_input_allowance);
      return;
    case State::lingering: return discardInput(lock, linger_allowance);
    case State::queued:
    case State::working:
    case State::closed: return;
  }
}

void Connection::onTick(Clock::time_point now) {
  Lock lock(mutex_);
  switch (state_) {
    case State::reading:
      if (now < deadline_) return;
      if (is_reserved_) return refuseCrowd(lock);
      if (in_.empty() && !head_) return closeNow(lock, StreamEnd::timeout);
      return refuse(lock, 408, "The request did not arrive in time");
    case State::queued:
      if (now < deadline_) return;
      ++core_->requests_refused;
      return refuse(lock, 503, "All threads are busy", {{"Retry-After", "2"}});
    case State::flushing:
      if (isStalled(now)) closeNow(lock, StreamEnd::timeout);
      return;
    case State::streaming:
      if (unsent() > 0) {
        if (isStalled(now)) closeNow(lock, StreamEnd::timeout);
      } else if (stream_.keep_alive.count() > 0 && now - last_piece_ >= stream_.keep_alive) {
        queuePiece(stream_.keep_alive_bytes);
        armSendWindow();
        pumpStream(lock);
      }
      return;
    case State::lingering:
      if (now >= deadline_) closeNow(lock, StreamEnd::timeout);
      return;
    case State::working:
    case State::deferred:
    case State::closed: return;
  }
}

void Connection::onStopping() {
  {
    Lock lock(mutex_);
    if (state_ == State::reading && in_.empty() && !head_)
      return closeNow(lock, StreamEnd::stopping);
  }
  endUseOf(nullptr);
}

bool Connection::isBusy() const {
  const Lock lock(mutex_);
  return state_ == State::queued || state_ == State::working || state_ == State::deferred ||
         state_ == State::flushing;
}

void Connection::abort() {
  Lock lock(mutex_);
  if (state_ == State::working)
    channel_->abort();  // the worker still polls the descriptor; it will close
  else
    closeNow(lock, StreamEnd::stopping);
}

// --- reading a request -------------------------------------------------------------------------

Io Connection::fill() {
  std::array<char, read_size> buffer;
  const IoResult result = channel_->read(buffer);
  if (result.io == Io::done) in_.append(buffer.data(), result.bytes);
  return result.io;
}

void Connection::nextRequest() {
  const Timeouts& timeouts = core_->options.timeouts;
  state_ = State::reading;
  releaseIfLarge(out_);
  sent_ = 0;
  if (in_.empty()) releaseIfLarge(in_);
  head_.reset();
  body_ = BodyDecoder();
  body_bytes_ = 0;
  body_since_.reset();
  continue_due_ = false;
  scanned_ = 0;
  empty_lines_ = 0;
  route_name_ = "none";
  begun_ = !in_.empty();
  deadline_ = Clock::now() + (begun_ ? timeouts.head : timeouts.idle);
  // What is here already makes no event of its own; "writable" is one that comes at once.
  watch(true, begun_ || channel_->hasPending());
}

void Connection::advanceRequest(Lock& lock) {
  for (;;) {
    if (!head_)
      if (const auto taken = takeHead(); !taken)
        return refuse(lock, taken.error().status, taken.error().message);
    if (head_ && !isBodyAwaited()) return dispatch(lock);
    const Io io = fill();
    if (io == Io::closed) return closeNow(lock, StreamEnd::peer);
    if (io != Io::done) return watch(io);
    if (!std::exchange(begun_, true)) deadline_ = Clock::now() + core_->options.timeouts.head;
  }
}

/// Empty lines before a request are forgiven, a few of them (RFC 9112, 2.2).
Parsed<void> Connection::skipEmptyLines() {
  std::size_t end = 0;
  while (in_.compare(end, 2, "\r\n") == 0) end += 2;
  in_.erase(0, end);
  empty_lines_ += end / 2;
  if (empty_lines_ > most_empty_lines)
    return tl::unexpected(HttpError{400, "The request begins with too many empty lines"});
  return {};
}

/// Fills head_ if all of it has come.
Parsed<void> Connection::takeHead() {
  if (scanned_ == 0)
    if (const auto skipped = skipEmptyLines(); !skipped) return skipped;
  const auto size = findHeadEnd(in_, scanned_, core_->options.limits);
  if (!size) return tl::unexpected(size.error());
  if (*size == 0) return {};
  auto head = parseHead(std::string_view(in_).substr(0, *size), core_->options.limits);
  if (!head) return tl::unexpected(head.error());
  in_.erase(0, *size);
  head_ = std::make_shared<const RequestHead>(std::move(*head));
  body_ = BodyDecoder(*head_);
  continue_due_ = head_->expects_continue;
  head_at_ = Clock::now();
  deadline_ = head_at_ + core_->options.timeouts.body;
  return {};
}

/// A small body is waited for here, where waiting costs no thread.
bool Connection::isBodyAwaited() const {
  const Limits& limits = core_->options.limits;
  const std::uint64_t length = head_->content_length.value_or(0);
  return !head_->expects_continue &&
         length <= std::min(limits.prebuffer_bytes, limits.body_bytes) && in_.size() < length;
}

void Connection::dispatch(Lock& lock) {
  auto match = core_->routes.find(head_->path, head_->method);
  if (!match.use && match.allow.empty()) return refuse(lock, 404, "Nothing is served at this path");
  if (!match.use)
    return refuse(lock, 405, "This path answers to " + match.allow, {{"Allow", match.allow}});
  if (is_reserved_ && !match.use->route().essential) return refuseCrowd(lock);
  route_name_ = match.use->route().name;
  state_ = State::queued;
  deadline_ = Clock::now() + core_->options.timeouts.queue;
  const Urgency urgency = match.use->route().essential ? Urgency::essential : Urgency::ordinary;
  auto job = [core = core_, self = shared_from_this(), use = match.use] { serve(core, self, use); };
  if (core_->pool.submit(urgency, std::move(job))) return;
  ++core_->requests_refused;
  refuse(lock, 503, "All threads are busy", {{"Retry-After", "2"}});
}

bool Connection::beginWork() {
  const Lock lock(mutex_);
  if (state_ != State::queued) return false;
  state_ = State::working;
  return true;
}

Clock::time_point Connection::bodyDeadline() const {
  const Timeouts& timeouts = core_->options.timeouts;
  const auto earned = std::chrono::seconds(body_bytes_ / body_bytes_per_second);
  return std::min(Clock::now() + timeouts.body_idle, *body_since_ + timeouts.body + earned);
}

Parsed<std::size_t> Connection::readBody(std::span<char> out, std::size_t max_body) {
  Lock lock(mutex_);
  if (!body_since_) body_since_ = Clock::now();
  std::optional<Clock::time_point> waiting_until;
  while (state_ == State::working) {
    std::string_view input(in_);
    const auto taken = body_.take(input, out);
    in_.erase(0, in_.size() - input.size());
    if (!taken) return taken;
    body_bytes_ += *taken;
    if (body_bytes_ > max_body)
      return tl::unexpected(
          HttpError{413, "The body is larger than " + std::to_string(max_body) + " bytes"});
    if (*taken > 0 || body_.done()) return *taken;
    if (std::exchange(continue_due_, false)) channel_->write("HTTP/1.1 100 Continue\r\n\r\n");
    const Io io = fill();
    if (io == Io::done) continue;
    if (io == Io::closed) return lost();
    if (!waiting_until) waiting_until = bodyDeadline();
    if (Clock::now() >= *waiting_until)
      return tl::unexpected(HttpError{408, "The body did not arrive in time"});
    const BodyWait wait(core_->body_waits, core_->options.threads / 2);
    if (!wait.granted())
      return tl::unexpected(HttpError{503, "Too many clients send their bodies slowly"});
    const int fd = channel_->fd();
    lock.unlock();
    waitFor(fd, io == Io::wait_write ? POLLOUT : POLLIN, *waiting_until);
    lock.lock();
  }
  return lost();
}

/// Drops what is here of a body nobody read; true when that was all of it.
bool Connection::drainBody() {
  if (!head_) return false;
  std::string_view input(in_);
  const bool ended = body_.drain(input);
  in_.erase(0, in_.size() - input.size());
  return ended;
}

std::optional<ClientCertificate> Connection::clientCertificate() const {
  const std::lock_guard lock(mutex_);
  return channel_ ? channel_->clientCertificate() : std::nullopt;
}

bool Connection::isPeerGone() const {
  const Lock lock(mutex_);
  return state_ == State::closed || channel_->isPeerGone();
}

void Connection::drop() {
  Lock lock(mutex_);
  closeNow(lock, StreamEnd::stopping);
}

// --- responding --------------------------------------------------------------------------------

/// An answer of the listener's own. After all but the harmless ones the connection ends, for what
/// follows on it cannot be trusted or would only add to the load.
void Connection::refuse(Lock& lock, int status, std::string_view message, Headers headers) {
  close_after_ = close_after_ || (status != 404 && status != 405);
  const Refusal words = refusalOf(status);
  headers.emplace_back("Content-Type", "application/json");
  respondLocked(lock, status, headers, errorBody(status, words.error, words.code, message));
}

void Connection::refuseCrowd(Lock& lock) {
  refuse(lock, 503, "Too many connections are open", {{"Retry-After", "5"}});
}

void Connection::respond(int status, const Headers& headers, std::string_view body) {
  Lock lock(mutex_);
  respondLocked(lock, status, headers, body);
  waitForUnsent(lock);
}

void Connection::respondLocked(Lock& lock, int status, const Headers& headers,
                               std::string_view body) {
  if (state_ == State::closed) return;
  noteResponse(status);
  const bool drained = drainBody();
  const bool keep = !close_after_ && drained && head_->keep_alive && !core_->stopping;
  const bool is_head = head_ && head_->method == "HEAD";
  out_ = renderHead(status, headers, Framing::length, body.size(), keep);
  if (!is_head && status != 204 && status != 304) out_ += body;
  sent_ = 0;
  close_after_ = !keep;
  state_ = State::flushing;
  flushResponse(lock);
  // From here on, for what the socket took at once is no sign of a client that reads.
  if (lock.owns_lock() && state_ == State::flushing) armSendWindow();
}

void Connection::noteResponse(int status) const {
  const double seconds = head_ ? std::chrono::duration<double>(Clock::now() - head_at_).count() : 0;
  Exchange exchange{route_name_, head_ ? head_->method : std::string(), status, seconds};
  if (head_) {
    exchange.traceparent = head_->header("traceparent").value_or("");
    exchange.x_trace_id = head_->header("x-trace-id").value_or("");
  }
  core_->report(exchange);
}

Io Connection::flush() {
  IoResult result{Io::done, 0};
  std::size_t budget = flush_budget;
  while (unsent() > 0 && result.io == Io::done && budget > 0) {
    result = channel_->write(std::string_view(out_).substr(sent_, budget));
    sent_ += result.bytes;
    window_bytes_ += result.bytes;
    budget -= result.bytes;
  }
  accountUnsent();
  const bool is_others_turn = result.io == Io::done && unsent() > 0;
  return is_others_turn ? Io::wait_write : result.io;
}

void Connection::flushResponse(Lock& lock) {
  const Io io = flush();
  if (io == Io::closed) return closeNow(lock, StreamEnd::peer);
  if (io != Io::done) return watch(io);
  if (close_after_)
    linger();
  else
    nextRequest();
}

/// Past the bound on all unsent bytes a handler waits for its own client, or for others to read.
void Connection::waitForUnsent(Lock& lock) {
  while (lock.owns_lock() && state_ == State::flushing &&
         core_->unsent_bytes.load() > core_->options.limits.unsent_bytes)
    room_.wait_for(lock, std::chrono::milliseconds(50));
}

void Connection::accountUnsent() {
  const std::size_t now = unsent();
  core_->unsent_bytes += now - accounted_;  // wraps when it shrinks, and so subtracts
  accounted_ = now;
}

void Connection::armSendWindow() {
  deadline_ = Clock::now() + core_->options.timeouts.send;
  window_bytes_ = 0;
}

bool Connection::isStalled(Clock::time_point now) {
  if (now < deadline_) return false;
  if (window_bytes_ < window_minimum) return true;
  armSendWindow();
  return false;
}

/// Closing with unread input would make the kernel reset the connection, and the peer lose our
/// last words; so we say that nothing more comes, and read on for a moment.
void Connection::linger() {
  channel_->finish();
  state_ = State::lingering;
  discarded_ = 0;
  releaseIfLarge(in_);
  deadline_ = Clock::now() + core_->options.timeouts.linger;
  watch(true, channel_->hasPending());
}

void Connection::discardInput(Lock& lock, std::size_t allowance) {
  std::array<char, read_size> buffer;
  for (;;) {
    const IoResult result = channel_->read(buffer);
    if (result.io == Io::closed) return closeNow(lock, StreamEnd::peer);
    if (result.io != Io::done) break;
    discarded_ += result.bytes;
    if (discarded_ > allowance) return closeNow(lock, StreamEnd::peer);
  }
  watch(true, unsent() > 0);
}

void Connection::closeNow(Lock& lock, StreamEnd why) {
  if (state_ == State::closed) return;
  const bool was_streaming = state_ == State::streaming;
  Over over = takeDeferred();
  state_ = State::closed;
  channel_.reset();
  core_->connections.remove(id_);
  sent_ = out_.size();
  accountUnsent();
  if (was_streaming) return finishStream(lock, why);
  lock.unlock();
  postOver(std::move(over));
}

// --- answering later ---------------------------------------------------------------------------

bool Connection::beginDeferred(std::function<void()> over, std::shared_ptr<RouteEntry::Use> use) {
  const Lock lock(mutex_);
  if (state_ != State::working) return false;
  state_ = State::deferred;
  on_over_ = std::move(over);
  use_ = std::move(use);
  ++core_->deferred;
  // Not for input: the next request may wait in the socket until this one is answered.
  epoll_event event{EPOLLRDHUP | EPOLLONESHOT, {.u64 = id_}};
  epoll_ctl(core_->epoll_fd, EPOLL_CTL_MOD, channel_->fd(), &event);
  return true;
}

/// Leaves the state; what it returns is empty when the request was not deferred.
Connection::Over Connection::takeDeferred() {
  if (state_ != State::deferred) return {};
  --core_->deferred;
  state_ = State::working;
  return {std::exchange(on_over_, nullptr), std::exchange(use_, nullptr)};
}

void Connection::tellOver(Over over) const {
  if (!over.callback) return;
  try {
    over.callback();
  } catch (const std::exception& error) {
    if (core_->hooks.on_handler_failure)
      core_->hooks.on_handler_failure(over.use->route().name, error.what());
  }
}

void Connection::postOver(Over over) const {
  if (!over.callback) return;
  const auto tell = [self = shared_from_this(), over = std::move(over)] { self->tellOver(over); };
  if (!core_->pool.post(tell)) tell();
}

bool Connection::deferredRespond(int status, const Headers& headers, std::string_view body) {
  Lock lock(mutex_);
  if (state_ != State::deferred) return false;
  Over over = takeDeferred();
  if (core_->unsent_bytes.load() > core_->options.limits.unsent_bytes)
    refuse(lock, 503, "Too much is unsent to other clients", {{"Retry-After", "5"}});
  else
    respondLocked(lock, status, headers, body);
  if (lock.owns_lock()) lock.unlock();
  tellOver(std::move(over));
  return true;
}

bool Connection::deferredStream(int status, const Headers& headers, StreamOptions options) {
  Lock lock(mutex_);
  if (state_ != State::deferred) return false;
  Over over = takeDeferred();
  const bool begun = startStream(lock, status, headers, std::move(options), over.use);
  if (lock.owns_lock()) lock.unlock();
  tellOver(std::move(over));
  return begun;
}

// --- streaming ---------------------------------------------------------------------------------

bool Connection::beginStream(int status, const Headers& headers, StreamOptions options,
                             std::shared_ptr<RouteEntry::Use> use) {
  Lock lock(mutex_);
  if (state_ == State::closed) return false;
  return startStream(lock, status, headers, std::move(options), std::move(use));
}

bool Connection::startStream(Lock& lock, int status, const Headers& headers, StreamOptions options,
                             std::shared_ptr<RouteEntry::Use> use) {
  noteResponse(status);
  const bool has_length = std::any_of(headers.begin(), headers.end(), [](const auto& header) {
    return equalsIgnoringCase(header.first, "Content-Length");
  });
  stream_framing_ = has_length                  ? Framing::as_given
                    : head_->minor_version == 0 ? Framing::until_closed
                                                : Framing::chunked;
  out_ = renderHead(status, headers, stream_framing_, 0, false);
  sent_ = 0;
  if (head_->method == "HEAD") {
    close_after_ = true;
    state_ = State::flushing;
    armSendWindow();
    flushResponse(lock);
    return false;
  }
  stream_ = std::move(options);
  const Limits& limits = core_->options.limits;
  if (stream_.buffer_bytes == 0) stream_.buffer_bytes = limits.stream_buffer_bytes;
  stream_.buffer_bytes = std::min(stream_.buffer_bytes, limits.stream_buffer_most);
  stream_begun_ = true;
  use_ = std::move(use);
  last_piece_ = Clock::now();
  discarded_ = 0;
  releaseIfLarge(in_);
  ++core_->streams;
  state_ = State::streaming;
  armSendWindow();
  return pumpStream(lock);
}

void Connection::queuePiece(std::string_view bytes) {
  if (sent_ > 0 && sent_ >= out_.size() / 2) {
    out_.erase(0, sent_);
    sent_ = 0;
  }
  if (stream_framing_ == Framing::chunked)
    out_ += chunkOf(bytes);
  else
    out_ += bytes;
  last_piece_ = Clock::now();
}

/// Sends what the socket takes; false when the stream ended by it.
bool Connection::pumpStream(Lock& lock) {
  const Io io = flush();
  if (io == Io::closed) {
    closeNow(lock, StreamEnd::peer);
    return false;
  }
  room_.notify_all();
  if (unsent() == 0 && stream_ending_) {
    linger();
    finishStream(lock, StreamEnd::finished);
    return false;
  }
  if (unsent() == 0) releaseIfLarge(out_), sent_ = 0;
  watch(true, unsent() > 0);
  return true;
}

/// The stream is over for those who hold it: tells them, without the lock.
void Connection::finishStream(Lock& lock, StreamEnd why) {
  stream_end_ = why;
  --core_->streams;
  room_.notify_all();
  auto use = std::exchange(use_, nullptr);
  auto callback = std::exchange(on_close_, nullptr);
  lock.unlock();
  if (!callback) return;
  const auto tell = [core = core_, callback = std::move(callback), use = std::move(use), why] {
    try {
      callback(why);
    } catch (const std::exception& error) {
      if (core->hooks.on_handler_failure)
        core->hooks.on_handler_failure(use->route().name, error.what());
    }
  };
  if (!core_->pool.post(tell)) tell();
}

bool Connection::streamWrite(std::string_view bytes) {
  Lock lock(mutex_);
  if (state_ != State::streaming || stream_ending_) return false;
  if (bytes.empty()) return true;
  const bool was_empty = unsent() == 0;
  queuePiece(bytes);
  if (was_empty) {
    if (!pumpStream(lock)) return false;
    armSendWindow();
  }
  accountUnsent();
  if (unsent() == 0) return true;
  if (unsent() <= stream_.buffer_bytes + piece_overhead &&
      core_->unsent_bytes.load() <= core_->options.limits.unsent_bytes)
    return true;
  ++core_->streams_overflowed;
  closeNow(lock, StreamEnd::overflow);
  return false;
}

bool Connection::streamWaitForRoom(std::size_t bytes, std::chrono::milliseconds timeout) {
  Lock lock(mutex_);
  const auto usable = [&] { return state_ == State::streaming && !stream_ending_; };
  const auto fits = [&] { return unsent() == 0 || unsent() + bytes <= stream_.buffer_bytes; };
  room_.wait_for(lock, timeout, [&] { return !usable() || fits(); });
  return usable() && fits();
}

void Connection::streamClose() {
  Lock lock(mutex_);
  if (state_ != State::streaming || std::exchange(stream_ending_, true)) return;
  if (unsent() == 0) armSendWindow();
  if (stream_framing_ == Framing::chunked) out_ += chunkOf({});
  pumpStream(lock);
}

void Connection::endUseOf(const RouteEntry* route) {
  Lock lock(mutex_);
  if (route && (!use_ || use_->entry() != route)) return;
  if (state_ == State::deferred && route) {
    Over over = takeDeferred();
    refuse(lock, 503, "The service is stopping", {{"Retry-After", "5"}});
    if (lock.owns_lock()) lock.unlock();
    return postOver(std::move(over));
  }
  if (state_ != State::streaming) return;
  if (!std::exchange(stream_ending_, true) && stream_framing_ == Framing::chunked)
    out_ += chunkOf({});
  if (flush() != Io::done) return closeNow(lock, StreamEnd::stopping);
  linger();
  finishStream(lock, StreamEnd::stopping);
}

bool Connection::isStreamOpen() const {
  const Lock lock(mutex_);
  return state_ == State::streaming && !stream_ending_;
}

void Connection::streamOnClose(Stream::CloseCallback callback) {
  {
    const Lock lock(mutex_);
    if (state_ == State::streaming) {
      on_close_ = std::move(callback);
      return;
    }
  }
  if (callback) callback(stream_end_);
}

}  // namespace scanhost::http
