// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The addresses of a scan request, checked once more: what a program is given is a canonical
/// address or block and nothing that could be taken for an option, a name or a path.
#pragma once

#include <scanhost/scanner.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost::local_scan {

enum class AddressFamily { ipv4, ipv6 };

struct Block {
  AddressFamily family = AddressFamily::ipv4;
  std::uint64_t addresses = 0;  ///< at most 2^63
};

/// Nothing for anything but an address or a block of them.
std::optional<Block> parseBlock(std::string_view text);

/// One address to scan, and the name that it was given by, if it was.
struct PinnedAddress {
  std::string address;
  std::string name;

  friend bool operator==(const PinnedAddress& a, const PinnedAddress& b) {
    return a.address == b.address && a.name == b.name;
  }
};

/// Every address of the targets, blocks taken apart, each once per name. Throws PluginError: target
/// for one that is no address, for none at all, and for more than `most`.
std::vector<PinnedAddress> pinnedAddresses(const std::vector<Target>& targets, std::size_t most);

/// "10.0.0.7", or "[::1]" as it stands in a URL.
std::string inUrl(const std::string& address);

/// The names that were given for pinned addresses, by address.
using GivenNames = std::multimap<std::string, std::string, std::less<>>;
GivenNames givenNames(const std::vector<Target>& targets);

}  // namespace scanhost::local_scan
