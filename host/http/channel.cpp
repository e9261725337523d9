// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/http/channel.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace scanhost::http {
namespace {

class PlainChannel final : public Channel {
 public:
  using Channel::Channel;

  IoResult read(std::span<char> buffer) override {
    for (;;) {
      const ssize_t count = recv(fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (count > 0) return {Io::done, static_cast<std::size_t>(count)};
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return {Io::wait_read, 0};
      return {};
    }
  }

  IoResult write(std::string_view bytes) override {
    for (;;) {
      const ssize_t count = send(fd(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (count > 0) return {Io::done, static_cast<std::size_t>(count)};
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return {Io::wait_write, 0};
      return {};
    }
  }
};

class TlsChannel final : public Channel {
 public:
  TlsChannel(int descriptor, std::shared_ptr<TlsContext> context)
      : Channel(descriptor), context_(std::move(context)), ssl_(SSL_new(context_->native())) {
    if (!ssl_) return;
    SSL_set_fd(ssl_.get(), descriptor);
    SSL_set_accept_state(ssl_.get());
  }

  IoResult read(std::span<char> buffer) override {
    std::size_t count = 0;
    if (!usable()) return {};
    const int result = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &count);
    return outcome(result, count);
  }
  IoResult write(std::string_view bytes) override {
    std::size_t count = 0;
    if (!usable()) return {};
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
    return outcome(result, count);
  }
  std::optional<ClientCertificate> clientCertificate() const override {
    return usable() ? clientCertificateOf(ssl_.get()) : std::nullopt;
  }
  bool hasPending() const override { return ssl_ && SSL_pending(ssl_.get()) > 0; }
  void finish() override {
    if (usable()) SSL_shutdown(ssl_.get());
    ERR_clear_error();
    Channel::finish();
  }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  /// After a fatal error OpenSSL must not be called again on the connection.
  bool usable() const { return ssl_ && !failed_; }

  IoResult outcome(int result, std::size_t count) {
    if (result == 1) return {Io::done, count};
    const int error = SSL_get_error(ssl_.get(), result);
    ERR_clear_error();
    if (error == SSL_ERROR_WANT_READ) return {Io::wait_read, 0};
    if (error == SSL_ERROR_WANT_WRITE) return {Io::wait_write, 0};
    failed_ = error != SSL_ERROR_ZERO_RETURN;
    return {};
  }

  const std::shared_ptr<TlsContext> context_;
  const std::unique_ptr<SSL, Free> ssl_;
  bool failed_ = false;
};

}  // namespace

Channel::~Channel() {
  close(fd_);
}

std::unique_ptr<Channel> Channel::plain(int fd) {
  return std::make_unique<PlainChannel>(fd);
}

std::unique_ptr<Channel> Channel::tls(int fd, std::shared_ptr<TlsContext> context) {
  return std::make_unique<TlsChannel>(fd, std::move(context));
}

void Channel::finish() {
  shutdown(fd_, SHUT_WR);
}

void Channel::abort() {
  shutdown(fd_, SHUT_RDWR);
}

bool Channel::isPeerGone() const {
  char byte;
  const ssize_t count = recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

}  // namespace scanhost::http
