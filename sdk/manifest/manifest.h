// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a plugin says of itself, read from its file without running a line of it.
///
/// The document lies in the ELF section `.scanhost.manifest`; its members are listed in
/// docs/reference/abi.md. Members this SDK does not know are ignored, for a newer one may have
/// added them; a known member of the wrong kind is an error. Plain values; any thread.
#pragma once

#include <scanhost/json.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "sdk/manifest/elf_image.h"

namespace scanhost {

/// Where a queue or results plugin keeps what it is given.
enum class StoreKind { none, local, shared };

const char* storeKindName(StoreKind store);

struct Manifest {
  struct Provided {
    std::string interface_id;
    std::uint32_t revision = 0;  ///< 0: stable
  };
  struct Required {
    std::string service_id;
    std::uint32_t revision = 0;
    bool optional = false;
  };

  std::string name;  ///< "<kind>-<name>"
  std::string kind;  ///< "scanner", "queue", "results", "transport", "exporter" or "operations"
  std::string version, vendor, licence;
  std::uint32_t abi_major = 0;
  std::uint32_t abi_min_minor = 0;
  std::vector<Provided> provides;
  std::vector<Required> needs;  ///< the member "requires"
  std::uint32_t max_parallel = 1;
  StoreKind store = StoreKind::none;
  /// What an isolated instance may reach beyond the system's libraries and its data folder.
  bool network = false;            ///< "access.network"; a scanner's default is true
  bool raw_sockets = false;        ///< "access.raw_sockets": keeps CAP_NET_RAW where the host has it
  std::vector<std::string> files;  ///< "access.files": absolute paths that it reads
  Json config_schema = Json::object({{"type", "object"}, {"additionalProperties", false}});
  Json scan_schema = Json::object({{"type", "object"}, {"additionalProperties", false}});

  const Provided* findProvided(std::string_view interface_id) const;
};

inline constexpr std::size_t max_manifest_bytes = 256u << 10;

/// True for "<kind>-<name>" with a kind this SDK knows and a name of `[a-z0-9]` and single dashes:
/// what becomes a file's name.
bool isPluginName(std::string_view name);

/// The manifest's text in the image, without the zero byte that ends the literal it came from.
tl::expected<std::string_view, std::string> manifestText(const ElfImage& image);

/// Reads the document. The error names every member that is wrong, separated by "; ".
tl::expected<Manifest, std::string> parseManifest(std::string_view text);

/// An interface or host service that this SDK has a header for.
struct KnownTable {
  std::string_view id;
  std::uint32_t revision = 0;
  std::uint32_t struct_size = 0;  ///< the least: as it was released
};
const std::vector<KnownTable>& knownInterfaces();
const std::vector<KnownTable>& knownServices();
const KnownTable* findTable(const std::vector<KnownTable>& tables, std::string_view id);

/// Why a plugin of this manifest cannot work with a host built from this SDK; empty when it can.
std::vector<std::string> incompatibilities(const Manifest& manifest);

}  // namespace scanhost
