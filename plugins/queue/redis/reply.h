// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Redis's answers: Poco's wire types, read by a reader of our own, since Poco's believes every
/// length that the server announces.
///
/// What the server sends is not trusted: lengths, depth and the number of values are bounded, and
/// room is made as bytes come in, not as they are announced.
#pragma once

#include <Poco/Redis/Array.h>
#include <Poco/Redis/Error.h>
#include <Poco/Redis/Type.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost::queue_redis {

using Reply = Poco::Redis::RedisType::Ptr;

/// The server answers what no Redis answers, or another thing than was asked for.
class ProtocolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The server refused a command: "CODE what it says".
class ServerError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  /// The first word: "READONLY", "NOAUTH", "ERR"...
  std::string_view code() const noexcept;
};

struct ReplyLimits {
  std::size_t line = 64 * 1024;
  std::size_t bulk = 64 * 1024 * 1024;
  std::size_t total = 256 * 1024 * 1024;  ///< bytes of one whole answer
  std::size_t values = 1'000'000;
  int depth = 8;
};

/// Reads answers one after the other. For one thread at a time.
class ReplyReader {
 public:
  /// Puts 1 to `size` bytes at `buffer` and tells how many; throws when there are none to come.
  using Source = std::function<std::size_t(char* buffer, std::size_t size)>;

  explicit ReplyReader(Source source, const ReplyLimits& limits = {});

  /// Throws ProtocolError, after which the connection is of no more use.
  Reply read();
  /// True when bytes are there that belong to no answer read so far.
  bool hasBuffered() const noexcept { return begin_ < end_; }

 private:
  Reply readValue(int depth);
  Reply readBulk();
  Reply readArray(int depth);
  std::string readLine();
  std::int64_t readNumber();
  void readBytes(std::string& text, std::size_t size);
  void fill();
  void spend(std::size_t bytes);

  Source source_;
  const ReplyLimits limits_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  std::size_t bytes_left_ = 0, values_left_ = 0;
};

/// What an error says; `reply` must be one.
ServerError errorOf(const Reply& reply);
/// Each of these throws ServerError for an error, ProtocolError for another type.
void throwIfError(const Reply& reply);
std::int64_t integerOf(const Reply& reply);
/// Of a simple or a bulk string, and of an integer.
std::string textOf(const Reply& reply);
/// The items of an array; none of a null.
std::span<const Reply> itemsOf(const Reply& reply);
/// A null of either kind.
bool isNull(const Reply& reply);

}  // namespace scanhost::queue_redis
