// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nessus/config.h"

#include <scanhost/duration.h>
#include <scanhost/error.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace scanhost::nessus {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw PluginError(ErrorClass::config, "scanner-nessus: " + message, ErrorSubject::backend);
}

std::uint16_t readPort(std::string_view digits, const std::string& url) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0)
    refuse("url: \"" + url + "\" has no port between 1 and 65535 after its last colon");
  return port;
}

/// "https://HOST[:PORT]", with brackets around an IPv6 address and nothing after it but a slash.
void readUrl(const std::string& url, Config& config) {
  constexpr std::string_view scheme = "https://";
  std::string_view rest = url;
  if (rest.substr(0, scheme.size()) != scheme)
    refuse("url: \"" + url.substr(0, url.find('@')) +
           "\" must begin with https://, as in https://127.0.0.1:8834");
  rest.remove_prefix(scheme.size());
  if (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
  if (rest.find('@') != std::string_view::npos)
    refuse("url: it must not hold a login; use access_key and secret_key");
  if (rest.find_first_of("/?# \t\r\n") != std::string_view::npos)
    refuse("url: \"" + url + "\" must end after the port");
  const std::size_t bracket = rest.find(']');
  const bool is_ipv6 = !rest.empty() && rest.front() == '[' && bracket != std::string_view::npos;
  const std::string_view host =
      is_ipv6 ? rest.substr(1, bracket - 1) : rest.substr(0, rest.find(':'));
  const std::string_view after = is_ipv6 ? rest.substr(bracket + 1) : rest.substr(host.size());
  if (host.empty() || (!after.empty() && after.front() != ':'))
    refuse("url: \"" + url + "\" names no host, as in https://127.0.0.1:8834");
  config.server.host = host;
  if (!after.empty()) config.server.port = readPort(after.substr(1), url);
}

/// What goes into a header must not be able to begin another.
void checkKey(const char* key, const std::string& value) {
  const auto plain = [](char c) { return c > ' ' && c < 0x7F && c != ';'; };
  if (!std::all_of(value.begin(), value.end(), plain))
    refuse(std::string(key) + ": it holds a character that no API key of Nessus has");
}

void readLogin(const Json& values, Config& config) {
  config.ui_session = values["ui_session"].asBool(false);
  config.access_key = values["access_key"].asString();
  config.secret_key = values["secret_key"].asString();
  config.username = values["username"].asString();
  config.password = values["password"].asString();
  checkKey("access_key", config.access_key);
  checkKey("secret_key", config.secret_key);
  if (config.ui_session) {
    if (config.username.empty() || config.password.empty())
      refuse("ui_session needs username and password");
  } else {
    if (config.access_key.empty() || config.secret_key.empty())
      refuse("access_key and secret_key are missing; make them in Nessus under My Account");
    if (!config.username.empty() || !config.password.empty())
      refuse("username and password are used with ui_session: true only");
  }
}

std::chrono::milliseconds readTimeout(const Json& value, const char* key,
                                      std::chrono::milliseconds fallback) {
  if (value.isNull()) return fallback;
  const auto timeout = readDuration(value.asString());
  if (!timeout || timeout->count() < 100)
    refuse(std::string(key) + ": " + value.dump() + " is no duration such as \"60s\"");
  return *timeout;
}

}  // namespace

Config readConfig(const Json& values) {
  Config config;
  config.server.port = 8834;
  readUrl(values["url"].asString(), config);
  config.server.tls = tls::readTrust(values["tls"], "scanner-nessus");
  readLogin(values, config);
  config.scan_template = values["template"].asString(config.scan_template);
  if (config.scan_template.empty()) refuse("template: it is empty; give one such as \"basic\"");
  config.server.request_timeout =
      readTimeout(values["request_timeout"], "request_timeout", config.server.request_timeout);
  config.export_timeout =
      readTimeout(values["export_timeout"], "export_timeout", config.export_timeout);
  const auto bytes =
      values["max_report_bytes"].asInteger(static_cast<std::int64_t>(config.max_report_bytes));
  if (bytes < 1) refuse("max_report_bytes: it must be at least 1");
  config.max_report_bytes = static_cast<std::uint64_t>(bytes);
  return config;
}

}  // namespace scanhost::nessus
