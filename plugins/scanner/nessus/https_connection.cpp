// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nessus/https_connection.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/NumberParser.h>
#include <Poco/Timespan.h>

#include <algorithm>
#include <array>
#include <istream>
#include <ostream>

#include "plugins/shared/tls/client_context.h"

namespace scanhost::nessus {
namespace {

using std::chrono::milliseconds;
using Stage = TransportError::Stage;

constexpr milliseconds connect_timeout{10'000};
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

std::optional<std::chrono::seconds> retryAfter(const Poco::Net::HTTPResponse& response) {
  unsigned seconds = 0;
  if (!Poco::NumberParser::tryParseUnsigned(response.get("Retry-After", ""), seconds))
    return std::nullopt;
  return std::chrono::seconds(std::min(seconds, 86'400u));
}

/// Runs a step, giving Poco's exceptions the stage they happened at.
template <class Step>
decltype(auto) atStage(Stage stage, const std::string& url, Step&& step) {
  try {
    return step();
  } catch (const Poco::TimeoutException&) {
    throw TransportError(stage, url + " does not answer in time");
  } catch (const Poco::Exception& error) {
    throw TransportError(stage, url + ": " + error.displayText());
  }
}

}  // namespace

void HttpsConnection::Session::connect(const Poco::Net::SocketAddress& address) {
  if (opened_) throw Poco::Net::ConnectionAbortedException("the server closed the connection");
  opened_ = true;
  HTTPSClientSession::connect(address);
}

HttpsConnection::HttpsConnection(const Config& config)
    : config_(config), trust_(config.tls, config.host), context_(tls::clientContext(trust_)) {}

HttpHead HttpsConnection::exchange(const HttpRequest& request, const Receiver& receiver,
                                   Call& call) {
  reusable_ = false;
  call.check();
  if (!session_) connect(call);
  send(request, call);
  const HttpHead head = receive(request, receiver, call);
  last_use_ = std::chrono::steady_clock::now();
  return head;
}

void HttpsConnection::connect(Call& call) {
  auto session = std::make_unique<Session>(config_.host, config_.port, context_);
  const Poco::Timespan wait = toTimespan(std::min(connect_timeout, timeLeft(call)));
  session->setTimeout(wait, wait, wait);
  session->setKeepAlive(true);
  session->setKeepAliveTimeout(Poco::Timespan(3600, 0));  // its owner decides when it is too old
  try {
    session->open();
    session->socket().setNoDelay(true);
    session_ = std::move(session);
  } catch (const Poco::Exception& error) {
    if (trust_.refused())
      throw PluginError(ErrorClass::config, trust_.refusal(config_.url()), ErrorSubject::backend);
    throw TransportError(Stage::connecting,
                         config_.url() + " cannot be reached: " + error.displayText());
  }
}

void HttpsConnection::send(const HttpRequest& request, Call& call) {
  atStage(Stage::sent, config_.url(), [&] {
    const milliseconds wait = std::min(config_.request_timeout, timeLeft(call));
    session_->socket().setSendTimeout(toTimespan(wait));
    session_->socket().setReceiveTimeout(toTimespan(wait));
    Poco::Net::HTTPRequest out(request.method, request.path, Poco::Net::HTTPMessage::HTTP_1_1);
    out.setHost(config_.host, config_.port);
    out.setKeepAlive(true);
    for (const auto& [name, value] : request.headers) out.set(name, value);
    if (request.method != "GET")
      out.setContentLength64(static_cast<Poco::Int64>(request.body.size()));
    std::ostream& body = session_->sendRequest(out);
    body.write(request.body.data(), static_cast<std::streamsize>(request.body.size()));
    body.flush();
    if (!body.good()) throw Poco::IOException("the request could not be sent");
  });
}

HttpHead HttpsConnection::receive(const HttpRequest& request, const Receiver& receiver,
                                  Call& call) {
  awaitBytes(request, Stage::sent, call);
  Poco::Net::HTTPResponse response;
  std::istream& in = atStage(Stage::sent, config_.url(), [&]() -> std::istream& {
    return session_->receiveResponse(response);
  });
  HttpHead head;
  head.status = response.getStatus();
  head.retry_after = retryAfter(response);
  const std::int64_t announced = response.hasContentLength() ? response.getContentLength64() : -1;
  const auto await = [&] { awaitBytes(request, Stage::body, call); };
  const bool is_good = head.status >= 200 && head.status < 300;
  try {
    atStage(Stage::body, config_.url(), [&] { readBody(in, head, announced, receiver, await); });
    reusable_ = response.getKeepAlive() && is_good;
  } catch (const TransportError&) {
    if (is_good) throw;  // the status of a refusal says all; its text may be missing
  }
  return head;
}

void HttpsConnection::readBody(std::istream& in, const HttpHead& head, std::int64_t announced,
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
                         config_.url() + " closed the connection in the middle of its answer");
}

void HttpsConnection::awaitBytes(const HttpRequest& request, Stage stage, Call& call) {
  const auto until = std::chrono::steady_clock::now() + config_.request_timeout;
  for (;;) {
    const bool ready = atStage(stage, config_.url(), [&] {
      // available(): what OpenSSL has decrypted of a record larger than the session's buffer, of
      // which the socket itself knows nothing.
      return session_->hasBuffered() || session_->socket().available() > 0 ||
             session_->socket().poll(toTimespan(look_around), Poco::Net::Socket::SELECT_READ);
    });
    if (ready) return;
    if (call.cancelled()) {
      if (request.method == "GET") call.check();
      throw TransportError(stage, "the call ended while " + config_.url() + " had not answered");
    }
    if (std::chrono::steady_clock::now() >= until)
      throw TransportError(stage, config_.url() + " does not answer in time");
  }
}

}  // namespace scanhost::nessus
