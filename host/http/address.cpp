// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/http/address.h"

#include <arpa/inet.h>

#include <array>
#include <cstring>

namespace scanhost::http {

using Poco::Net::IPAddress;

std::optional<IPAddress> parseAddress(const std::string& text) {
  std::array<unsigned char, 16> bytes;
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return IPAddress(bytes.data(), 4);
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return IPAddress(bytes.data(), 16);
  return std::nullopt;
}

std::string textOf(const IPAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(address.af(), address.addr(), text.data(), text.size());
  return text.data();
}

IPAddress unmapped(const IPAddress& address) {
  static constexpr unsigned char prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  const auto* bytes = static_cast<const unsigned char*>(address.addr());
  if (address.family() != IPAddress::IPv6 || std::memcmp(bytes, prefix, sizeof prefix) != 0)
    return address;
  return IPAddress(bytes + sizeof prefix, 4);
}

}  // namespace scanhost::http
