// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/policy/special_blocks.h"

namespace scanhost {

const std::vector<SpecialBlock>& specialBlocks() {
  static const std::vector<SpecialBlock> blocks = [] {
    constexpr std::pair<std::string_view, std::string_view> listed[] = {
        {"a cloud metadata address", "169.254.169.254/32"},
        {"a cloud metadata address", "fd00:ec2::254/128"},
        {"a cloud metadata address", "fd20:ce::254/128"},
        {"a cloud metadata address", "168.63.129.16/32"},
        {"a cloud metadata address", "100.100.100.200/32"},
        {"a cloud metadata address", "192.0.0.192/32"},
        {"loopback", "127.0.0.0/8"},
        {"loopback", "::1/128"},
        {"unspecified", "0.0.0.0/8"},
        {"unspecified", "::/128"},
        {"link-local", "169.254.0.0/16"},
        {"link-local", "fe80::/10"},
        {"multicast", "224.0.0.0/4"},
        {"multicast", "ff00::/8"},
        {"broadcast", "255.255.255.255/32"},
        {"IPv4-compatible IPv6", "::/96"},
        {"a Teredo tunnel", "2001::/32"},
        {"local NAT64, whose IPv4 address cannot be told", "64:ff9b:1::/48"},
    };
    std::vector<SpecialBlock> made;
    for (const auto& [what, network] : listed) made.push_back({what, *parseNetwork(network)});
    return made;
  }();
  return blocks;
}

}  // namespace scanhost
