// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/redis/redis_server.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <gtest/gtest.h>

#include <csignal>

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
                   folder_.path(),
                   "--appendonly",
                   "yes",
                   "--save",
                   ""};
  command.words.insert(command.words.end(), more_.begin(), more_.end());
  command.words.insert(command.words.end(), more.begin(), more.end());
  process_ = std::make_unique<ChildProcess>(command);
  if (!process_->waitFor("Ready to accept connections"))
    ADD_FAILURE() << "redis-server did not start: " << process_->out() << process_->err();
}

void RedisServer::end(int number) {
  process_->signal(number);
  process_->wait();
}

std::string RedisServer::cli(const std::vector<std::string>& words) const {
  Command command;
  command.words = {"redis-cli", "-p", std::to_string(port_)};
  command.words.insert(command.words.end(), words.begin(), words.end());
  return run(command).out;
}

}  // namespace scanhost::testing_support
