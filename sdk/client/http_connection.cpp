// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/client/http_connection.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/MediaType.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/NetSSL.h>
#include <Poco/Net/SSLManager.h>
#include <Poco/NumberParser.h>
#include <Poco/String.h>

#include <array>
#include <cerrno>
#include <mutex>

#include "sdk/client/broken_pipe.h"

namespace scanhost::client {
namespace {

Poco::Timespan toTimespan(std::chrono::milliseconds duration) {
  // Zero means "for ever" to Poco.
  return Poco::Timespan(std::max<std::int64_t>(1, duration.count()) * 1000);
}

Poco::Net::Context::Ptr verifyingContext(const std::string& ca_file) {
  static std::once_flag once;
  std::call_once(once, [] { Poco::Net::initializeSSL(); });
  Poco::Net::Context::Params params;
  params.caLocation = ca_file;
  params.loadDefaultCAs = ca_file.empty();
  params.verificationMode = Poco::Net::Context::VERIFY_STRICT;
  Poco::Net::Context::Ptr context(
      new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, params));
  context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
  // The callback that Poco installs for a failed verification asks this for a context.
  static std::once_flag manager_once;
  std::call_once(manager_once, [&context] {
    Poco::Net::SSLManager::instance().initializeClient(nullptr, nullptr, context);
  });
  return context;
}

/// HTTP over a local socket. Poco connects to host and port through this one function.
class LocalSession : public Poco::Net::HTTPClientSession {
 public:
  explicit LocalSession(std::string path)
      : Poco::Net::HTTPClientSession("127.0.0.1"), path_(std::move(path)) {}

 protected:
  void connect(const Poco::Net::SocketAddress&) override {
    Poco::Net::StreamSocket local;
    try {
      local.connect(Poco::Net::SocketAddress(Poco::Net::SocketAddress::UNIX_LOCAL, path_));
    } catch (const Poco::Exception& error) {
      if (error.code() != EACCES) throw;
      throw AccessError(403, "unix:" + path_ +
                                 ": this user may not use the control socket; ask root, or an "
                                 "operator with a token");
    }
    local.setSendTimeout(getTimeout());
    local.setReceiveTimeout(getTimeout());
    attachSocket(local);
  }

 private:
  std::string path_;
};

std::optional<std::chrono::seconds> secondsOf(const std::string& text) {
  unsigned seconds = 0;
  if (!Poco::NumberParser::tryParseUnsigned(text, seconds)) return std::nullopt;
  return std::chrono::seconds(seconds);
}

HttpHead headOf(const Poco::Net::HTTPResponse& response) {
  HttpHead head;
  head.status = response.getStatus();
  const std::string type = response.getContentType();
  head.media_type = Poco::toLower(Poco::trim(type.substr(0, type.find(';'))));
  head.session_id = response.get("Mcp-Session-Id", "");
  head.retry_after = secondsOf(response.get("Retry-After", ""));
  return head;
}

}  // namespace

HttpConnection::HttpConnection(Endpoint endpoint, std::string ca_file,
                               std::size_t max_response_bytes)
    : endpoint_(std::move(endpoint)),
      ca_file_(std::move(ca_file)),
      max_response_bytes_(max_response_bytes) {}

HttpConnection::~HttpConnection() = default;

void HttpConnection::reset() {
  session_.reset();
}

HttpHead HttpConnection::exchange(const HttpRequest& request, const Deadline& deadline,
                                  const BodyHandler& body) {
  const std::string where = endpoint_.url();
  const BrokenPipeShield shield;
  try {
    return sendAndReceive(request, deadline, body);
  } catch (const ClientError&) {
    reset();
    throw;
  } catch (const Poco::TimeoutException&) {
    reset();
    throw TimeoutError(where + ": no answer in time");
  } catch (const Poco::Net::NoMessageException&) {
    reset();
    throw UnreachableError(where + ": the connection was closed before an answer came");
  } catch (const Poco::Exception& error) {
    reset();
    throw UnreachableError(where + ": " + error.displayText());
  } catch (...) {
    reset();
    throw;
  }
}

void HttpConnection::connectLazily() {
  reused_ = session_ && session_->connected();
  if (session_) return;
  if (!endpoint_.socket_path.empty())
    session_ = std::make_unique<LocalSession>(endpoint_.socket_path);
  else if (endpoint_.secure)
    session_ = std::make_unique<Poco::Net::HTTPSClientSession>(endpoint_.host, endpoint_.port,
                                                               verifyingContext(ca_file_));
  else
    session_ = std::make_unique<Poco::Net::HTTPClientSession>(endpoint_.host, endpoint_.port);
  session_->setKeepAlive(true);
}

void HttpConnection::applyTimeouts(const Deadline& deadline) {
  if (deadline.passed()) throw Poco::TimeoutException();
  const Poco::Timespan left = toTimespan(deadline.remaining());
  session_->setTimeout(left, left, left);
  if (!session_->connected()) return;
  session_->socket().setSendTimeout(left);
  session_->socket().setReceiveTimeout(left);
}

HttpHead HttpConnection::sendAndReceive(const HttpRequest& request, const Deadline& deadline,
                                        const BodyHandler& body) {
  connectLazily();
  applyTimeouts(deadline);
  Poco::Net::HTTPRequest out(request.method, request.path, Poco::Net::HTTPMessage::HTTP_1_1);
  for (const auto& [name, value] : request.headers) out.set(name, value);
  if (!request.body.empty()) out.setContentLength64(static_cast<Poco::Int64>(request.body.size()));
  std::ostream& sending = session_->sendRequest(out);
  sending << request.body << std::flush;

  applyTimeouts(deadline);
  Poco::Net::HTTPResponse response;
  std::istream& receiving = session_->receiveResponse(response);
  const HttpHead head = headOf(response);
  const auto announced = response.hasContentLength() ? response.getContentLength64() : -1;
  if (announced > static_cast<Poco::Int64>(max_response_bytes_))
    throw ProtocolError(endpoint_.url() + ": the answer has " + std::to_string(announced) +
                        " bytes, more than the " + std::to_string(max_response_bytes_) +
                        " allowed; ask for fewer findings at a time");
  readBody(receiving, head, announced, deadline, body);
  return head;
}

void HttpConnection::readBody(std::istream& in, const HttpHead& head, std::streamsize announced,
                              const Deadline& deadline, const BodyHandler& body) {
  // The stream itself would swallow exceptions; its buffer lets them through.
  std::streambuf& buffer = *in.rdbuf();
  std::array<char, 16384> piece;
  std::size_t total = 0;
  for (;;) {
    if (buffer.in_avail() <= 0) applyTimeouts(deadline);
    if (buffer.sgetc() == std::char_traits<char>::eof()) break;
    const auto wanted = std::clamp<std::streamsize>(buffer.in_avail(), 1,
                                                    static_cast<std::streamsize>(piece.size()));
    const auto got = buffer.sgetn(piece.data(), wanted);
    total += static_cast<std::size_t>(got);
    if (total > max_response_bytes_)
      throw ProtocolError(endpoint_.url() + ": the answer is larger than the " +
                          std::to_string(max_response_bytes_) +
                          " bytes allowed; ask for fewer findings at a time");
    if (!body(head, std::string_view(piece.data(), static_cast<std::size_t>(got)))) {
      reset();
      return;
    }
  }
  if (announced >= 0 && static_cast<std::streamsize>(total) < announced)
    throw UnreachableError(endpoint_.url() + ": the connection broke in the middle of an answer");
}

}  // namespace scanhost::client
