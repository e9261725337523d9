// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/loopback_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "tests/support/certificate.h"

namespace scanhost::conformance {
namespace {

void sleepMillis(std::int64_t ms) {
  if (ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

void sendReply(Channel& channel, const RawReply& reply) {
  sleepMillis(reply.delay_ms);
  const std::string_view bytes = reply.bytes;
  const std::size_t half = reply.pause_ms > 0 ? bytes.size() / 2 : 0;
  channel.write(bytes.substr(0, half));
  sleepMillis(reply.pause_ms);
  channel.write(bytes.substr(half));
}

/// "127.0.0.1:8080" as an address of IPv4.
sockaddr_in addressOf(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::uint16_t port = 0;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  const bool fits =
      colon != std::string::npos &&
      std::from_chars(text.data() + colon + 1, text.data() + text.size(), port).ec == std::errc() &&
      inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) == 1;
  if (!fits) throw ChannelError("\"" + text + "\" is no address and port, such as 127.0.0.1:8834");
  address.sin_port = htons(port);
  return address;
}

int listenAt(const std::string& text) {
  const sockaddr_in address = addressOf(text);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      listen(fd, 64) == 0)
    return fd;
  const std::string why = std::strerror(errno);
  close(fd);
  throw ChannelError("cannot listen on " + text + ": " + why);
}

}  // namespace

std::string replyBytes(int status, const HeaderList& headers, const std::string& body) {
  std::string bytes = "HTTP/1.1 " + std::to_string(status) + " Recorded\r\n";
  for (const auto& [name, value] : headers)
    if (strcasecmp(name.c_str(), "content-length") != 0 &&
        strcasecmp(name.c_str(), "transfer-encoding") != 0 &&
        strcasecmp(name.c_str(), "connection") != 0)
      bytes += name + ": " + value + "\r\n";
  return bytes + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

LoopbackServer::LoopbackServer(const std::string& address, bool tls, Handler handler)
    : handler_(std::move(handler)), host_(address.substr(0, address.rfind(':'))) {
  if (tls) {
    const auto certificate = testing_support::makeSelfSigned(host_);
    if (!certificate) throw ChannelError(certificate.error().message);
    context_ = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
    if (!testing_support::useCertificate(context_, *certificate))
      throw ChannelError("OpenSSL does not take the certificate");
    fingerprint_ = certificate->fingerprint;
  }
  socket_ = listenAt(address);
  acceptor_ = std::thread([this] { accept(); });
}

LoopbackServer::~LoopbackServer() {
  stopping_ = true;
  acceptor_.join();
  close(socket_);
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  SSL_CTX_free(context_);
}

std::string LoopbackServer::url() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
  return std::string(context_ ? "https" : "http") + "://" + host_ + ":" +
         std::to_string(ntohs(address.sin_port));
}

void LoopbackServer::accept() {
  while (!stopping_) {
    pollfd watched{socket_, POLLIN, 0};
    if (poll(&watched, 1, 50) <= 0) continue;
    const int fd = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const std::lock_guard lock(mutex_);
    open_.push_back(fd);
    threads_.emplace_back([this, fd] { serve(fd); });
  }
}

void LoopbackServer::serve(int fd) {
  std::unique_ptr<Channel> channel;
  try {
    channel = Channel::accepted(fd, context_);
    MessageReader reader(*channel);
    for (HttpMessage message; !stopping_ && reader.readRequest(message);) {
      const RawReply reply = handler_(message);
      sendReply(*channel, reply);
      if (reply.close) break;
    }
  } catch (const std::exception&) {
    // The peer went away; nothing is owed to it.
  }
  const std::lock_guard lock(mutex_);
  std::erase(open_, fd);
}

}  // namespace scanhost::conformance
