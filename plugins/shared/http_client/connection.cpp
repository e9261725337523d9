// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/http_client/connection.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPChunkedStream.h>
#include <Poco/Net/HTTPFixedLengthStream.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/HTTPStream.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/NumberParser.h>
#include <Poco/Timespan.h>
#include <scanhost/trace.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <istream>
#include <ostream>
#include <sstream>
#include <utility>

#include "plugins/shared/tls/client_context.h"

namespace scanhost::http_client {
namespace {

using std::chrono::milliseconds;
using Stage = TransportError::Stage;

constexpr milliseconds look_around{200};  ///< how often a waiting request asks whether to go on

Poco::Timespan toTimespan(milliseconds duration) {
  return {
      static_cast<Poco::Timespan::TimeDiff>(std::max<std::int64_t>(1, duration.count()) * 1000)};
}

milliseconds timeLeft(const Call& call) {
  const auto left = call.timeLeft();
  return left == std::chrono::nanoseconds::max() ? milliseconds::max()
                                                 : std::chrono::duration_cast<milliseconds>(left);
}

constexpr std::size_t most_head = 64u << 10;
constexpr std::chrono::seconds longest_retry_after{86'400};

/// In seconds or as a date (RFC 9110, section 10.2.3).
std::optional<std::chrono::seconds> retryAfter(const Poco::Net::HTTPResponse& response) {
  const std::string text = response.get("Retry-After", "");  // a copy: it may be the default
  unsigned seconds = 0;
  if (Poco::NumberParser::tryParseUnsigned(text, seconds))
    return std::min(std::chrono::seconds(seconds), longest_retry_after);
  std::tm date{};
  const char* end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
  if (!end || *end != '\0') return std::nullopt;
  const auto until = std::chrono::system_clock::from_time_t(timegm(&date));
  return std::clamp(
      std::chrono::ceil<std::chrono::seconds>(until - std::chrono::system_clock::now()),
      std::chrono::seconds(0), longest_retry_after);
}

/// -1 when it is not known. A length that is no number is none at all.
std::int64_t announcedLength(const Poco::Net::HTTPResponse& response) {
  const int status = response.getStatus();
  if (status == Poco::Net::HTTPResponse::HTTP_NO_CONTENT ||
      status == Poco::Net::HTTPResponse::HTTP_NOT_MODIFIED)
    return 0;
  Poco::Int64 length = -1;
  if (response.getChunkedTransferEncoding() ||
      !Poco::NumberParser::tryParse64(response.get("Content-Length", ""), length) || length < 0)
    return -1;
  return length;
}

std::unique_ptr<std::istream> bodyOf(const Poco::Net::HTTPResponse& response,
                                     std::int64_t announced, Poco::Net::HTTPSession& session) {
  if (response.getChunkedTransferEncoding())
    return std::make_unique<Poco::Net::HTTPChunkedInputStream>(session);
  if (announced >= 0)
    return std::make_unique<Poco::Net::HTTPFixedLengthInputStream>(session, announced);
  return std::make_unique<Poco::Net::HTTPInputStream>(session);
}

/// Runs a step, giving Poco's exceptions the stage they happened at.
template <class Step>
decltype(auto) atStage(Stage stage, const std::string& url, Step&& step) {
  try {
    return step();
  } catch (const Poco::TimeoutException&) {
    throw Unanswered(stage, url + " does not answer in time");
  } catch (const Poco::Exception& error) {
    throw TransportError(stage, url + ": " + error.displayText());
  }
}

}  // namespace

/// Poco's session. It connects when told to and never again by itself, so that a failure after that
/// means that something was sent; its buffer is asked before the socket is waited for.
class Connection::Session {
 public:
  virtual ~Session() = default;
  virtual Poco::Net::HTTPClientSession& http() = 0;
  virtual void open() = 0;
  virtual bool hasBuffered() const = 0;
  /// The next byte from the server; waits for it where none is buffered.
  virtual int nextByte() = 0;
};

template <class Base>
class Connection::SessionOf final : public Connection::Session, private Base {
 public:
  template <class... Arguments>
  explicit SessionOf(Arguments&&... arguments) : Base(std::forward<Arguments>(arguments)...) {}

  Poco::Net::HTTPClientSession& http() override { return *this; }
  void open() override { this->reconnect(); }
  bool hasBuffered() const override { return this->buffered() > 0; }
  int nextByte() override { return this->get(); }

 protected:
  void connect(const Poco::Net::SocketAddress& address) override {
    if (opened_) throw Poco::Net::ConnectionAbortedException("the server closed the connection");
    opened_ = true;
    Base::connect(address);
  }

 private:
  bool opened_ = false;
};

Connection::Connection(Endpoint endpoint)
    : endpoint_(std::move(endpoint)),
      trust_(endpoint_.tls, endpoint_.host),
      context_(endpoint_.secure ? tls::clientContext(trust_) : nullptr) {}

Connection::~Connection() = default;

HttpHead Connection::exchange(const HttpRequest& request, const Receiver& receiver, Call& call) {
  reusable_ = false;
  call.check();
  if (!session_) connect(call);
  send(request, call);
  const HttpHead head = receive(request, receiver, call);
  last_use_ = std::chrono::steady_clock::now();
  return head;
}

void Connection::connect(Call& call) {
  std::unique_ptr<Session> session;
  if (endpoint_.secure)
    session = std::make_unique<SessionOf<Poco::Net::HTTPSClientSession>>(endpoint_.host,
                                                                         endpoint_.port, context_);
  else
    session =
        std::make_unique<SessionOf<Poco::Net::HTTPClientSession>>(endpoint_.host, endpoint_.port);
  Poco::Net::HTTPClientSession& http = session->http();
  const Poco::Timespan wait =
      toTimespan(std::min({endpoint_.connect_timeout, endpoint_.request_timeout, timeLeft(call)}));
  http.setTimeout(wait, wait, wait);
  http.setKeepAlive(true);
  http.setKeepAliveTimeout(Poco::Timespan(3600, 0));  // its owner decides when it is too old
  try {
    if (endpoint_.secure) Poco::Net::SecureStreamSocket(http.socket()).setLazyHandshake();
    session->open();
    http.socket().setNoDelay(true);
    if (endpoint_.secure) shakeHands(http.socket(), call);
    session_ = std::move(session);
  } catch (const Poco::TimeoutException&) {
    throw Unanswered(Stage::connecting, endpoint_.url() + " cannot be reached in time");
  } catch (const Poco::Exception& error) {
    if (trust_.refused())
      throw PluginError(ErrorClass::config, trust_.refusal(endpoint_.url()), ErrorSubject::backend);
    throw TransportError(Stage::connecting,
                         endpoint_.url() + " cannot be reached: " + error.displayText());
  }
}

/// Poco's own would go on without a word when it is not finished in time, and leave it to the first
/// request, which then waits for several timeouts in a row.
void Connection::shakeHands(Poco::Net::StreamSocket& socket, Call& call) {
  const auto until = std::chrono::steady_clock::now() +
                     std::min(endpoint_.connect_timeout, endpoint_.request_timeout);
  Poco::Net::SecureStreamSocket secure(socket);
  secure.setReceiveTimeout(toTimespan(look_around));
  for (;;) {
    try {
      if (secure.completeHandshake() > 0) return;
      throw Poco::Net::ConnectionAbortedException("the server closed the connection");
    } catch (const Poco::TimeoutException&) {
      call.check();
      if (std::chrono::steady_clock::now() >= until) throw;
    }
  }
}

void Connection::send(const HttpRequest& request, Call& call) {
  atStage(Stage::sent, endpoint_.url(), [&] {
    const milliseconds wait = std::min(endpoint_.request_timeout, timeLeft(call));
    session_->http().socket().setSendTimeout(toTimespan(wait));
    session_->http().socket().setReceiveTimeout(toTimespan(wait));
    Poco::Net::HTTPRequest out(request.method, request.path, Poco::Net::HTTPMessage::HTTP_1_1);
    out.setHost(endpoint_.host, endpoint_.port);
    out.setKeepAlive(true);
    if (const std::string trace = traceparentOf(call.trace()); !trace.empty())
      out.set("traceparent", trace);
    for (const auto& [name, value] : request.headers) out.set(name, value);
    if (request.method != "GET")
      out.setContentLength64(static_cast<Poco::Int64>(request.body.size()));
    std::ostream& body = session_->http().sendRequest(out);
    body.write(request.body.data(), static_cast<std::streamsize>(request.body.size()));
    body.flush();
    if (!body.good()) throw Poco::IOException("the request could not be sent");
  });
}

HttpHead Connection::receive(const HttpRequest& request, const Receiver& receiver, Call& call) {
  const Poco::Net::HTTPResponse response = readHead(request, call);
  HttpHead head;
  head.status = response.getStatus();
  head.retry_after = retryAfter(response);
  const std::int64_t announced = announcedLength(response);
  const auto await = [&] { awaitBytes(request, Stage::body, call); };
  const bool is_good = head.status >= 200 && head.status < 300;
  try {
    atStage(Stage::body, endpoint_.url(), [&] {
      const auto in = bodyOf(response, announced, session_->http());
      readBody(*in, head, announced, receiver, await);
    });
    const bool has_end = announced >= 0 || response.getChunkedTransferEncoding();
    reusable_ = response.getKeepAlive() && has_end && is_good;
  } catch (const TransportError&) {
    if (is_good) throw;  // the status of a refusal says all; its text may be missing
  }
  return head;
}

/// Byte by byte: Poco's own reader would wait for a server that tells its head in drops for as long
/// as it likes.
Poco::Net::HTTPResponse Connection::readHead(const HttpRequest& request, Call& call) {
  for (;;) {
    std::string head;
    while (!head.ends_with("\r\n\r\n") && !head.ends_with("\n\n")) {
      if (!session_->hasBuffered()) awaitBytes(request, Stage::sent, call);
      if (!head.empty() && call.cancelled())
        throw TransportError(Stage::sent, "the call ended while " + endpoint_.url() + " answered");
      const int byte = atStage(Stage::sent, endpoint_.url(), [&] { return session_->nextByte(); });
      if (byte == std::char_traits<char>::eof())
        throw TransportError(Stage::sent, endpoint_.url() + " closed the connection");
      head += static_cast<char>(byte);
      if (head.size() > most_head)
        throw TransportError(Stage::sent, endpoint_.url() + " answers with a head of more than " +
                                              std::to_string(most_head / 1024) + " KiB");
    }
    Poco::Net::HTTPResponse response;
    std::istringstream in(head);
    atStage(Stage::sent, endpoint_.url(), [&] { response.read(in); });
    if (response.getStatus() >= 200) return response;
  }
}

void Connection::readBody(std::istream& in, const HttpHead& head, std::int64_t announced,
                          const Receiver& receiver, const std::function<void()>& await) {
  // The stream itself would swallow exceptions; its buffer lets them through.
  std::streambuf& buffer = *in.rdbuf();
  std::array<char, 65'536> piece;
  std::int64_t total = 0;
  while (announced < 0 || total < announced) {
    if (buffer.in_avail() <= 0) {
      await();
      if (buffer.sgetc() == std::char_traits<char>::eof()) break;
    }
    const auto wanted = std::clamp<std::streamsize>(buffer.in_avail(), 1,
                                                    static_cast<std::streamsize>(piece.size()));
    const auto got = buffer.sgetn(piece.data(), wanted);
    if (got <= 0) break;
    total += got;
    receiver(head, std::string_view(piece.data(), static_cast<std::size_t>(got)));
  }
  if (announced >= 0 && total < announced)
    throw TransportError(Stage::body,
                         endpoint_.url() + " closed the connection in the middle of its answer");
}

void Connection::awaitBytes(const HttpRequest& request, Stage stage, Call& call) {
  const auto until = std::chrono::steady_clock::now() + endpoint_.request_timeout;
  for (;;) {
    const bool ready = atStage(stage, endpoint_.url(), [&] {
      // available(): what OpenSSL has decrypted of a record larger than the session's buffer, of
      // which the socket itself knows nothing.
      return session_->hasBuffered() || session_->http().socket().available() > 0 ||
             session_->http().socket().poll(toTimespan(look_around),
                                            Poco::Net::Socket::SELECT_READ);
    });
    if (ready) return;
    if (call.cancelled()) {
      if (request.method == "GET") call.check();
      throw TransportError(stage, "the call ended while " + endpoint_.url() + " had not answered");
    }
    if (std::chrono::steady_clock::now() >= until)
      throw Unanswered(stage, endpoint_.url() + " does not answer in time");
  }
}

bool Connection::usable() const {
  if (!session_) return true;
  try {
    return reusable_ && !session_->hasBuffered() &&
           !session_->http().socket().poll(Poco::Timespan(0), Poco::Net::Socket::SELECT_READ);
  } catch (const Poco::Exception&) {
    return false;
  }
}

}  // namespace scanhost::http_client
