// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A listening socket, TCP or local. Internal to host/http.
#pragma once

#include <Poco/Net/ServerSocket.h>

#include <optional>
#include <string>

#include "host/base/result.h"
#include "host/http/connection.h"

namespace scanhost::http {

class ServerSocket {
 public:
  /// `listen` as in ListenOptions. A local socket left behind by a dead process is replaced.
  static Result<std::unique_ptr<ServerSocket>> open(const std::string& listen);
  /// What open() would say, but that another may listen there; of a local socket only that its path
  /// fits, for its folder may be made with the service. Listens nowhere.
  static Status check(const std::string& listen);
  ~ServerSocket();

  struct Accepted {
    int fd;
    Peer peer;
  };
  /// Without waiting; nothing when no connection waits. Out of descriptors, the one that waits is
  /// dropped rather than left to spin the loop.
  std::optional<Accepted> accept();
  int fd() const { return socket_.impl()->sockfd(); }
  std::uint16_t port() const;

 private:
  ServerSocket() = default;
  enum class Binding { to_listen, trial };
  Status bindTcp(const std::string& listen, Binding binding);
  static Status checkLocal(const std::string& path);
  Status bindLocal(const std::string& path);
  void dropOne();

  Poco::Net::ServerSocket socket_;
  std::string local_path_;
  int spare_fd_ = -1;
};

}  // namespace scanhost::http
