// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/served_program.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace scanhost::bench {
namespace {

[[noreturn]] void giveUp(const std::string& why) {
  std::cerr << why << '\n';
  std::exit(1);
}

/// The child: all it says goes to the pipe. It ends with its parent, however that ends: a server
/// that is left over would take its processor from whatever is measured next.
[[noreturn]] void become(const std::vector<std::string>& words, int error_output) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(error_output, STDERR_FILENO);
  dup2(error_output, STDOUT_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

ServedProgram::ServedProgram(const std::vector<std::string>& words, const std::string& sign) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) giveUp("no pipe");
  began_ = std::chrono::steady_clock::now();
  pid_ = fork();
  if (pid_ == 0) become(words, ends[1]);
  close(ends[1]);
  error_output_ = ends[0];

  std::string said;
  for (char buffer[4096];;) {
    const ssize_t count = read(error_output_, buffer, sizeof buffer);
    if (count <= 0) giveUp(words[0] + " ended before it said \"" + sign + "\":\n" + said);
    said.append(buffer, static_cast<std::size_t>(count));
    const std::size_t at = said.find(sign);
    const std::size_t end = at == said.npos ? at : said.find('\n', at);
    if (end == said.npos) continue;
    to_sign_ = std::chrono::steady_clock::now() - began_;
    line_ = said.substr(at, end - at);
    const std::size_t address = line_.find("127.0.0.1:");
    if (address == line_.npos) giveUp(words[0] + " names no port: " + line_);
    port_ = static_cast<unsigned short>(std::stoul(line_.substr(address + 10)));
    return;
  }
}

ServedProgram::~ServedProgram() {
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
  close(error_output_);
}

double ServedProgram::memory(const std::string& name) const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind(name + ":", 0) == 0) return std::stod(line.substr(name.size() + 1));
  return 0;
}

std::chrono::nanoseconds ServedProgram::processorTime() const {
  std::int64_t sum = 0;
  const std::filesystem::path threads = "/proc/" + std::to_string(pid_) + "/task";
  for (const auto& thread : std::filesystem::directory_iterator(threads)) {
    std::int64_t spent = 0;
    std::ifstream(thread.path() / "schedstat") >> spent;
    sum += spent;
  }
  return std::chrono::nanoseconds(sum);
}

Connection::Connection(unsigned short port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(socket_);
    socket_ = -1;
  }
}

Connection::~Connection() {
  if (socket_ >= 0) close(socket_);
}

int Connection::exchange(const std::string& request) {
  if (send(socket_, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size()))
    return 0;
  answer_.clear();
  std::size_t whole = std::string::npos;
  for (char buffer[16384]; answer_.size() < whole;) {
    const ssize_t count = recv(socket_, buffer, sizeof buffer, 0);
    if (count <= 0) return 0;
    answer_.append(buffer, static_cast<std::size_t>(count));
    const std::size_t head = answer_.find("\r\n\r\n");
    if (head == answer_.npos) continue;
    std::size_t length = answer_.find("Content-Length: ");
    if (length == answer_.npos || length > head) length = answer_.find("content-length: ");
    if (length == answer_.npos || length > head) giveUp("an answer without a length:\n" + answer_);
    whole = head + 4 + std::stoul(answer_.substr(length + 16));
  }
  return std::stoi(answer_.substr(answer_.find(' ')));
}

}  // namespace scanhost::bench
