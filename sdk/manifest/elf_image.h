// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A shared object as bytes: its sections and what it exports, without loading it.
///
/// A constructor runs before any check of a loaded library can, so what a plugin says of itself is
/// read from the file. The file is hostile until proven otherwise: every offset, size and name is
/// held against the bytes there are. Reads 64-bit little-endian ELF (System V gABI, chapter 4).
///
/// Borrows the bytes, which must outlive it. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace scanhost {

class ElfImage {
 public:
  /// The error says what was found instead of a shared object for this machine.
  static tl::expected<ElfImage, std::string> parse(std::string_view bytes);

  /// The contents of a section; nothing when there is none of that name.
  std::optional<std::string_view> section(std::string_view name) const;
  /// Names of the dynamic symbols that it defines, sorted, at most `max_symbols`.
  std::vector<std::string> exportedSymbols() const;
  /// Shared objects that it asks for (DT_NEEDED).
  std::vector<std::string> neededLibraries() const;
  /// The linker's build id (.note.gnu.build-id) in hexadecimal; empty when there is none.
  std::string buildId() const;

  static constexpr std::size_t max_symbols = 100'000;

 private:
  struct Section {
    std::uint32_t name = 0;
    std::uint32_t type = 0;
    std::uint32_t link = 0;
    std::string_view contents;  ///< empty for sections that take no room in the file
  };

  ElfImage() = default;
  std::string_view nameAt(std::uint32_t strings, std::uint64_t offset) const;

  std::vector<Section> sections_;
  std::uint32_t section_names_ = 0;
};

}  // namespace scanhost
