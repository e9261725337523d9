// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/access.h"

#include "host/base/random.h"

namespace scanhost::simulator {
namespace {

/// The value of `name` in "a=1; b=2;", white space around the parts ignored.
std::string partOf(const std::string& header, std::string_view name) {
  std::string_view rest = header;
  while (!rest.empty()) {
    const std::size_t end = rest.find(';');
    std::string_view part = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    const std::size_t equals = part.find('=');
    if (equals != std::string_view::npos && part.substr(0, equals) == name)
      return std::string(part.substr(equals + 1));
  }
  return {};
}

bool sameIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

std::string upperUuid() {
  std::string uuid = randomUuid();
  std::transform(uuid.begin(), uuid.end(), uuid.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return uuid;
}

}  // namespace

Access::Access(Options options) : options_(std::move(options)), api_token_(upperUuid()) {}

Visitor Access::identify(const Request& request, Timestamp now) {
  Visitor visitor;
  visitor.api_token = sameIgnoringCase(request.header("X-API-Token"), api_token_);
  const std::string keys = request.header("X-ApiKeys");
  if (!keys.empty()) {
    const bool right = partOf(keys, "accessKey") == options_.keys.access &&
                       partOf(keys, "secretKey") == options_.keys.secret;
    visitor.caller = right ? Caller::keys : Caller::nobody;
    visitor.refused = !right;
    return visitor;
  }
  const std::string token = partOf(request.header("X-Cookie"), "token");
  if (token.empty()) return visitor;
  const auto session = sessions_.find(token);
  const auto idle = std::chrono::microseconds(options_.idle).count();
  if (session == sessions_.end() || now.micros - session->second.micros > idle) {
    sessions_.erase(token);
    visitor.refused = true;
    return visitor;
  }
  session->second = now;
  visitor.caller = Caller::session;
  return visitor;
}

std::optional<std::string> Access::login(const std::string& username, const std::string& password,
                                         Timestamp now) {
  if (options_.username.empty() || username != options_.username || password != options_.password)
    return {};
  const std::string token = toHex(randomBytes<24>());
  sessions_[token] = now;
  return token;
}

void Access::logout(const Request& request) {
  sessions_.erase(partOf(request.header("X-Cookie"), "token"));
}

KeyPair Access::renewKeys() {
  options_.keys = {toHex(randomBytes<32>()), toHex(randomBytes<32>())};
  return options_.keys;
}

void Access::renewApiToken() {
  api_token_ = upperUuid();
}

}  // namespace scanhost::simulator
