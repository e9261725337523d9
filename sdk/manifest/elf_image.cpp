// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/manifest/elf_image.h"

#include <elf.h>

#include <algorithm>
#include <cstring>

namespace scanhost {
namespace {

#if defined(__x86_64__)
constexpr std::uint16_t this_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t this_machine = EM_AARCH64;
#else
#error "name this machine's ELF number here"
#endif

std::string machineName(std::uint16_t machine) {
  switch (machine) {
    case EM_X86_64: return "x86-64";
    case EM_AARCH64: return "aarch64";
    default: return "machine " + std::to_string(machine);
  }
}

/// A copy of the struct at `offset`, or nothing when it does not lie within the bytes.
template <class T>
std::optional<T> readAt(std::string_view bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

std::optional<std::string_view> slice(std::string_view bytes, std::uint64_t offset,
                                      std::uint64_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset) return std::nullopt;
  return bytes.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
}

tl::expected<Elf64_Ehdr, std::string> readHeader(std::string_view bytes) {
  const auto header = readAt<Elf64_Ehdr>(bytes, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
    return tl::unexpected<std::string>("not an ELF file");
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB)
    return tl::unexpected<std::string>("not a 64-bit little-endian ELF file");
  if (header->e_type != ET_DYN)
    return tl::unexpected<std::string>("an ELF file, but not a shared object (type " +
                                       std::to_string(header->e_type) + ")");
  if (header->e_machine != this_machine)
    return tl::unexpected<std::string>("built for " + machineName(header->e_machine) +
                                       ", and this host is " + machineName(this_machine));
  if (header->e_shnum == 0 || header->e_shentsize != sizeof(Elf64_Shdr) ||
      header->e_shstrndx >= header->e_shnum)
    return tl::unexpected<std::string>("damaged: its section headers are missing");
  return *header;
}

}  // namespace

tl::expected<ElfImage, std::string> ElfImage::parse(std::string_view bytes) {
  const auto header = readHeader(bytes);
  if (!header) return tl::unexpected<std::string>(header.error());
  ElfImage image;
  image.section_names_ = header->e_shstrndx;
  const auto table =
      slice(bytes, header->e_shoff, std::uint64_t{header->e_shnum} * sizeof(Elf64_Shdr));
  if (!table)
    return tl::unexpected<std::string>("cut short: its section headers lie outside the file");
  for (std::uint64_t i = 0; i < header->e_shnum; ++i) {
    const auto entry = readAt<Elf64_Shdr>(*table, i * sizeof(Elf64_Shdr));
    Section section{entry->sh_name, entry->sh_type, entry->sh_link, {}};
    if (entry->sh_type != SHT_NOBITS && entry->sh_type != SHT_NULL) {
      const auto contents = slice(bytes, entry->sh_offset, entry->sh_size);
      if (!contents)
        return tl::unexpected<std::string>("cut short: section " + std::to_string(i) +
                                           " lies outside the file");
      section.contents = *contents;
    }
    image.sections_.push_back(section);
  }
  return image;
}

std::string_view ElfImage::nameAt(std::uint32_t strings, std::uint64_t offset) const {
  if (strings >= sections_.size()) return {};
  const std::string_view table = sections_[strings].contents;
  if (offset >= table.size()) return {};
  const std::string_view rest = table.substr(static_cast<std::size_t>(offset));
  const std::size_t end = rest.find('\0');
  return end == std::string_view::npos ? std::string_view() : rest.substr(0, end);
}

std::optional<std::string_view> ElfImage::section(std::string_view name) const {
  for (const Section& section : sections_)
    if (section.type == SHT_PROGBITS && nameAt(section_names_, section.name) == name)
      return section.contents;
  return std::nullopt;
}

std::vector<std::string> ElfImage::exportedSymbols() const {
  std::vector<std::string> names;
  for (const Section& section : sections_) {
    if (section.type != SHT_DYNSYM) continue;
    const std::size_t count = std::min(section.contents.size() / sizeof(Elf64_Sym), max_symbols);
    for (std::size_t i = 0; i < count; ++i) {
      const auto symbol = readAt<Elf64_Sym>(section.contents, i * sizeof(Elf64_Sym));
      const auto visibility = ELF64_ST_VISIBILITY(symbol->st_other);
      if (symbol->st_shndx == SHN_UNDEF || ELF64_ST_BIND(symbol->st_info) == STB_LOCAL) continue;
      if (visibility == STV_HIDDEN || visibility == STV_INTERNAL) continue;
      const std::string_view name = nameAt(section.link, symbol->st_name);
      if (!name.empty()) names.emplace_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::vector<std::string> ElfImage::neededLibraries() const {
  std::vector<std::string> names;
  for (const Section& section : sections_) {
    if (section.type != SHT_DYNAMIC) continue;
    for (std::uint64_t at = 0; auto entry = readAt<Elf64_Dyn>(section.contents, at);
         at += sizeof(Elf64_Dyn)) {
      if (entry->d_tag == DT_NULL) break;
      const std::string_view name = nameAt(section.link, entry->d_un.d_val);
      if (entry->d_tag == DT_NEEDED && !name.empty()) names.emplace_back(name);
      if (names.size() >= max_symbols) break;
    }
  }
  return names;
}

std::string ElfImage::buildId() const {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::size_t longest = 64;
  for (const Section& section : sections_) {
    if (section.type != SHT_NOTE || nameAt(section_names_, section.name) != ".note.gnu.build-id")
      continue;
    const auto note = readAt<Elf64_Nhdr>(section.contents, 0);
    if (!note || note->n_type != NT_GNU_BUILD_ID || note->n_descsz > longest) return {};
    const std::uint64_t name_bytes = (std::uint64_t{note->n_namesz} + 3) & ~std::uint64_t{3};
    const auto id = slice(section.contents, sizeof(Elf64_Nhdr) + name_bytes, note->n_descsz);
    std::string text;
    for (const char byte : id.value_or(std::string_view())) {
      text += digits[static_cast<unsigned char>(byte) >> 4];
      text += digits[static_cast<unsigned char>(byte) & 15];
    }
    return text;
  }
  return {};
}

}  // namespace scanhost
