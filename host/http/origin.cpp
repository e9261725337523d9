// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/http/origin.h"

#include <algorithm>
#include <charconv>

#include "host/http/address.h"
#include "host/http/head.h"

namespace scanhost::http {
namespace {

const std::set<std::string> loopback_names{"localhost", "127.0.0.1", "::1"};

bool isNameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

std::string lowercase(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::optional<std::uint16_t> parsePort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return port;
}

std::uint16_t defaultPort(const std::string& scheme) {
  return scheme == "https" ? 443 : 80;
}

}  // namespace

std::optional<Authority> Authority::parse(std::string_view text) {
  Authority result;
  std::string_view port;
  if (!text.empty() && text.front() == '[') {
    const std::size_t end = text.find(']');
    if (end == text.npos) return std::nullopt;
    result.name = lowercase(text.substr(1, end - 1));
    result.is_address =
        parseAddress(result.name).has_value() && result.name.find(':') != std::string::npos;
    if (!result.is_address) return std::nullopt;
    port = text.substr(end + 1);
  } else {
    const std::size_t colon = text.find(':');
    result.name = lowercase(text.substr(0, colon));
    if (!result.name.empty() && result.name.back() == '.') result.name.pop_back();
    if (result.name.empty() || !std::all_of(result.name.begin(), result.name.end(), isNameChar))
      return std::nullopt;
    result.is_address = parseAddress(result.name).has_value();
    if (colon != text.npos) port = text.substr(colon);
  }
  if (port.empty()) return result;
  result.port = port.front() == ':' ? parsePort(port.substr(1)) : std::nullopt;
  if (!result.port) return std::nullopt;
  return result;
}

std::optional<Origin> Origin::parse(std::string_view text) {
  for (const std::string scheme : {"http", "https"}) {
    const std::string prefix = scheme + "://";
    if (!equalsIgnoringCase(text.substr(0, prefix.size()), prefix)) continue;
    text.remove_prefix(prefix.size());
    if (!text.empty() && text.back() == '/') text.remove_suffix(1);
    const auto authority = Authority::parse(text);
    if (!authority) return std::nullopt;
    return Origin{scheme, authority->name, authority->port.value_or(defaultPort(scheme))};
  }
  return std::nullopt;
}

bool isLoopback(std::string_view listen) {
  if (listen.substr(0, 5) == "unix:") return true;
  const auto authority = Authority::parse(listen);
  if (!authority) return false;
  return loopback_names.count(authority->name) > 0 ||
         (authority->is_address && authority->name.compare(0, 4, "127.") == 0);
}

Result<OriginGuard> OriginGuard::fromOptions(const ListenOptions& options) {
  OriginGuard guard;
  guard.any_address_ = !isLoopback(options.listen);
  guard.names_ = loopback_names;
  if (const auto bound = Authority::parse(options.listen)) guard.names_.insert(bound->name);
  if (!options.public_url.empty()) {
    const std::size_t scheme_end = options.public_url.find("://");
    const std::size_t path =
        scheme_end == std::string::npos ? scheme_end : options.public_url.find('/', scheme_end + 3);
    const auto origin = Origin::parse(options.public_url.substr(0, path));
    if (!origin)
      return fail(ErrorClass::config, "http.public_url '" + options.public_url +
                                          "' is no URL like https://scan.example.org");
    guard.names_.insert(origin->name);
    guard.origins_.insert(*origin);
  }
  for (const std::string& text : options.allowed_origins) {
    const auto origin = Origin::parse(text);
    if (!origin)
      return fail(ErrorClass::config, "http.allowed_origins: '" + text +
                                          "' is no origin like https://console.example.org");
    guard.origins_.insert(*origin);
  }
  for (const std::string& text : options.allowed_hosts) {
    const auto host = Authority::parse(text);
    if (!host)
      return fail(ErrorClass::config, "http.allowed_hosts: '" + text + "' is no host name");
    guard.names_.insert(host->name);
  }
  return guard;
}

bool OriginGuard::isOurName(const Authority& host) const {
  return names_.count(host.name) > 0 || (any_address_ && host.is_address);
}

OriginGuard::Verdict OriginGuard::check(std::string_view host_text,
                                        std::optional<std::string_view> origin_text) const {
  const auto host = Authority::parse(host_text);
  if (!host || !isOurName(*host)) return Verdict::bad_host;
  if (!origin_text) return Verdict::ok;
  const auto origin = Origin::parse(*origin_text);  // "null" is none
  if (!origin) return Verdict::bad_origin;
  if (origins_.count(*origin)) return Verdict::ok;
  const bool same_port = host->port.value_or(defaultPort(origin->scheme)) == origin->port;
  const bool both_local = loopback_names.count(host->name) && loopback_names.count(origin->name);
  return same_port && (host->name == origin->name || both_local) ? Verdict::ok
                                                                 : Verdict::bad_origin;
}

}  // namespace scanhost::http
