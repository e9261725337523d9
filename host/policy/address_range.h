// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Addresses, networks and ranges as one thing: an interval of numbers within a family.
///
/// Every question that policy asks (does it lie within, does it overlap, how many) is then two
/// comparisons, with no second path for CIDR or IPv6 to be wrong in. IPv4-mapped IPv6
/// (::ffff:0:0/96) is IPv4 here from the start: parsing never yields it.
/// Values; nothing is shared.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost {

/// 128 bits hold an address of either family.
__extension__ typedef unsigned __int128 AddressNumber;

enum class AddressFamily : std::uint8_t { v4, v6 };

struct Address {
  AddressFamily family = AddressFamily::v4;
  AddressNumber number = 0;
  friend bool operator==(const Address&, const Address&) = default;
};

/// Both ends belong to it; first <= last.
struct AddressRange {
  AddressFamily family = AddressFamily::v4;
  AddressNumber first = 0;
  AddressNumber last = 0;
  friend bool operator==(const AddressRange&, const AddressRange&) = default;
};

/// Strict: four decimal numbers without leading zeros, or RFC 4291 text without a zone id.
std::optional<Address> parseAddress(std::string_view text);
/// "10.0.0.1/24" is all of 10.0.0.0/24. The prefix length is decimal, nothing else.
std::optional<AddressRange> parseNetwork(std::string_view text);

/// An IPv4-mapped address as the IPv4 address it is; any other unchanged.
Address unmapped(Address address);
/// The same for a range. Nothing for one that lies partly inside the mapped block: it would mean
/// two families at once.
std::optional<AddressRange> unmapped(AddressRange range);

inline AddressRange rangeOf(Address address) {
  return {address.family, address.number, address.number};
}

/// RFC 5952 text.
std::string formatAddress(Address address);
/// "10.0.0.1", "10.0.0.0/24" or "10.0.0.1-10.0.0.20", whichever says it shortest.
std::string formatRange(const AddressRange& range);
/// The fewest networks that make up the range, a lone address without its prefix length.
std::vector<std::string> networksOf(const AddressRange& range);

bool contains(const AddressRange& outer, const AddressRange& inner);
bool overlaps(const AddressRange& a, const AddressRange& b);
std::optional<AddressRange> intersection(const AddressRange& a, const AddressRange& b);
/// Stops at 2^64 - 1.
std::uint64_t addressCount(const AddressRange& range);

/// The IPv4 addresses that IPv6 ones in `range` lead to: NAT64 (64:ff9b::/96), 6to4 (2002::/16),
/// and the mapped block where a wide range encloses it. A packet sent to such an address may come
/// out at the address it carries.
std::vector<AddressRange> embeddedIpv4(const AddressRange& range);

/// A union of ranges, sorted and merged, so that a network covered by two halves counts as covered.
class AddressSet {
 public:
  AddressSet() = default;
  explicit AddressSet(std::vector<AddressRange> ranges);

  bool empty() const { return ranges_.empty(); }
  bool covers(const AddressRange& range) const { return !firstOutside(range); }
  /// The lowest address of `range` that is not in the set.
  std::optional<Address> firstOutside(const AddressRange& range) const;
  /// Whether any address of `range` is in the set.
  bool overlaps(const AddressRange& range) const;
  /// Stops at 2^64 - 1.
  std::uint64_t count() const;
  const std::vector<AddressRange>& ranges() const { return ranges_; }

 private:
  std::vector<AddressRange> ranges_;
};

}  // namespace scanhost
