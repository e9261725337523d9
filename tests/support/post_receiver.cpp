// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/post_receiver.h"

#include <Poco/Exception.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/String.h>
#include <Poco/Timespan.h>

#include <sstream>
#include <stdexcept>

#include "tests/support/server_context.h"

namespace scanhost::testing_support {
namespace {

using namespace std::chrono_literals;

const Poco::Timespan look_around(0, 50'000);

std::unique_ptr<Poco::Net::ServerSocket> listenOn(const std::optional<Certificate>& certificate,
                                                  std::uint16_t port) {
  const Poco::Net::SocketAddress address("127.0.0.1", port);
  if (!certificate) return std::make_unique<Poco::Net::ServerSocket>(address);
  auto context = serverContext(*certificate);
  if (!context) throw std::runtime_error(context.error().message);
  return std::make_unique<Poco::Net::SecureServerSocket>(address, 64, *context);
}

/// Requests off a connection, one after the other.
class RequestReader {
 public:
  RequestReader(Poco::Net::StreamSocket& socket, const std::atomic<bool>& ending)
      : socket_(socket), ending_(ending) {}

  std::optional<ReceivedPost> read() {
    std::size_t end = 0;
    while ((end = text_.find("\r\n\r\n")) == std::string::npos)
      if (!readMore()) return std::nullopt;
    ReceivedPost post = parseHead(text_.substr(0, end));
    const auto length = post.headers.find("content-length");
    const std::size_t size = length == post.headers.end() ? 0 : std::stoul(length->second);
    while (text_.size() < end + 4 + size)
      if (!readMore()) return std::nullopt;
    post.body = text_.substr(end + 4, size);
    text_.erase(0, end + 4 + size);
    return post;
  }

 private:
  static ReceivedPost parseHead(const std::string& head) {
    ReceivedPost post;
    std::istringstream lines(head);
    std::getline(lines, post.line);
    if (post.line.ends_with('\r')) post.line.pop_back();
    for (std::string line; std::getline(lines, line);) {
      const std::size_t colon = line.find(':');
      if (colon != std::string::npos)
        post.headers[Poco::toLower(line.substr(0, colon))] = Poco::trim(line.substr(colon + 1));
    }
    return post;
  }

  bool readMore() {
    while (!ending_) {
      if (socket_.available() == 0 && !socket_.poll(look_around, Poco::Net::Socket::SELECT_READ))
        continue;
      char piece[16'384];
      const int got = socket_.receiveBytes(piece, sizeof piece);
      if (got > 0) text_.append(piece, static_cast<std::size_t>(got));
      return got > 0;
    }
    return false;
  }

  Poco::Net::StreamSocket& socket_;
  const std::atomic<bool>& ending_;
  std::string text_;
};

void sendAll(Poco::Net::StreamSocket& socket, const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    const int now = socket.sendBytes(text.data() + sent, static_cast<int>(text.size() - sent));
    if (now <= 0) throw Poco::IOException("nothing was sent");
    sent += static_cast<std::size_t>(now);
  }
}

}  // namespace

std::string httpAnswer(int status, const std::string& headers, const std::string& body) {
  const std::string length =
      status == 204 ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return "HTTP/1.1 " + std::to_string(status) + " -\r\n" + headers + length + "\r\n" + body;
}

PostReceiver::PostReceiver(std::optional<Certificate> certificate, std::uint16_t port)
    : secure_(certificate.has_value()),
      listener_(listenOn(certificate, port)),
      thread_([this] { run(); }) {}

PostReceiver::~PostReceiver() {
  ending_ = true;
  thread_.join();
}

std::uint16_t PostReceiver::port() const {
  return listener_->address().port();
}

std::string PostReceiver::url() const {
  return (secure_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port()) + "/hook";
}

void PostReceiver::next(PostAnswer answer) {
  const std::lock_guard lock(mutex_);
  script_.push_back(std::move(answer));
}

void PostReceiver::always(PostAnswer answer) {
  const std::lock_guard lock(mutex_);
  always_ = std::move(answer);
}

std::vector<ReceivedPost> PostReceiver::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

bool PostReceiver::waitFor(std::size_t count, std::chrono::milliseconds most) const {
  std::unique_lock lock(mutex_);
  return came_.wait_for(lock, most, [&] { return received_.size() >= count; });
}

void PostReceiver::run() {
  for (int connections = 0; !ending_;) {
    if (!listener_->poll(look_around, Poco::Net::Socket::SELECT_READ)) continue;
    try {
      auto socket = std::make_unique<Poco::Net::StreamSocket>(listener_->acceptConnection());
      serving_.emplace_back([this, socket = std::move(socket), connection = ++connections] {
        try {
          serve(*socket, connection);
        } catch (const Poco::Exception&) {
          // The other side went away, or never meant to stay.
        }
      });
    } catch (const Poco::Exception&) {
      // A connection that was closed before it was taken.
    }
  }
  for (std::thread& one : serving_) one.join();
}

void PostReceiver::serve(Poco::Net::StreamSocket& socket, int connection) {
  socket.setSendTimeout(Poco::Timespan(2, 0));
  RequestReader reader(socket, ending_);
  while (auto post = reader.read()) {
    post->connection = connection;
    post->at = std::chrono::steady_clock::now();
    if (!tell(socket, take(std::move(*post)))) break;
  }
  socket.close();
}

PostAnswer PostReceiver::take(ReceivedPost post) {
  const std::lock_guard lock(mutex_);
  received_.push_back(std::move(post));
  PostAnswer answer = always_;
  if (!script_.empty()) {
    answer = std::move(script_.front());
    script_.pop_front();
  }
  came_.notify_all();
  return answer;
}

/// False when the connection shall not go on.
bool PostReceiver::tell(Poco::Net::StreamSocket& socket, const PostAnswer& answer) {
  switch (answer.manner) {
    case PostAnswer::Manner::silent: return true;
    case PostAnswer::Manner::dripping:
      for (const char byte : answer.text) {
        if (ending_) return false;
        sendAll(socket, std::string(1, byte));
        std::this_thread::sleep_for(100ms);
      }
      return true;
    default: break;
  }
  sendAll(socket, answer.text);
  return answer.manner != PostAnswer::Manner::closing;
}

}  // namespace scanhost::testing_support
