// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/value_text.h"

#include <arpa/inet.h>
#include <scanhost/json.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace scanhost {
namespace {

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 5> size_units{
    {{"TiB", 1ull << 40}, {"GiB", 1ull << 30}, {"MiB", 1ull << 20}, {"KiB", 1ull << 10}, {"B", 1}}};

constexpr std::string_view blanks = " \t\r";

template <class Integer>
std::optional<Integer> wholeNumber(std::string_view text) {
  Integer value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The length of an address in bits, or 0 when it is none.
int addressBits(const std::string& text) {
  in6_addr buffer{};
  if (inet_pton(AF_INET, text.c_str(), &buffer) == 1) return 32;
  if (inet_pton(AF_INET6, text.c_str(), &buffer) == 1) return 128;
  return 0;
}

}  // namespace

std::string_view trimmedFront(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text;
}

std::string_view trimmed(std::string_view text) {
  text = trimmedFront(text);
  const std::size_t last = text.find_last_not_of(blanks);
  return text.substr(0, last == text.npos ? 0 : last + 1);
}

std::vector<std::string> splitCommas(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    if (const std::string_view part = trimmed(text.substr(0, end)); !part.empty())
      parts.emplace_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::optional<std::uint64_t> parseSize(std::string_view text) {
  for (const auto& [unit, bytes] : size_units) {
    if (text.size() <= unit.size() || text.substr(text.size() - unit.size()) != unit) continue;
    const auto count = wholeNumber<std::uint64_t>(text.substr(0, text.size() - unit.size()));
    std::uint64_t total = 0;
    if (!count || __builtin_mul_overflow(*count, bytes, &total)) return std::nullopt;
    return total;
  }
  return std::nullopt;
}

std::string formatSize(std::uint64_t bytes) {
  for (const auto& [unit, factor] : size_units)
    if (bytes > 0 && bytes % factor == 0) return std::to_string(bytes / factor) + std::string(unit);
  return "0B";
}

bool ListenAddress::isLoopback() const {
  if (host == "localhost" || host == "::1") return true;
  in_addr address{};
  if (inet_pton(AF_INET, host.c_str(), &address) == 1) return ntohl(address.s_addr) >> 24 == 127;
  in6_addr wide{};
  return inet_pton(AF_INET6, host.c_str(), &wide) == 1 && IN6_IS_ADDR_LOOPBACK(&wide);
}

std::string ListenAddress::text() const {
  const bool wide = host.find(':') != std::string::npos;
  return (wide ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<ListenAddress> parseListenAddress(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  const auto port = wholeNumber<std::uint16_t>(text.substr(colon + 1));
  std::string host(text.substr(0, colon));
  if (!port) return std::nullopt;
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const int bits = addressBits(host);
  if (bracketed ? bits != 128 : bits != 32 && host != "localhost") return std::nullopt;
  return ListenAddress{std::move(host), *port};
}

bool isNetwork(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const int bits = addressBits(std::string(text.substr(0, slash)));
  if (bits == 0 || slash == text.size()) return bits != 0;
  const auto prefix = wholeNumber<std::uint8_t>(text.substr(slash + 1));
  return prefix && *prefix <= bits;
}

bool isHost(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  if (addressBits(std::string(text)) != 0) return true;
  return !text.empty() && text.size() <= 253 && text.front() != '.' && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), allowed);
}

bool isOrigin(std::string_view text) {
  const std::size_t scheme = text.find("://");
  if (scheme == text.npos ||
      (text.substr(0, scheme) != "http" && text.substr(0, scheme) != "https"))
    return false;
  std::string_view rest = text.substr(scheme + 3);
  const bool bracketed = !rest.empty() && rest.front() == '[';
  const std::size_t port =
      bracketed ? rest.find(':', std::min(rest.find(']'), rest.size())) : rest.find(':');
  const std::string_view host = rest.substr(0, port);
  if (port != rest.npos && !wholeNumber<std::uint16_t>(rest.substr(port + 1))) return false;
  if (!bracketed) return isHost(host);
  return host.size() > 2 && host.back() == ']' &&
         addressBits(std::string(host.substr(1, host.size() - 2))) == 128;
}

bool isScope(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '"' && c != '\\';
  });
}

bool isName(std::string_view text) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const auto allowed = [&](char c) { return plain(c) || c == '_' || c == '.' || c == '-'; };
  return !text.empty() && text.size() <= 64 && plain(text.front()) &&
         std::all_of(text.begin(), text.end(), allowed);
}

std::string quotedForMessage(std::string_view text) {
  constexpr std::size_t longest = 80;
  std::string out;
  const bool cut = text.size() > longest;
  Json::writeString(out, text.substr(0, cut ? longest : text.size()), /*ascii=*/true);
  if (cut) out += "...";
  return out;
}

}  // namespace scanhost
