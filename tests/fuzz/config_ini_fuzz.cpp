// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// An INI configuration, from text to the checks of the whole.
#include "host/config/ini_reader.h"
#include "tests/fuzz/config_tree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  if (lineOfBadText(fuzz::asText(bytes, size)) != 0) return 0;
  Problems problems;
  ConfigNode tree =
      readIni(fuzz::asText(bytes, size), std::make_shared<const std::string>("fuzz.ini"), problems);
  fuzz::useTree(tree, true, problems);
  return 0;
}
