// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/manifest/elf_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "sdk/manifest/manifest.h"
#include "tests/plugins/plugin_folder.h"

namespace scanhost {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string builtPlugin() {
  return PluginFolder::contents(std::filesystem::path(SCANHOST_FIXTURE_DIR) / "exporter-good.so");
}

/// Everything that the host reads from a file before it trusts it.
void readAll(const std::string& bytes) {
  const auto image = ElfImage::parse(bytes);
  if (!image) return;
  image->exportedSymbols();
  image->neededLibraries();
  if (const auto text = manifestText(*image)) parseManifest(*text);
}

TEST(ElfImage, ReadsWhatAPluginHolds) {
  const std::string bytes = builtPlugin();
  const auto image = ElfImage::parse(bytes);
  ASSERT_TRUE(image) << image.error();
  EXPECT_THAT(*manifestText(*image), HasSubstr("\"exporter-good\""));
  EXPECT_THAT(image->exportedSymbols(), ElementsAre("scanhost_plugin_v1"));
  EXPECT_FALSE(image->section(".no.such.section"));
}

TEST(ElfImage, SaysWhatAFileIsInstead) {
  EXPECT_EQ(ElfImage::parse("").error(), "not an ELF file");
  EXPECT_EQ(ElfImage::parse("#!/bin/sh").error(), "not an ELF file");
  std::string bytes = builtPlugin();
  bytes[4] = 1;  // EI_CLASS: 32-bit
  EXPECT_THAT(ElfImage::parse(bytes).error(), HasSubstr("64-bit"));
  bytes = builtPlugin();
  bytes[18] = 40;  // e_machine: ARM
  EXPECT_THAT(ElfImage::parse(bytes).error(), HasSubstr("built for machine 40"));
}

TEST(ElfImage, SurvivesEveryTruncation) {
  const std::string bytes = builtPlugin();
  for (std::size_t size = 0; size < bytes.size(); size += size < 4096 ? 1 : 61)
    readAll(bytes.substr(0, size));
}

TEST(ElfImage, SurvivesRandomDamage) {
  const std::string original = builtPlugin();
  std::mt19937_64 random(20251124);
  const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(random() % bound); };
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = original;
    // The header, the section headers at the end and anywhere else, in turn.
    const std::size_t from = round % 3 == 1 ? bytes.size() - 64 * 40 : 0;
    const std::size_t span = round % 3 == 0 ? 64 : bytes.size() - from;
    for (std::size_t i = 0; i <= below(8); ++i)
      bytes[from + below(span)] = static_cast<char>(random());
    readAll(bytes);
  }
}

}  // namespace
}  // namespace scanhost
