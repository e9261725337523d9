// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/queue_observer.h"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

namespace scanhost::faults {
namespace {

constexpr std::size_t token_bytes = 16;
constexpr std::size_t least_under_lease = 6;  ///< arguments of the renewal of one lease
constexpr std::string_view task_mark = "}:task:";

std::string hexOf(const std::string& bytes) {
  std::string hex;
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

std::optional<std::uint64_t> numberIn(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

int nibble(char c) {
  return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/// The words of a line, each in quotes with backslashes.
std::vector<std::string> wordsOf(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '"') continue;
    std::string word;
    for (++i; i < text.size() && text[i] != '"'; ++i) {
      if (text[i] != '\\' || i + 1 >= text.size()) {
        word += text[i];
        continue;
      }
      const char escaped = text[++i];
      switch (escaped) {
        case 'n': word += '\n'; break;
        case 'r': word += '\r'; break;
        case 't': word += '\t'; break;
        case 'a': word += '\a'; break;
        case 'b': word += '\b'; break;
        case 'x':
          if (i + 2 < text.size())
            word += static_cast<char>(nibble(text[i + 1]) * 16 + nibble(text[i + 2]));
          i += 2;
          break;
        default: word += escaped;
      }
    }
    words.push_back(std::move(word));
  }
  return words;
}

/// Seconds with six decimals, as microseconds.
std::int64_t timeOf(std::string_view line) {
  std::string digits;
  for (const char c : line.substr(0, line.find(' ')))
    if (c != '.' && c != '+') digits += c;
  return static_cast<std::int64_t>(numberIn(digits).value_or(0));
}

std::string taskIn(const std::string& key) {
  const std::size_t at = key.find(task_mark);
  return at == std::string::npos ? std::string() : key.substr(at + task_mark.size());
}

}  // namespace

void MonitorReader::line(std::string_view line) {
  if (!line.empty() && line.front() == '+') line.remove_prefix(1);
  const std::size_t words_at = line.find("] ");
  if (words_at == std::string_view::npos) return;
  at_us_ = timeOf(line);
  const bool from_script = line.substr(0, words_at).ends_with(" lua");
  const Words words = wordsOf(line.substr(words_at + 2));
  if (words.empty()) return;
  if (from_script)
    command(words);
  else
    beginScript(words);
}

/// What leases the script's arguments claim: id, epoch, token of each task. What only looks like
/// that is told of no task.
void MonitorReader::beginScript(const Words& words) {
  claims_.clear();
  renewal_ = false;
  constexpr std::size_t first = 4;  // command, hash, number of keys, key
  const auto claim = [&](std::size_t at) {
    if (at + 2 >= words.size() || words[at + 2].size() != token_bytes) return;
    const auto epoch = numberIn(words[at + 1]);
    if (epoch) claims_[words[at]] = {*epoch, hexOf(words[at + 2])};
  };
  // The shorter ones, such as a client's request to cancel, claim none.
  if (words.size() < first + least_under_lease) return;
  for (std::size_t at = first; at < words.size(); ++at) claim(at);
  const auto claimed = [&](std::size_t at) {
    return at < words.size() && claims_.count(words[at]);
  };
  renewal_ = !claimed(first) && claimed(first + 1);  // the time comes before the leases
}

void MonitorReader::command(const Words& words) {
  const std::string& name = words[0];
  if (renewal_ && name == "ZADD" && words.size() > 3 &&
      words[1].find("}:leases:") != std::string::npos)
    for (std::size_t i = 3; i < words.size(); i += 2) claimUsed(words[i], "renew");
  if (words.size() < 3) return;
  const std::string task = taskIn(words[1]);
  if (task.empty()) return;
  if (name == "HINCRBY" && words[2] == "launch") return claimUsed(task, "advance");
  if (name == "HINCRBY" && words[2] == "attempt") return tell({.what = What::spent, .task = task});
  if (name != "HSET" && name != "HMSET") return;
  std::map<std::string, std::string> fields;
  for (std::size_t i = 2; i + 1 < words.size(); i += 2) fields[words[i]] = words[i + 1];
  recordWritten(task, fields);
}

void MonitorReader::recordWritten(const std::string& task,
                                  const std::map<std::string, std::string>& fields) {
  const auto field = [&](const char* name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
  };
  if (fields.count("submission") != 0)
    return tell({.what = What::stored, .task = task, .key = field("key")});
  if (fields.count("worker") != 0 && fields.count("epoch") != 0) {
    const std::string worker = field("worker");
    return tell({.what = What::granted,
                 .task = task,
                 .node = worker.substr(0, worker.size() - std::min(worker.size(), worker_suffix)),
                 .token = hexOf(field("token")),
                 .epoch = numberIn(field("epoch")).value_or(0)});
  }
  if (fields.count("completed") != 0) {
    claimUsed(task, "finish");
    return tell({.what = What::ended, .task = task, .detail = field("state")});
  }
  claimUsed(task, renewal_ ? "renew" : field("leased") == "0" ? "release" : "advance");
}

/// Something was written under the lease that the script claimed. Told once for each script.
void MonitorReader::claimUsed(const std::string& task, const char* detail) {
  const auto claim = claims_.find(task);
  if (claim == claims_.end() || std::exchange(claim->second.told, true)) return;
  tell({.what = What::written,
        .task = task,
        .token = claim->second.token,
        .detail = detail,
        .epoch = claim->second.epoch});
}

void MonitorReader::tell(Event event) {
  event.at_us = at_us_;
  tell_(std::move(event));
}

QueueObserver::QueueObserver(std::function<void(Event)> tell, std::function<unsigned short()> port)
    : tell_(std::move(tell)), port_(std::move(port)) {
  thread_ = std::thread([this] { run(); });
  for (int i = 0; i < 500 && !following_; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

QueueObserver::~QueueObserver() {
  stopping_ = true;
  thread_.join();
}

void QueueObserver::run() {
  while (!stopping_) {
    try {
      follow(port_());
    } catch (const Poco::Exception&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
}

void QueueObserver::follow(unsigned short port) {
  Poco::Net::StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", port));
  const std::string ask = "*1\r\n$7\r\nMONITOR\r\n";
  socket.sendBytes(ask.data(), static_cast<int>(ask.size()));
  MonitorReader reader(tell_);
  tell_({.what = What::blind, .detail = "until now"});
  following_ = true;
  std::string text;
  std::array<char, 65536> block;
  while (!stopping_ && port_() == port) {
    if (!socket.poll(Poco::Timespan(0, 50'000), Poco::Net::Socket::SELECT_READ)) continue;
    const int got = socket.receiveBytes(block.data(), static_cast<int>(block.size()));
    if (got <= 0) break;
    text.append(block.data(), static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find("\r\n", begin)) != std::string::npos; begin = end + 2)
      reader.line(std::string_view(text).substr(begin, end - begin));
    text.erase(0, begin);
  }
  tell_({.what = What::blind, .detail = "from now"});
}

}  // namespace scanhost::faults
