// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/targets.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <set>

namespace scanhost::simulator {
namespace {

constexpr std::uint32_t hosts_of_one_target = 256;
constexpr std::size_t hosts_of_one_scan = 4096;

std::optional<std::uint32_t> readNumber(std::string_view text, std::uint32_t most) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most) return {};
  return value;
}

std::optional<std::uint32_t> readIpv4(std::string_view text) {
  std::uint32_t address = 0;
  for (int part = 0; part < 4; ++part) {
    const std::size_t dot = text.find('.');
    if ((dot == std::string_view::npos) != (part == 3)) return {};
    const auto byte = readNumber(text.substr(0, dot), 255);
    if (!byte) return {};
    address = address << 8 | *byte;
    if (part < 3) text.remove_prefix(dot + 1);
  }
  return address;
}

std::string showIpv4(std::uint32_t address) {
  return std::to_string(address >> 24) + '.' + std::to_string(address >> 16 & 0xFF) + '.' +
         std::to_string(address >> 8 & 0xFF) + '.' + std::to_string(address & 0xFF);
}

struct Block {
  std::uint32_t first;
  std::uint32_t last;
};

std::optional<Block> readCidr(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return {};
  const auto address = readIpv4(text.substr(0, slash));
  const auto bits = readNumber(text.substr(slash + 1), 32);
  if (!address || !bits) return {};
  const std::uint32_t hosts = *bits == 0 ? ~0u : (1ull << (32 - *bits)) - 1;
  return Block{*address & ~hosts, *address | hosts};
}

std::optional<Block> readRange(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return {};
  const auto first = readIpv4(text.substr(0, dash));
  if (!first) return {};
  const std::string_view end = text.substr(dash + 1);
  auto last = readIpv4(end);
  if (!last)
    if (const auto byte = readNumber(end, 255)) last = (*first & ~0xFFu) | *byte;
  if (!last || *last < *first) return {};
  return Block{*first, *last};
}

std::vector<std::string> expandOne(std::string_view text) {
  auto block = readCidr(text);
  if (!block) block = readRange(text);
  if (!block) return {std::string(text)};
  const std::uint32_t count = std::min(block->last - block->first, hosts_of_one_target - 1) + 1;
  std::vector<std::string> hosts;
  for (std::uint32_t i = 0; i < count; ++i) hosts.push_back(showIpv4(block->first + i));
  return hosts;
}

}  // namespace

std::vector<std::string> expandTargets(std::string_view text) {
  constexpr std::string_view separators = ", \t\r\n";
  std::vector<std::string> hosts;
  std::set<std::string> seen;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(separators);
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (word.empty()) continue;
    for (std::string& host : expandOne(word)) {
      if (hosts.size() == hosts_of_one_scan) return hosts;
      if (seen.insert(host).second) hosts.push_back(std::move(host));
    }
  }
  return hosts;
}

}  // namespace scanhost::simulator
