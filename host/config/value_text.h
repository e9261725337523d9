// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The small texts of a configuration: sizes, addresses, names. Syntax only; nothing is resolved.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost {

/// Without spaces, tabs and carriage returns at both ends, or at the front alone.
std::string_view trimmed(std::string_view text);
std::string_view trimmedFront(std::string_view text);

/// "a, b ,c" without empty parts.
std::vector<std::string> splitCommas(std::string_view text);

/// "512B", "64KiB", "32MiB", "2GiB", "1TiB"; a bare number is refused, for its unit would be a
/// guess.
std::optional<std::uint64_t> parseSize(std::string_view text);
/// The shortest such text: 33554432 is "32MiB".
std::string formatSize(std::uint64_t bytes);

/// Where the service listens. The host is an address or "localhost", IPv6 without its brackets.
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;  ///< 0: any free one

  /// Reached from this machine alone: 127.0.0.0/8, ::1, localhost.
  bool isLoopback() const;
  /// As written: "127.0.0.1:8835", "[::1]:8835".
  std::string text() const;
  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

std::optional<ListenAddress> parseListenAddress(std::string_view text);

/// "10.0.0.0/8", "2001:db8::/32" or a single address; host bits may be set.
bool isNetwork(std::string_view text);

/// "scan.example.org" or an address, without a port.
bool isHost(std::string_view text);
/// "https://console.example.org:8443": nothing after host and port.
bool isOrigin(std::string_view text);

/// One scope of RFC 6749: visible ASCII without quotes and backslashes.
bool isScope(std::string_view text);

/// The form of every name in the configuration: ^[a-z0-9][a-z0-9_.-]{0,63}$
bool isName(std::string_view text);

/// How a value of unknown origin is shown in a message: quoted, cut, control characters
/// and everything beyond ASCII escaped.
std::string quotedForMessage(std::string_view text);

}  // namespace scanhost
