// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/http/server_socket.h"

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "host/http/address.h"

namespace scanhost::http {
namespace {

constexpr int backlog = 512;
constexpr std::string_view local_prefix = "unix:";
/// Only the owner and root connect; whoever serves it checks the peer besides.
constexpr mode_t local_mode = 0600;

std::string remedyFor(int error) {
  switch (error) {
    case EADDRINUSE:
      return "another program listens there; stop it (ss -ltnp names it) or choose another port";
    case EACCES: return "not permitted; choose a port above 1023 or grant CAP_NET_BIND_SERVICE";
    case EADDRNOTAVAIL:
      return "this machine has no such address; choose one that 'ip address' shows";
    default: return std::strerror(error);
  }
}

std::string remedyForPath(int error) {
  switch (error) {
    case EADDRINUSE: return "another file is there; remove it or choose another path";
    case EACCES:
    case EPERM:
    case EROFS: return "this user may not write in its folder; permit it or choose another path";
    case ENOENT:
    case ENOTDIR: return "its folder is not there; make it or choose another path";
    default: return std::strerror(error);
  }
}

tl::unexpected<Error> listenFailure(const std::string& listen, const std::string& why) {
  return fail(ErrorClass::config, listen + ": " + why);
}

Peer peerOf(int fd, const sockaddr_storage& address, socklen_t size) {
  Peer peer;
  if (address.ss_family == AF_INET || address.ss_family == AF_INET6) {
    const Poco::Net::SocketAddress parsed(reinterpret_cast<const sockaddr*>(&address), size);
    peer.address = unmapped(parsed.host());
    peer.text = textOf(*peer.address);
    return peer;
  }
  ucred credentials{};
  socklen_t length = sizeof credentials;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0)
    peer.credentials = PeerCredentials{credentials.uid, credentials.gid, credentials.pid};
  return peer;
}

}  // namespace

Result<std::unique_ptr<ServerSocket>> ServerSocket::open(const std::string& listen) {
  std::unique_ptr<ServerSocket> server(new ServerSocket);
  const bool is_local = listen.compare(0, local_prefix.size(), local_prefix) == 0;
  const Status bound = is_local ? server->bindLocal(listen.substr(local_prefix.size()))
                                : server->bindTcp(listen, Binding::to_listen);
  if (!bound) return tl::unexpected(bound.error());
  server->socket_.setBlocking(false);
  server->spare_fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  return server;
}

Status ServerSocket::check(const std::string& listen) {
  if (listen.starts_with(local_prefix)) return checkLocal(listen.substr(local_prefix.size()));
  return ServerSocket().bindTcp(listen, Binding::trial);
}

Status ServerSocket::bindTcp(const std::string& listen, Binding binding) {
  try {
    const Poco::Net::SocketAddress address(listen);
    // Poco's shorter overload also sets SO_REUSEPORT, with which two programs share a port unseen.
    socket_.bind(address, true, false);
    if (binding == Binding::to_listen) socket_.listen(backlog);
    return {};
  } catch (const Poco::Net::NetException& error) {
    if (binding == Binding::trial && error.code() == EADDRINUSE) return {};
    return listenFailure(listen, error.code() ? remedyFor(error.code()) : error.displayText());
  } catch (const Poco::IOException& error) {
    return listenFailure(listen, error.code() ? remedyFor(error.code()) : error.displayText());
  } catch (const Poco::Exception& error) {
    return listenFailure(listen, error.displayText() + "; write it like 127.0.0.1:8835");
  }
}

Status ServerSocket::checkLocal(const std::string& path) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un{}.sun_path))
    return listenFailure("unix:" + path, "a path of 1 to 107 bytes is needed");
  return {};
}

Status ServerSocket::bindLocal(const std::string& path) {
  if (const Status fits = checkLocal(path); !fits) return fits;
  try {
    const Poco::Net::SocketAddress address(Poco::Net::SocketAddress::UNIX_LOCAL, path);
    try {
      Poco::Net::StreamSocket probe(address);
      return listenFailure("unix:" + path,
                           "another process listens there; stop it or choose another path");
    } catch (const Poco::Exception&) {
      struct stat status {};
      if (lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) unlink(path.c_str());
    }
    socket_.bind(address, false, false);
    local_path_ = path;
    chmod(path.c_str(), local_mode);
    socket_.listen(backlog);
    return {};
  } catch (const Poco::Exception& error) {
    return listenFailure("unix:" + path,
                         error.code() ? remedyForPath(error.code()) : error.displayText());
  }
}

ServerSocket::~ServerSocket() {
  if (!local_path_.empty()) unlink(local_path_.c_str());
  if (spare_fd_ >= 0) close(spare_fd_);
}

std::uint16_t ServerSocket::port() const {
  return local_path_.empty() ? socket_.address().port() : std::uint16_t{0};
}

std::optional<ServerSocket::Accepted> ServerSocket::accept() {
  for (;;) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    const int client =
        accept4(fd(), reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (client < 0) {
      if (errno == EMFILE || errno == ENFILE) dropOne();
      return std::nullopt;
    }
    const int on = 1;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return Accepted{client, peerOf(client, address, size)};
  }
}

void ServerSocket::dropOne() {
  if (spare_fd_ >= 0) close(spare_fd_);
  if (const int client = accept4(fd(), nullptr, nullptr, SOCK_CLOEXEC); client >= 0) close(client);
  spare_fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

}  // namespace scanhost::http
