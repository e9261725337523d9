// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/policy/targets.h"

#include <scanhost/json.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

namespace scanhost {
namespace {

constexpr std::string_view separators = ", \t\r\n";
constexpr std::size_t longest_name = 253;  // RFC 1035, as text without the last dot
constexpr std::size_t longest_label = 63;
constexpr std::size_t longest_echo = 64;

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}
bool isHexDigit(char c) {
  return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The entry in quotes, escaped and cut, for a message.
std::string echo(std::string_view text) {
  std::string out;
  Json::writeString(out, text.substr(0, longest_echo), true);
  if (text.size() > longest_echo) out += "...";
  return out;
}

tl::unexpected<Error> refuse(std::string_view entry, const std::string& why) {
  return fail(ErrorClass::target, "target " + echo(entry) + ": " + why, ErrorSubject::target);
}

TargetEntry rangeEntry(TargetKind kind, std::string_view given, const AddressRange& range) {
  return {kind, std::string(given), formatRange(range), range};
}

/// What no form of entry may hold, with the remedy; empty when there is nothing to object to.
std::string objectionToCharacters(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80)
      return "only ASCII is accepted; write an internationalised name in punycode (xn--...)";
    if (byte < 0x20 || byte == 0x7F) return "control characters are not accepted";
  }
  if (text.front() == '-') return "a target cannot begin with a dash";
  if (text.find('%') != text.npos)
    return "zone ids are not accepted; write the address without %...";
  if (text.find("://") != text.npos) return "a URL is not accepted; write its host name alone";
  if (text.front() == '[') return "write an IPv6 address without brackets and port";
  return {};
}

Result<TargetEntry> parseNetworkEntry(std::string_view text) {
  if (const auto network = parseNetwork(text))
    return rangeEntry(TargetKind::network, text, *network);
  if (!parseAddress(text.substr(0, text.find('/'))))
    return refuse(text, "a prefix length needs a plain address before it, as in 10.0.0.0/24");
  return refuse(text,
                "the prefix length must be a decimal number, 0 to 32 for IPv4, 0 to 128 for IPv6");
}

std::optional<unsigned> parseOctet(std::string_view text) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text.front() == '0'))
    return std::nullopt;
  unsigned octet = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), octet);
  if (error != std::errc() || end != text.data() + text.size() || octet > 255) return std::nullopt;
  return octet;
}

Result<TargetEntry> parseRangeEntry(std::string_view text, Address first, std::string_view end) {
  std::optional<Address> last = parseAddress(end);
  if (!last && first.family == AddressFamily::v4)
    if (const auto octet = parseOctet(end))
      last = Address{AddressFamily::v4, (first.number & ~AddressNumber{0xFF}) | *octet};
  if (!last)
    return refuse(text,
                  "the end of a range must be an address, or for IPv4 its last number, as in "
                  "10.0.0.1-20");
  if (first.family != last->family) return refuse(text, "both ends of a range need one family");
  if (last->number < first.number) return refuse(text, "the range ends before it begins");
  return rangeEntry(TargetKind::range, text, {first.family, first.number, last->number});
}

/// "10", "0x1F": libc would read a name that ends so as an address, by rules of its own.
bool isNumericLabel(std::string_view label) {
  if (!label.empty() && std::all_of(label.begin(), label.end(), isDigit)) return true;
  return label.size() >= 2 && label[0] == '0' && lower(label[1]) == 'x' &&
         std::all_of(label.begin() + 2, label.end(), isHexDigit);
}

std::string objectionToLabel(std::string_view label) {
  if (label.empty()) return "a host name has no empty part between dots";
  if (label.size() > longest_label) return "a part of a host name has at most 63 characters";
  if (label.front() == '-' || label.back() == '-')
    return "a part of a host name neither begins nor ends with a dash";
  for (const char c : label)
    if (!isDigit(c) && !(lower(c) >= 'a' && lower(c) <= 'z') && c != '-' && c != '_')
      return std::string("'") + c + "' has no place in an address, network, range or host name";
  return {};
}

Result<TargetEntry> parseNameEntry(std::string_view text) {
  std::string_view name = text;
  if (name.size() > 1 && name.back() == '.') name.remove_suffix(1);
  if (name.size() > longest_name) return refuse(text, "a host name has at most 253 characters");
  std::string_view last_label;
  for (std::size_t start = 0; start <= name.size();) {
    const std::size_t dot = std::min(name.find('.', start), name.size());
    last_label = name.substr(start, dot - start);
    if (const std::string why = objectionToLabel(last_label); !why.empty())
      return refuse(text, why);
    start = dot + 1;
  }
  if (isNumericLabel(last_label))
    return refuse(text,
                  "an IPv4 address is four decimal numbers from 0 to 255 without leading zeros, a "
                  "range a-b or 10.0.0.1-20");
  std::string canonical(name);
  std::transform(canonical.begin(), canonical.end(), canonical.begin(), lower);
  return TargetEntry{TargetKind::name, std::string(text), std::move(canonical), {}};
}

/// The names, which count once each, and the ranges, which are merged.
std::uint64_t countOf(const std::set<std::string_view>& names, std::vector<AddressRange> ranges) {
  std::uint64_t total = names.size();
  if (__builtin_add_overflow(total, AddressSet(std::move(ranges)).count(), &total)) return ~0ull;
  return total;
}

std::string countText(std::uint64_t count) {
  return count == ~0ull ? "2^64 or more" : std::to_string(count);
}

const TargetEntry& largest(const std::vector<TargetEntry>& entries) {
  const auto size = [](const TargetEntry& entry) {
    return entry.kind == TargetKind::name ? 1 : addressCount(entry.range);
  };
  return *std::max_element(
      entries.begin(), entries.end(),
      [&](const TargetEntry& a, const TargetEntry& b) { return size(a) < size(b); });
}

}  // namespace

Result<TargetEntry> parseTargetEntry(std::string_view text) {
  if (text.empty()) return refuse(text, "empty; write an address, network, range or host name");
  if (const std::string why = objectionToCharacters(text); !why.empty()) return refuse(text, why);
  if (text.find('/') != text.npos) return parseNetworkEntry(text);
  if (const auto address = parseAddress(text))
    return rangeEntry(TargetKind::address, text, rangeOf(*address));
  if (const std::size_t dash = text.find('-'); dash != text.npos)
    if (const auto first = parseAddress(text.substr(0, dash)))
      return parseRangeEntry(text, *first, text.substr(dash + 1));
  return parseNameEntry(text);
}

Result<std::vector<TargetEntry>> parseTargets(std::string_view text, const TargetLimits& limits) {
  std::vector<TargetEntry> entries;
  for (std::size_t at = 0; (at = text.find_first_not_of(separators, at)) != text.npos;) {
    const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
    const std::string_view given = text.substr(at, end - at);
    if (entries.size() == limits.entries)
      return refuse(given, "one entry too many; at most " + std::to_string(limits.entries) +
                               " are accepted (limits.target_entries)");
    auto entry = parseTargetEntry(given);
    if (!entry) return tl::unexpected(entry.error());
    entries.push_back(std::move(*entry));
    at = end;
  }
  if (entries.empty())
    return fail(ErrorClass::target,
                "targets names nothing; write addresses, networks, ranges or host names, separated "
                "by commas, spaces or newlines",
                ErrorSubject::target);
  if (const std::uint64_t count = addressCount(entries); count > limits.addresses)
    return refuse(largest(entries).given,
                  "with it, targets names " + countText(count) + " addresses; at most " +
                      std::to_string(limits.addresses) +
                      " are accepted (limits.target_addresses); split the scan");
  return entries;
}

std::uint64_t addressCount(const std::vector<TargetEntry>& entries) {
  std::set<std::string_view> names;
  std::vector<AddressRange> ranges;
  for (const TargetEntry& entry : entries) {
    if (entry.kind == TargetKind::name)
      names.insert(entry.canonical);
    else
      ranges.push_back(entry.range);
  }
  return countOf(names, std::move(ranges));
}

bool targetsMatch(const std::vector<TargetEntry>& entries, const TargetEntry& filter) {
  return std::any_of(entries.begin(), entries.end(), [&](const TargetEntry& entry) {
    if ((entry.kind == TargetKind::name) != (filter.kind == TargetKind::name)) return false;
    return entry.kind == TargetKind::name ? entry.canonical == filter.canonical
                                          : overlaps(entry.range, filter.range);
  });
}

}  // namespace scanhost
