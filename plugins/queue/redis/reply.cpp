// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/redis/reply.h"

#include <algorithm>
#include <charconv>

namespace scanhost::queue_redis {
namespace {

using Poco::Redis::Array;
using Poco::Redis::BulkString;
using Poco::Redis::Error;
using Poco::Redis::RedisType;
using Poco::Redis::Type;

constexpr std::size_t buffer_size = 64 * 1024;

const char* nameOf(const Reply& reply) {
  switch (reply->type()) {
    case RedisType::REDIS_INTEGER: return "an integer";
    case RedisType::REDIS_SIMPLE_STRING:
    case RedisType::REDIS_BULK_STRING: return "a string";
    case RedisType::REDIS_ARRAY: return "an array";
    default: return "an error";
  }
}

[[noreturn]] void refuseType(const char* wanted, const Reply& reply) {
  throw ProtocolError(std::string("it answers with ") + nameOf(reply) + " instead of " + wanted);
}

template <class T>
const T& valueOf(const Reply& reply) {
  return static_cast<const Type<T>&>(*reply).value();
}

}  // namespace

std::string_view ServerError::code() const noexcept {
  const std::string_view text = what();
  return text.substr(0, text.find(' '));
}

ReplyReader::ReplyReader(Source source, const ReplyLimits& limits)
    : source_(std::move(source)), limits_(limits), buffer_(buffer_size) {}

Reply ReplyReader::read() {
  bytes_left_ = limits_.total;
  values_left_ = limits_.values;
  return readValue(0);
}

Reply ReplyReader::readValue(int depth) {
  if (values_left_-- == 0) throw ProtocolError("it answers with too many values");
  if (!hasBuffered()) fill();
  const char marker = buffer_[begin_++];
  switch (marker) {
    case ':': return new Type<Poco::Int64>(readNumber());
    case '+': return new Type<std::string>(readLine());
    case '-': return new Type<Error>(Error(readLine()));
    case '$': return readBulk();
    case '*': return readArray(depth);
    default: throw ProtocolError("it does not speak Redis's protocol (RESP2)");
  }
}

Reply ReplyReader::readBulk() {
  const std::int64_t size = readNumber();
  auto* bulk = new Type<BulkString>();
  const Reply reply(bulk);
  if (size == -1) return reply;
  if (size < 0 || static_cast<std::uint64_t>(size) > limits_.bulk)
    throw ProtocolError("it announces a string of " + std::to_string(size) + " bytes, more than " +
                        std::to_string(limits_.bulk));
  bulk->value().assign(std::string());
  readBytes(bulk->value().value(), static_cast<std::size_t>(size));
  if (!readLine().empty()) throw ProtocolError("a string is longer than it announced");
  return reply;
}

Reply ReplyReader::readArray(int depth) {
  const std::int64_t size = readNumber();
  auto* array = new Type<Array>();
  const Reply reply(array);
  if (size == -1) return reply;
  if (depth >= limits_.depth) throw ProtocolError("it nests arrays too deep");
  if (size < 0 || static_cast<std::uint64_t>(size) > values_left_)
    throw ProtocolError("it announces an array of " + std::to_string(size) + " values");
  array->value().add();
  array->value().clear();  // empty, which is not null
  for (std::int64_t i = 0; i < size; ++i) array->value().addRedisType(readValue(depth + 1));
  return reply;
}

std::string ReplyReader::readLine() {
  std::string line;
  for (;;) {
    if (!hasBuffered()) fill();
    const auto first = buffer_.begin() + static_cast<std::ptrdiff_t>(begin_);
    const auto last = buffer_.begin() + static_cast<std::ptrdiff_t>(end_);
    const auto end = std::find(first, last, '\n');
    line.append(first, end);
    begin_ = static_cast<std::size_t>(end - buffer_.begin());
    if (line.size() > limits_.line) throw ProtocolError("it answers with too long a line");
    if (end == last) continue;
    ++begin_;
    if (line.empty() || line.back() != '\r') throw ProtocolError("a line ends without CR LF");
    line.pop_back();
    return line;
  }
}

std::int64_t ReplyReader::readNumber() {
  const std::string line = readLine();
  std::int64_t number = 0;
  const char* end = line.data() + line.size();
  const auto [stop, error] = std::from_chars(line.data(), end, number);
  if (error != std::errc() || stop != end) throw ProtocolError("a length or number is none");
  return number;
}

void ReplyReader::readBytes(std::string& text, std::size_t size) {
  while (text.size() < size) {
    if (!hasBuffered()) fill();
    const std::size_t piece = std::min(size - text.size(), end_ - begin_);
    text.append(buffer_.data() + begin_, piece);
    begin_ += piece;
  }
}

void ReplyReader::fill() {
  begin_ = 0;
  end_ = 0;
  end_ = source_(buffer_.data(), buffer_.size());
  spend(end_);
}

void ReplyReader::spend(std::size_t bytes) {
  if (bytes > bytes_left_)
    throw ProtocolError("its answer is longer than " + std::to_string(limits_.total) + " bytes");
  bytes_left_ -= bytes;
}

ServerError errorOf(const Reply& reply) {
  return ServerError(valueOf<Error>(reply).getMessage());
}

void throwIfError(const Reply& reply) {
  if (reply->isError()) throw errorOf(reply);
}

std::int64_t integerOf(const Reply& reply) {
  throwIfError(reply);
  if (reply->isInteger()) return valueOf<Poco::Int64>(reply);
  refuseType("an integer", reply);
}

std::string textOf(const Reply& reply) {
  throwIfError(reply);
  if (reply->isSimpleString()) return valueOf<std::string>(reply);
  if (reply->isInteger()) return std::to_string(valueOf<Poco::Int64>(reply));
  if (reply->isBulkString() && !isNull(reply)) return valueOf<BulkString>(reply).value();
  refuseType("a string", reply);
}

std::span<const Reply> itemsOf(const Reply& reply) {
  throwIfError(reply);
  if (isNull(reply)) return {};
  if (!reply->isArray()) refuseType("an array", reply);
  const auto& array = valueOf<Array>(reply);
  return {array.begin(), array.end()};
}

bool isNull(const Reply& reply) {
  if (reply->isBulkString()) return valueOf<BulkString>(reply).isNull();
  return reply->isArray() && valueOf<Array>(reply).isNull();
}

}  // namespace scanhost::queue_redis
