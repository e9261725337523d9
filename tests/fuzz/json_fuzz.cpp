// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The SDK's JSON reader and writer: what is read and written again reads the same.
#include <scanhost/json.h>

#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  std::string why;
  const auto value = Json::tryParse(fuzz::asText(bytes, size), {}, &why);
  if (!value) {
    fuzz::require(!why.empty(), "a refusal has a reason");
    std::string quoted;
    Json::writeString(quoted, fuzz::asText(bytes, size));
    fuzz::require(Json::tryParse(quoted).has_value(), "any text is written as a JSON string");
    return 0;
  }
  for (const bool ascii : {false, true}) {
    const auto again = Json::tryParse(value->dump(ascii));
    fuzz::require(again.has_value(), "what was written can be read");
    fuzz::require(*again == *value, "what was written means the same");
  }
  return 0;
}
