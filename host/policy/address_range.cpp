// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/policy/address_range.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <limits>
#include <tuple>
#include <utility>  // Boost.Asio 1.74 needs it first

namespace scanhost {
namespace {

constexpr AddressNumber ipv4_mask = 0xFFFFFFFFu;
constexpr AddressRange mapped_block{AddressFamily::v6, AddressNumber{0xFFFF} << 32,
                                    AddressNumber{0xFFFF} << 32 | ipv4_mask};
constexpr AddressNumber nat64_prefix = AddressNumber{0x0064FF9B} << 96;
constexpr AddressRange nat64_block{AddressFamily::v6, nat64_prefix, nat64_prefix | ipv4_mask};
constexpr AddressNumber six_to_four_prefix = AddressNumber{0x2002} << 112;
constexpr AddressRange six_to_four_block{AddressFamily::v6, six_to_four_prefix,
                                         six_to_four_prefix | ((AddressNumber{1} << 112) - 1)};

constexpr int widthOf(AddressFamily family) {
  return family == AddressFamily::v4 ? 32 : 128;
}

AddressNumber hostBits(int count) {
  return count >= 128 ? ~AddressNumber{0} : (AddressNumber{1} << count) - 1;
}

AddressNumber numberOf(const boost::asio::ip::address_v6::bytes_type& bytes) {
  AddressNumber number = 0;
  for (const unsigned char byte : bytes) number = number << 8 | byte;
  return number;
}

boost::asio::ip::address_v6 addressV6(AddressNumber number) {
  boost::asio::ip::address_v6::bytes_type bytes;
  for (std::size_t i = bytes.size(); i-- > 0; number >>= 8)
    bytes[i] = static_cast<unsigned char>(number & 0xFF);
  return boost::asio::ip::address_v6(bytes);
}

std::optional<Address> parseAsWritten(std::string_view text) {
  if (text.size() > 45 || text.find('%') != text.npos || text.find('\0') != text.npos)
    return std::nullopt;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(text, error);
  if (error) return std::nullopt;
  if (address.is_v4()) return Address{AddressFamily::v4, address.to_v4().to_uint()};
  return Address{AddressFamily::v6, numberOf(address.to_v6().to_bytes())};
}

std::optional<int> parsePrefixLength(std::string_view text, int width) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text.front() == '0'))
    return std::nullopt;
  int length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (length < 0 || length > width) return std::nullopt;
  return length;
}

int trailingZeros(AddressNumber number, int width) {
  int zeros = 0;
  while (zeros < width && !(number >> zeros & 1)) ++zeros;
  return zeros;
}

/// How many low bits the largest network that starts at `first` and ends by `last` leaves free.
int freeBits(AddressFamily family, AddressNumber first, AddressNumber last) {
  int bits = trailingZeros(first, widthOf(family));
  while (bits > 0 && hostBits(bits) > last - first) --bits;
  return bits;
}

std::string formatNetwork(AddressFamily family, AddressNumber first, int free_bits) {
  std::string text = formatAddress({family, first});
  if (free_bits > 0) text += '/' + std::to_string(widthOf(family) - free_bits);
  return text;
}

constexpr std::uint64_t uncountable = std::numeric_limits<std::uint64_t>::max();

}  // namespace

std::optional<Address> parseAddress(std::string_view text) {
  const auto address = parseAsWritten(text);
  return address ? std::optional(unmapped(*address)) : std::nullopt;
}

std::optional<AddressRange> parseNetwork(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  const auto address = parseAsWritten(text.substr(0, slash));
  if (!address) return std::nullopt;
  const int width = widthOf(address->family);
  const auto length = parsePrefixLength(text.substr(slash + 1), width);
  if (!length) return std::nullopt;
  const AddressNumber host = hostBits(width - *length);
  return unmapped(AddressRange{address->family, address->number & ~host, address->number | host});
}

Address unmapped(Address address) {
  if (!contains(mapped_block, rangeOf(address))) return address;
  return {AddressFamily::v4, address.number & ipv4_mask};
}

std::optional<AddressRange> unmapped(AddressRange range) {
  if (contains(mapped_block, range))
    return AddressRange{AddressFamily::v4, range.first & ipv4_mask, range.last & ipv4_mask};
  // A network around the whole block, such as ::/0, means its IPv6 addresses.
  if (overlaps(mapped_block, range) && !contains(range, mapped_block)) return std::nullopt;
  return range;
}

std::string formatAddress(Address address) {
  if (address.family == AddressFamily::v4)
    return boost::asio::ip::address_v4(static_cast<std::uint32_t>(address.number)).to_string();
  return addressV6(address.number).to_string();
}

std::string formatRange(const AddressRange& range) {
  const int bits = freeBits(range.family, range.first, range.last);
  if (hostBits(bits) == range.last - range.first)
    return formatNetwork(range.family, range.first, bits);
  return formatAddress({range.family, range.first}) + '-' +
         formatAddress({range.family, range.last});
}

std::vector<std::string> networksOf(const AddressRange& range) {
  std::vector<std::string> networks;
  for (AddressNumber first = range.first;;) {
    const int bits = freeBits(range.family, first, range.last);
    networks.push_back(formatNetwork(range.family, first, bits));
    const AddressNumber end = first + hostBits(bits);
    if (end == range.last) return networks;
    first = end + 1;
  }
}

bool contains(const AddressRange& outer, const AddressRange& inner) {
  return outer.family == inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

bool overlaps(const AddressRange& a, const AddressRange& b) {
  return a.family == b.family && a.first <= b.last && b.first <= a.last;
}

std::optional<AddressRange> intersection(const AddressRange& a, const AddressRange& b) {
  if (!overlaps(a, b)) return std::nullopt;
  return AddressRange{a.family, std::max(a.first, b.first), std::min(a.last, b.last)};
}

std::uint64_t addressCount(const AddressRange& range) {
  const AddressNumber beyond_first = range.last - range.first;
  return beyond_first >= uncountable ? uncountable : static_cast<std::uint64_t>(beyond_first) + 1;
}

std::vector<AddressRange> embeddedIpv4(const AddressRange& range) {
  std::vector<AddressRange> embedded;
  for (const AddressRange& block : {mapped_block, nat64_block})
    if (const auto part = intersection(range, block))
      embedded.push_back({AddressFamily::v4, part->first & ipv4_mask, part->last & ipv4_mask});
  if (const auto part = intersection(range, six_to_four_block))
    embedded.push_back(
        {AddressFamily::v4, part->first >> 80 & ipv4_mask, part->last >> 80 & ipv4_mask});
  return embedded;
}

AddressSet::AddressSet(std::vector<AddressRange> ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const AddressRange& a, const AddressRange& b) {
    return std::tie(a.family, a.first) < std::tie(b.family, b.first);
  });
  for (const AddressRange& range : ranges) {
    AddressRange* before = ranges_.empty() ? nullptr : &ranges_.back();
    const bool joins = before && before->family == range.family &&
                       (range.first <= before->last || range.first - before->last == 1);
    if (joins)
      before->last = std::max(before->last, range.last);
    else
      ranges_.push_back(range);
  }
}

std::optional<Address> AddressSet::firstOutside(const AddressRange& range) const {
  const auto after = std::upper_bound(
      ranges_.begin(), ranges_.end(), range, [](const AddressRange& a, const AddressRange& b) {
        return std::tie(a.family, a.first) < std::tie(b.family, b.first);
      });
  const Address first{range.family, range.first};
  if (after == ranges_.begin()) return first;
  const AddressRange& candidate = *std::prev(after);  // merged: no other can hold the first address
  if (!contains(candidate, rangeOf(first))) return first;
  if (candidate.last >= range.last) return std::nullopt;
  return Address{range.family, candidate.last + 1};
}

bool AddressSet::overlaps(const AddressRange& range) const {
  const auto after = std::upper_bound(
      ranges_.begin(), ranges_.end(), range, [](const AddressRange& a, const AddressRange& b) {
        return std::tie(a.family, a.last) < std::tie(b.family, b.first);
      });
  return after != ranges_.begin() && scanhost::overlaps(*std::prev(after), range);
}

std::uint64_t AddressSet::count() const {
  std::uint64_t total = 0;
  for (const AddressRange& range : ranges_)
    if (__builtin_add_overflow(total, addressCount(range), &total)) return uncountable;
  return total;
}

}  // namespace scanhost
