// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/backend.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <random>
#include <sstream>
#include <stdexcept>

#include "tests/conformance/loopback_server.h"

namespace scanhost::conformance {
namespace {

constexpr std::int64_t slow_ms = 1200;

/// Answers as recorded, whatever the order in which a plugin asks. Requests that write divide the
/// recording into stretches, for they change what a backend answers: a request that reads is
/// answered from the stretch that has been reached, in the recorded order, and the last answer of
/// a stretch stays; one that writes is answered by its next recording, and reaches its stretch.
class Script {
 public:
  explicit Script(const Recording& recording) {
    std::size_t stretch = 0;
    for (const RecordedExchange& exchange : recording.exchanges) {
      if (isWrite(exchange.method + " ")) ++stretch;
      const Part part{stretch, &exchange};
      parts_[exchange.method + " " + exchange.path].push_back(part);
      loose_[exchange.method + " " + withoutQuery(exchange.path)].push_back(part);
    }
  }

  /// Null when nothing like it was recorded.
  const RecordedExchange* next(const HttpMessage& message) {
    const std::string key = message.method + " " + message.path;
    if (const auto found = parts_.find(key); found != parts_.end()) return take(key, found->second);
    const std::string loose = message.method + " " + withoutQuery(message.path);
    if (const auto found = loose_.find(loose); found != loose_.end())
      return take(loose, found->second);
    return nullptr;
  }

 private:
  struct Part {
    std::size_t stretch;
    const RecordedExchange* exchange;
  };
  using Parts = std::vector<Part>;

  static std::string withoutQuery(const std::string& path) {
    return path.substr(0, path.find('?'));
  }

  const RecordedExchange* take(const std::string& key, const Parts& parts) {
    return isWrite(key) ? takeWrite(parts) : takeRead(key, parts);
  }

  const RecordedExchange* takeWrite(const Parts& parts) {
    for (const Part& part : parts) {
      if (part.stretch <= reached_) continue;
      reached_ = part.stretch;
      return part.exchange;
    }
    return parts.back().exchange;
  }

  const RecordedExchange* takeRead(const std::string& key, const Parts& parts) {
    std::vector<const RecordedExchange*> here;
    const RecordedExchange* before = nullptr;
    for (const Part& part : parts) {
      if (part.stretch == reached_) here.push_back(part.exchange);
      if (part.stretch < reached_) before = part.exchange;
    }
    if (here.empty()) return before ? before : parts.front().exchange;
    std::size_t& used = used_[key + " " + std::to_string(reached_)];
    return here[std::min(used++, here.size() - 1)];
  }

  std::map<std::string, Parts> parts_, loose_;
  std::map<std::string, std::size_t> used_;
  std::size_t reached_ = 0;
};

std::string randomBytes(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  std::string bytes(count, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

RawReply broken(const BackendFault& fault, const RecordedExchange& exchange) {
  using Kind = BackendFault::Kind;
  const std::string whole =
      replyBytes(exchange.status, exchange.response_headers, exchange.response_body);
  switch (fault.kind) {
    case Kind::drop_before:
    case Kind::drop_after: return {"", true, 0, 0};
    case Kind::busy: return {replyBytes(429, {{"Retry-After", "7"}}, "{}"), false, 0, 0};
    case Kind::broken: return {replyBytes(500, {}, "{\"error\": \"broken\"}"), false, 0, 0};
    case Kind::slow: return {whole, false, 0, slow_ms};
    case Kind::cut:
      return {whole.substr(0, whole.size() - exchange.response_body.size() / 2 - 1), true, 0, 0};
    case Kind::hostile: return {randomBytes(fault.seed, 4096), true, 0, 0};
    case Kind::garbled:
      return {replyBytes(exchange.status, exchange.response_headers,
                         randomBytes(fault.seed, exchange.response_body.size() + 16)),
              false, 0, 0};
  }
  return {whole, false, 0, 0};
}

/// The server's side of the journal: a line for each request.
class Player {
 public:
  Player(const Recording& recording, std::optional<BackendFault> fault, int journal)
      : script_(recording), fault_(fault), journal_(journal) {}

  RawReply answer(const HttpMessage& message) {
    const std::lock_guard lock(mutex_);
    const std::string line = message.method + " " + message.path + "\n";
    [[maybe_unused]] const ssize_t written = write(journal_, line.data(), line.size());
    const std::size_t number = count_++;
    const bool is_faulty = fault_ && fault_->at == number;
    // A request that was dropped before it was acted on has used up no answer.
    if (is_faulty && fault_->kind == BackendFault::Kind::drop_before) return {"", true, 0, 0};
    const RecordedExchange* exchange = script_.next(message);
    if (!exchange) return {replyBytes(404, {}, "{\"error\": \"not recorded\"}"), false, 0, 0};
    if (is_faulty) return broken(*fault_, *exchange);
    return {replyBytes(exchange->status, exchange->response_headers, exchange->response_body),
            false, 0, 0};
  }

 private:
  Script script_;
  const std::optional<BackendFault> fault_;
  const int journal_;
  std::mutex mutex_;
  std::size_t count_ = 0;
};

[[noreturn]] void play(const Recording& recording, std::optional<BackendFault> fault, int journal,
                       int told) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_IGN);
  try {
    Player player(recording, fault, journal);
    const LoopbackServer server("127.0.0.1:0", true, [&player](const HttpMessage& message) {
      return player.answer(message);
    });
    const std::string line = server.url() + " " + server.fingerprint() + "\n";
    if (write(told, line.data(), line.size()) > 0) {
      close(told);
      for (;;) pause();
    }
  } catch (const std::exception&) {
    // The parent sees the pipe end.
  }
  _exit(1);
}

}  // namespace

BackendFault BackendFault::draw(std::uint64_t seed, std::size_t requests) {
  std::mt19937_64 random(seed);
  BackendFault fault;
  fault.kind = static_cast<Kind>(random() % 8);
  fault.at = requests == 0 ? 0 : random() % requests;
  fault.seed = random();
  return fault;
}

std::string BackendFault::text() const {
  static constexpr std::array<const char*, 8> words = {"the connection ends before request",
                                                       "the answer is lost of request",
                                                       "429 answers request",
                                                       "500 answers request",
                                                       "the answer takes its time of request",
                                                       "the body is cut of request",
                                                       "bytes that are no HTTP answer request",
                                                       "the body is garbled of request"};
  return std::string(words[static_cast<std::size_t>(kind)]) + " " + std::to_string(at + 1);
}

bool isWrite(std::string_view request) {
  return request.substr(0, 4) != "GET " && request.substr(0, 5) != "HEAD ";
}

Backend::Backend(const Recording& recording, std::optional<BackendFault> fault)
    : journal_(memfd_create("journal", MFD_CLOEXEC)) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe can be made");
  child_ = fork();
  if (child_ == 0) {
    close(ends[0]);
    play(recording, fault, journal_, ends[1]);
  }
  close(ends[1]);
  std::string line;
  char byte = 0;
  while (child_ > 0 && read(ends[0], &byte, 1) == 1 && byte != '\n') line += byte;
  close(ends[0]);
  std::istringstream words(line);
  if (!(words >> url_ >> fingerprint_)) throw std::runtime_error("the backend does not start");
}

Backend::~Backend() {
  if (child_ > 0) {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }
  close(journal_);
}

std::vector<std::string> Backend::requests() const {
  std::string text(static_cast<std::size_t>(lseek(journal_, 0, SEEK_END)), '\0');
  const ssize_t count = pread(journal_, text.data(), text.size(), 0);
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string one; std::getline(in, one);) lines.push_back(one);
  return lines;
}

}  // namespace scanhost::conformance
