// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A Manager on a socket of loopback, over TLS, that misbehaves when asked to. Each connection has
/// a thread for as long as it lasts; all of them end with the server.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/simulators/gmp/manager.h"

namespace scanhost::simulator_gmp {

enum class Fault {
  drop_before,   ///< the connection closes and nothing was done
  drop_after,    ///< what was asked is done, and the connection closes instead of an answer
  cut_off,       ///< half of the answer, then the end
  silent,        ///< what was asked is done, and no answer comes
  refuse,        ///< 503, and nothing was done
  entity_bomb,   ///< an answer that defines entities
  not_xml,       ///< an answer that is none
  never_ending,  ///< an answer that goes on and on
};

class Server {
 public:
  explicit Server(Manager::Options options = {}, std::uint16_t port = 0);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  /// SHA-256 of its certificate, in hex.
  const std::string& fingerprint() const { return fingerprint_; }
  /// The certificate in PEM form.
  const std::string& certificate() const { return certificate_; }
  Manager& manager() { return manager_; }
  /// The next `times` commands of that name go wrong.
  void misbehave(const std::string& command, Fault fault, int times = 1);

 private:
  class Connection;
  class Factory;
  struct Rule {
    std::string command;
    Fault fault;
    int times;
  };

  /// The fault that is due for a command; taken.
  bool takeFault(const std::string& command, Fault& fault);

  Manager manager_;
  std::string fingerprint_, certificate_;
  std::mutex mutex_;
  std::vector<Rule> rules_;
  struct Listening;
  std::unique_ptr<Listening> listening_;
};

}  // namespace scanhost::simulator_gmp
