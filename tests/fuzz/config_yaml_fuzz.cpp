// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A YAML configuration, from text to the checks of the whole.
#include "host/config/yaml_reader.h"
#include "tests/fuzz/config_tree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  if (lineOfBadText(fuzz::asText(bytes, size)) != 0) return 0;
  Problems problems;
  const std::string text(fuzz::asText(bytes, size));
  auto tree = readYaml(text, std::make_shared<const std::string>("fuzz.yaml"), problems);
  if (tree)
    fuzz::useTree(*tree, false, problems);
  else
    fuzz::require(problems.anyError(), "a refusal has a reason");
  return 0;
}
