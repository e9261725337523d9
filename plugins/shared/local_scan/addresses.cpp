// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/local_scan/addresses.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <set>
#include <utility>

namespace scanhost::local_scan {
namespace {

using Bytes = std::array<unsigned char, sizeof(in6_addr)>;

struct Parsed {
  AddressFamily family = AddressFamily::ipv4;
  Bytes bytes{};
  int host_bits = 0;
};

int toAf(AddressFamily family) {
  return family == AddressFamily::ipv4 ? AF_INET : AF_INET6;
}

std::optional<Parsed> parse(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  Parsed parsed;
  if (inet_pton(AF_INET, address.c_str(), parsed.bytes.data()) != 1) {
    if (inet_pton(AF_INET6, address.c_str(), parsed.bytes.data()) != 1) return std::nullopt;
    parsed.family = AddressFamily::ipv6;
  }
  const int bits = parsed.family == AddressFamily::ipv4 ? 32 : 128;
  int prefix = bits;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (error != std::errc() || end != digits.data() + digits.size() || prefix < 0 || prefix > bits)
      return std::nullopt;
  }
  parsed.host_bits = bits - prefix;
  return parsed;
}

std::uint64_t blockSize(int host_bits) {
  return host_bits >= 63 ? UINT64_C(1) << 63 : UINT64_C(1) << host_bits;
}

std::string toText(const Parsed& parsed) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(toAf(parsed.family), parsed.bytes.data(), text.data(), text.size());
  return text.data();
}

void advance(Parsed& parsed) {
  for (std::size_t i = parsed.family == AddressFamily::ipv4 ? 4 : 16; i > 0; --i)
    if (++parsed.bytes[i - 1] != 0) return;
}

}  // namespace

std::optional<Block> parseBlock(std::string_view text) {
  const auto parsed = parse(text);
  if (!parsed) return std::nullopt;
  return Block{parsed->family, blockSize(parsed->host_bits)};
}

std::vector<PinnedAddress> pinnedAddresses(const std::vector<Target>& targets, std::size_t most) {
  std::vector<PinnedAddress> pinned;
  std::set<std::pair<std::string, std::string>> seen;
  for (const Target& target : targets) {
    for (const std::string& text : target.addresses) {
      auto parsed = parse(text);
      if (!parsed)
        throw PluginError(ErrorClass::target,
                          "\"" + text.substr(0, 64) + "\" is no canonical address or block");
      const std::uint64_t count = blockSize(parsed->host_bits);
      for (std::uint64_t i = 0; i < count; ++i, advance(*parsed)) {
        PinnedAddress address{toText(*parsed), target.is_name ? target.given : std::string()};
        if (!seen.emplace(address.address, address.name).second) continue;
        if (pinned.size() == most)
          throw PluginError(ErrorClass::target, "the targets have more than " +
                                                    std::to_string(most) +
                                                    " addresses; submit smaller scans");
        pinned.push_back(std::move(address));
      }
    }
  }
  if (pinned.empty())
    throw PluginError(ErrorClass::target, "no target has an address to scan", ErrorSubject::target);
  return pinned;
}

std::string inUrl(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

GivenNames givenNames(const std::vector<Target>& targets) {
  GivenNames names;
  for (const Target& target : targets)
    if (target.is_name)
      for (const std::string& address : target.addresses) names.emplace(address, target.given);
  return names;
}

}  // namespace scanhost::local_scan
