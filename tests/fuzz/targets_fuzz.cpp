// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The `targets` argument: what is read keeps its meaning when its canonical form is read, and
/// libc, which scanners use, reads no address where this reader sees a name.
#include <arpa/inet.h>

#include "host/policy/targets.h"
#include "tests/fuzz/fuzz_target.h"

namespace scanhost::fuzz {
namespace {

void checkEntry(const TargetEntry& entry) {
  const auto again = parseTargetEntry(entry.canonical);
  require(again.has_value(), "a canonical form can be read");
  require(again->canonical == entry.canonical, "a canonical form is its own");
  require((again->kind == TargetKind::name) == (entry.kind == TargetKind::name),
          "a canonical form is of the same kind");
  if (entry.kind == TargetKind::name) {
    in_addr address;
    require(inet_aton(entry.canonical.c_str(), &address) == 0, "a name is no address to libc");
    return;
  }
  require(again->range == entry.range, "a canonical form means the same addresses");
  require(entry.range.first <= entry.range.last, "a range has its ends in order");
  std::vector<AddressRange> parts;
  for (const std::string& network : networksOf(entry.range)) {
    const auto part = parseNetwork(network);
    const auto address = parseAddress(network);
    require(part || address, "networksOf() gives networks and addresses");
    parts.push_back(part ? *part : rangeOf(*address));
  }
  require(AddressSet(parts).ranges() == std::vector<AddressRange>{entry.range},
          "the networks of a range are that range");
}

}  // namespace
}  // namespace scanhost::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  const TargetLimits limits;
  const auto entries = parseTargets(fuzz::asText(bytes, size), limits);
  if (!entries) {
    fuzz::require(!entries.error().message.empty(), "a refusal has a reason");
    return 0;
  }
  fuzz::require(!entries->empty() && entries->size() <= limits.entries, "entries are bounded");
  fuzz::require(addressCount(*entries) <= limits.addresses, "addresses are bounded");
  for (const TargetEntry& entry : *entries) {
    fuzz::checkEntry(entry);
    fuzz::require(targetsMatch(*entries, entry), "a list matches each of its entries");
  }
  return 0;
}
