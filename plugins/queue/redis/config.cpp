// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/redis/config.h"

#include <scanhost/duration.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace scanhost::queue_redis {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw PluginError(ErrorClass::config, "queue-redis: " + message, ErrorSubject::backend);
}

/// "host", "host:port" or "[address]:port". `key` stands for the text, which may hold a secret.
Address readAddress(std::string_view text, const std::string& key, std::uint16_t port) {
  Address address{"", port};
  const std::size_t bracket = text.find(']');
  const bool is_ipv6 = !text.empty() && text.front() == '[' && bracket != std::string_view::npos;
  address.host = is_ipv6 ? text.substr(1, bracket - 1) : text.substr(0, text.find(':'));
  std::string_view rest = is_ipv6 ? text.substr(bracket + 1) : text.substr(address.host.size());
  if (address.host.empty() || address.host.find_first_of(" \t\r\n/?#@") != std::string::npos)
    refuse(key + ": it names no host, as in 127.0.0.1:" + std::to_string(port));
  if (rest.empty()) return address;
  rest.remove_prefix(1);
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), address.port);
  if (error != std::errc() || end != rest.data() + rest.size() || address.port == 0)
    refuse(key + ": it has no port between 1 and 65535 after its last colon");
  return address;
}

void readDatabase(std::string_view digits, Config& config) {
  if (digits.empty()) return;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), config.database);
  if (error != std::errc() || end != digits.data() + digits.size() || config.database < 0)
    refuse("url: after the slash comes the number of a database, as in redis://127.0.0.1:6379/0");
}

/// "redis://HOST[:PORT][/DATABASE]", or rediss:// for TLS. True for TLS.
bool readUrl(std::string_view url, Config& config) {
  constexpr std::string_view plain = "redis://", tls = "rediss://";
  const bool is_tls = url.substr(0, tls.size()) == tls;
  if (!is_tls && url.substr(0, plain.size()) != plain)
    refuse("url: it must begin with redis:// or rediss://, as in redis://127.0.0.1:6379/0");
  url.remove_prefix(is_tls ? tls.size() : plain.size());
  if (url.find('@') != std::string_view::npos)
    refuse("url: it must not hold a login; use username and password");
  const std::size_t slash = url.find('/');
  if (slash != std::string_view::npos) {
    readDatabase(url.substr(slash + 1), config);
    url = url.substr(0, slash);
  }
  if (!url.empty() || config.sentinels.empty()) config.address = readAddress(url, "url", 6379);
  return is_tls;
}

std::string readPath(const Json& tls, const char* name) {
  const std::string& path = tls[name].asString();
  if (!path.empty() && path.front() != '/')
    refuse(std::string("tls.") + name + ": \"" + path + "\" must be an absolute path");
  return path;
}

std::optional<Tls> readTls(const Json& values, bool wanted) {
  if (!wanted) {
    if (values.size() > 0) refuse("tls is given, but url does not begin with rediss://");
    return std::nullopt;
  }
  Tls tls{tls::readTrust(values, "queue-redis"), readPath(values, "certificate"),
          readPath(values, "key")};
  if (tls.certificate.empty() != tls.key.empty())
    refuse("tls: certificate and key are given together or not at all");
  return tls;
}

void readSentinels(const Json& values, Config& config) {
  for (const Json& sentinel : values["sentinels"].items())
    config.sentinels.push_back(readAddress(sentinel.asString(), "sentinels", 26379));
  config.master_name = values["master_name"].asString();
  if (config.sentinels.empty() != config.master_name.empty())
    refuse("sentinels and master_name are given together or not at all");
  config.sentinel_login = {values["sentinel_username"].asString(),
                           values["sentinel_password"].asString()};
}

Login readLogin(const Json& values) {
  const Login login{values["username"].asString(), values["password"].asString()};
  if (!login.username.empty() && login.password.empty()) refuse("username needs a password");
  return login;
}

std::chrono::milliseconds readTime(const Json& values, const char* key,
                                   std::chrono::milliseconds fallback) {
  const Json& value = values[key];
  if (value.isNull()) return fallback;
  const auto time = readDuration(value.asString());
  if (!time || time->count() < 10)
    refuse(std::string(key) + ": " + value.dump() + " is no duration such as \"10s\"");
  return *time;
}

}  // namespace

std::string Address::text() const {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" +
         std::to_string(port);
}

std::string Config::where() const {
  return sentinels.empty() ? address.text() : "master '" + master_name + "' of Sentinel";
}

Config readConfig(const Json& values) {
  Config config;
  readSentinels(values, config);
  const bool is_tls = readUrl(values["url"].asString("redis://127.0.0.1:6379/0"), config);
  config.tls = readTls(values["tls"], is_tls);
  config.login = readLogin(values);
  config.prefix = values["prefix"].asString(config.prefix);
  if (config.prefix.empty() || config.prefix.find_first_of("{}* \t\r\n") != std::string::npos)
    refuse("prefix: \"" + config.prefix + "\" must be a word without braces, blanks and asterisks");
  config.pool_size = static_cast<std::size_t>(std::clamp<std::int64_t>(
      values["pool"].asInteger(static_cast<std::int64_t>(config.pool_size)), 1, 256));
  config.wait_replicas =
      static_cast<unsigned>(std::clamp<std::int64_t>(values["wait_replicas"].asInteger(), 0, 16));
  config.connect_timeout = readTime(values, "connect_timeout", config.connect_timeout);
  config.timeout = readTime(values, "timeout", config.timeout);
  return config;
}

}  // namespace scanhost::queue_redis
