// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `filters` of get_scan_results, from JSON to a finding that they hold for or not.
#include "host/findings/filter.h"
#include "host/findings/finding_samples_test.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  const auto filters = Json::tryParse(fuzz::asText(bytes, size));
  if (!filters) return 0;
  const auto conditions = parseFilters(*filters);
  if (!conditions) {
    fuzz::require(!conditions.error().message.empty(), "a refusal has a reason");
    return 0;
  }
  bool all = true;
  for (const Condition& condition : *conditions) {
    fuzz::require(condition.field != nullptr && !condition.operands.empty(),
                  "a condition has a field and something to compare it with");
    all = all && matches(sampleFinding(), {condition});
  }
  fuzz::require(matches(sampleFinding(), *conditions) == all, "all conditions hold together");
  return 0;
}
