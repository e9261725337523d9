// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The scope: lines of allow entries, deny entries and targets; whatever is allowed lies in the
/// allow list and outside the deny list, counted address by address at the ends of what is pinned.
#include "host/policy/scope.h"
#include "tests/fuzz/fuzz_target.h"

namespace scanhost::fuzz {
namespace {

/// A name's addresses follow from its letters, among them some that are easily let through.
class FixedResolver : public Resolver {
 public:
  Result<std::vector<Address>> resolve(const std::string& name,
                                       std::chrono::milliseconds) override {
    static constexpr const char* answers[] = {"10.0.0.1", "127.0.0.1",      "169.254.169.254",
                                              "::1",      "64:ff9b::a00:1", "2001:db8::1"};
    std::size_t sum = 0;
    for (const char c : name) sum += static_cast<unsigned char>(c);
    if (sum % 7 == 6) return fail(ErrorClass::target, "unknown");
    return std::vector<Address>{*parseAddress(answers[sum % 7]), *parseAddress("10.0.0.2")};
  }
};

std::vector<std::string> words(std::string_view line) {
  std::vector<std::string> out;
  while (!line.empty() && out.size() < 16) {
    const std::size_t end = line.find(' ');
    if (end != 0) out.emplace_back(line.substr(0, end));
    line.remove_prefix(end == line.npos ? line.size() : end + 1);
  }
  return out;
}

AddressRange read(const std::string& text) {
  const auto entry = parseTargetEntry(text);
  require(entry && entry->kind != TargetKind::name, "a rule is an address, network or range");
  return entry->range;
}

bool anyContains(const std::vector<std::string>& rules, Address address) {
  for (const std::string& rule : rules)
    if (contains(read(rule), rangeOf(address))) return true;
  return false;
}

void checkPinned(const std::string& pinned, const std::vector<std::string>& allow,
                 const std::vector<std::string>& deny) {
  const AddressRange range = read(pinned);
  for (const AddressNumber number : {range.first, range.last}) {
    require(anyContains(allow, {range.family, number}), "what is pinned lies in the allow list");
    require(!anyContains(deny, {range.family, number}), "what is pinned is not denied");
  }
  for (const std::string& rule : deny)
    require(!overlaps(read(rule), range), "nothing denied lies inside what is pinned");
}

}  // namespace
}  // namespace scanhost::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  std::string_view text = fuzz::asText(bytes, size);
  const std::vector<std::string> allow = fuzz::words(fuzz::takeLine(text));
  const std::vector<std::string> deny = fuzz::words(fuzz::takeLine(text));
  const auto scope = Scope::make(allow, deny);
  if (!scope) return 0;
  const auto targets = parseTargets(text, {64, ~0ull});
  if (!targets) return 0;

  fuzz::FixedResolver resolver;
  const Decision decision = scope->check(*targets, resolver);
  if (!decision.allowed) {
    fuzz::require(!decision.rule.empty() && !decision.message.empty(), "a refusal has a reason");
    fuzz::require(decision.pinned.empty(), "nothing is pinned when anything is refused");
    return 0;
  }
  fuzz::require(decision.pinned.size() == targets->size(), "each target is pinned");
  for (const PinnedTarget& target : decision.pinned)
    for (const std::string& pinned : target.addresses) fuzz::checkPinned(pinned, allow, deny);
  return 0;
}
