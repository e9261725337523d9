// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A plugin's file as the host reads it before it trusts it. What is no ELF file stands for a
/// manifest's text alone.
#include "sdk/manifest/elf_image.h"
#include "sdk/manifest/manifest.h"
#include "tests/fuzz/fuzz_target.h"

namespace scanhost::fuzz {
namespace {

void readManifest(std::string_view text) {
  const auto manifest = parseManifest(text);
  if (!manifest) {
    require(!manifest.error().empty(), "a refusal has a reason");
    return;
  }
  require(isPluginName(manifest->name), "a manifest's name may become a file's");
  incompatibilities(*manifest);
}

}  // namespace
}  // namespace scanhost::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  const std::string_view file = fuzz::asText(bytes, size);
  const auto image = ElfImage::parse(file);
  if (!image) {
    fuzz::require(!image.error().empty(), "a refusal has a reason");
    fuzz::readManifest(file);
    return 0;
  }
  fuzz::require(image->exportedSymbols().size() <= ElfImage::max_symbols, "symbols are bounded");
  image->neededLibraries();
  if (const auto text = manifestText(*image)) fuzz::readManifest(*text);
  return 0;
}
