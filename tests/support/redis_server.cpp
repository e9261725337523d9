// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/support/redis_server.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>

#include <csignal>
#include <fstream>
#include <stdexcept>

namespace scanhost::testing_support {

unsigned short freePort() {
  return Poco::Net::ServerSocket(Poco::Net::SocketAddress("127.0.0.1", 0)).address().port();
}

RedisServer::RedisServer(const std::vector<std::string>& more) : port_(freePort()), more_(more) {
  restart();
}

void RedisServer::restart(const std::vector<std::string>& more) {
  Command command;
  command.words = {"redis-server",
                   "--port",
                   std::to_string(port_),
                   "--bind",
                   "127.0.0.1",
                   "--dir",
                   folder(),
                   "--appendonly",
                   "yes",
                   "--save",
                   ""};
  command.words.insert(command.words.end(), more_.begin(), more_.end());
  command.words.insert(command.words.end(), more.begin(), more.end());
  process_ = std::make_unique<ChildProcess>(command);
  if (!process_->waitFor("Ready to accept connections"))
    throw std::runtime_error("redis-server did not start: " + process_->out() + process_->err());
}

void RedisServer::end(int number) {
  process_->signal(number);
  process_->wait();
}

namespace {

std::string redisCli(unsigned short port, const std::vector<std::string>& words) {
  Command command{{"redis-cli", "-p", std::to_string(port)}, {}, {}};
  command.words.insert(command.words.end(), words.begin(), words.end());
  return run(command).out;
}

}  // namespace

std::string RedisServer::cli(const std::vector<std::string>& words) const {
  return redisCli(port_, words);
}

RedisSentinel::RedisSentinel(const std::string& master_name, unsigned short master_port)
    : port_(freePort()) {
  const std::filesystem::path file = folder_.path() / "sentinel.conf";
  std::ofstream(file) << "port " << port_ << "\nbind 127.0.0.1\ndir " << folder_.path().string()
                      << "\nsentinel monitor " << master_name << " 127.0.0.1 " << master_port
                      << " 1\nsentinel down-after-milliseconds " << master_name
                      << " 1000\nsentinel failover-timeout " << master_name << " 3000\n";
  process_ = std::make_unique<ChildProcess>(
      Command{{"redis-server", file.string(), "--sentinel"}, {}, {}});
  if (!process_->waitFor("+monitor master"))
    throw std::runtime_error("the Sentinel did not start: " + process_->out() + process_->err());
}

std::string RedisSentinel::cli(const std::vector<std::string>& words) const {
  return redisCli(port_, words);
}

}  // namespace scanhost::testing_support
