// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/manifest/manifest.h"

#include <scanhost/abi/exporter.h>
#include <scanhost/abi/host_operations.h>
#include <scanhost/abi/http.h>
#include <scanhost/abi/draft/results.h>
#include <scanhost/abi/transport.h>
#include <scanhost/abi/queue.h>
#include <scanhost/abi/scanner.h>
#include <scanhost/abi/services.h>

#include <algorithm>
#include <array>
#include <limits>

#include "sdk/abi/released_size.h"

namespace scanhost {
namespace {

constexpr std::array<std::string_view, 6> known_kinds = {"scanner",   "queue",    "results",
                                                         "transport", "exporter", "operations"};

bool isWord(std::string_view text) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  char before = '-';
  for (const char c : text) {
    if (!allowed(c) && !(c == '-' && before != '-')) return false;
    before = c;
  }
  return before != '-';
}

std::string_view kindOf(std::string_view name) {
  return name.substr(0, name.find('-'));
}

/// "scanhost.scanner.local/1" is of kind "scanner".
bool isOfKind(std::string_view interface_id, std::string_view kind) {
  const std::string prefix = "scanhost." + std::string(kind);
  return interface_id.substr(0, prefix.size()) == prefix && interface_id.size() > prefix.size() &&
         (interface_id[prefix.size()] == '.' || interface_id[prefix.size()] == '/');
}

/// Reads members of one object and gathers what is wrong with them.
class MemberReader {
 public:
  MemberReader(const Json& object, std::string prefix, std::vector<std::string>& errors)
      : object_(object), prefix_(std::move(prefix)), errors_(errors) {}

  std::string text(std::string_view name) {
    const Json& value = object_[name];
    if (value.isString() && !value.asString().empty() && value.asString().size() <= 256)
      return value.asString();
    wrong(name, "a text of 1 to 256 bytes", value);
    return {};
  }
  std::uint32_t number(std::string_view name, std::int64_t least) {
    const Json& value = object_[name];
    const std::int64_t number = value.asInteger(-1);
    if (number >= least && number <= std::numeric_limits<std::int32_t>::max())
      return static_cast<std::uint32_t>(number);
    wrong(name, "an integer of at least " + std::to_string(least), value);
    return 0;
  }
  std::uint32_t numberOr(std::string_view name, std::int64_t least, std::uint32_t fallback) {
    return object_.has(name) ? number(name, least) : fallback;
  }
  bool flag(std::string_view name) {
    const Json& value = object_[name];
    if (!value.isBool() && !value.isNull()) wrong(name, "true or false", value);
    return value.asBool();
  }
  const Json& object(std::string_view name) {
    const Json& value = object_[name];
    if (!value.isObject()) wrong(name, "an object", value);
    return value;
  }
  const Json& list(std::string_view name) {
    const Json& value = object_[name];
    if (!value.isArray()) wrong(name, "a list", value);
    return value;
  }

  void wrong(std::string_view name, const std::string& wanted, const Json& found) {
    errors_.push_back(prefix_ + std::string(name) + " must be " + wanted + ", found " +
                      (found.isNull() ? std::string("nothing") : found.dump().substr(0, 60)));
  }

 private:
  const Json& object_;
  std::string prefix_;
  std::vector<std::string>& errors_;
};

constexpr std::size_t max_list = 64;

void readLists(const Json& document, Manifest& manifest, std::vector<std::string>& errors) {
  MemberReader reader(document, "", errors);
  const Json& provides = reader.list("provides");
  if (provides.isArray() && (provides.size() == 0 || provides.size() > max_list))
    errors.push_back("provides must name 1 to 64 interfaces, found " +
                     std::to_string(provides.size()));
  for (std::size_t i = 0; i < std::min(provides.size(), max_list); ++i) {
    MemberReader item(provides.items()[i], "provides[" + std::to_string(i) + "].", errors);
    manifest.provides.push_back({item.text("interface"), item.numberOr("revision", 0, 0)});
  }
  if (!document.has("requires")) return;
  const Json& needs = reader.list("requires");
  for (std::size_t i = 0; i < std::min(needs.size(), max_list); ++i) {
    MemberReader item(needs.items()[i], "requires[" + std::to_string(i) + "].", errors);
    manifest.needs.push_back(
        {item.text("service"), item.numberOr("revision", 0, 0), item.flag("optional")});
  }
}

void checkName(const Manifest& manifest, std::vector<std::string>& errors) {
  if (manifest.name.empty()) return;
  if (!isPluginName(manifest.name)) {
    errors.push_back(
        "name must be <kind>-<name> in lower case, with a kind of scanner, queue, "
        "results, transport, exporter or operations; found \"" +
        manifest.name.substr(0, 60) + "\"");
    return;
  }
  for (const Manifest::Provided& provided : manifest.provides)
    if (isOfKind(provided.interface_id, manifest.kind)) return;
  if (!manifest.provides.empty())
    errors.push_back("name says kind " + manifest.kind + ", but provides holds no scanhost." +
                     manifest.kind + " interface");
}

StoreKind readStore(const Json& document, const Manifest& manifest,
                    std::vector<std::string>& errors) {
  const Json& store = document["store"];
  const bool keeps = manifest.kind == "queue" || manifest.kind == "results";
  if (store.isNull() && !keeps) return StoreKind::none;
  if (store.asString() == "local") return StoreKind::local;
  if (store.asString() == "shared") return StoreKind::shared;
  MemberReader(document, "", errors).wrong("store", "\"local\" or \"shared\"", store);
  return StoreKind::none;
}

void readAccess(const Json& document, Manifest& manifest, std::vector<std::string>& errors) {
  manifest.network = manifest.kind == "scanner";
  if (!document.has("access")) return;
  const Json& access = MemberReader(document, "", errors).object("access");
  MemberReader reader(access, "access.", errors);
  if (access.has("network")) manifest.network = reader.flag("network");
  manifest.raw_sockets = reader.flag("raw_sockets");
  if (!access.has("files")) return;
  const Json& files = reader.list("files");
  for (std::size_t i = 0; i < std::min(files.size(), max_list); ++i) {
    const Json& path = files.items()[i];
    if (path.isString() && path.asString().size() > 1 && path.asString()[0] == '/')
      manifest.files.push_back(path.asString());
    else
      reader.wrong("files[" + std::to_string(i) + "]", "an absolute path", path);
  }
}

void readSchema(const Json& document, std::string_view name, Json& schema,
                std::vector<std::string>& errors) {
  if (document.has(name)) schema = MemberReader(document, "", errors).object(name);
}

std::string joined(const std::vector<std::string>& errors) {
  std::string all;
  for (const std::string& error : errors) all += (all.empty() ? "" : "; ") + error;
  return all;
}

std::string revisionText(std::uint32_t revision) {
  return revision == 0 ? "the stable form" : "draft revision " + std::to_string(revision);
}

}  // namespace

const char* storeKindName(StoreKind store) {
  switch (store) {
    case StoreKind::local: return "local";
    case StoreKind::shared: return "shared";
    default: return "none";
  }
}

const Manifest::Provided* Manifest::findProvided(std::string_view interface_id) const {
  for (const Provided& provided : provides)
    if (provided.interface_id == interface_id) return &provided;
  return nullptr;
}

bool isPluginName(std::string_view name) {
  const std::string_view kind = kindOf(name);
  return name.size() <= 64 && name.size() > kind.size() + 1 && isWord(name) &&
         std::find(known_kinds.begin(), known_kinds.end(), kind) != known_kinds.end();
}

tl::expected<std::string_view, std::string> manifestText(const ElfImage& image) {
  const auto section = image.section(SCANHOST_MANIFEST_SECTION);
  if (!section)
    return tl::unexpected<std::string>(
        "it has no section " SCANHOST_MANIFEST_SECTION
        ", so it is no scanhost plugin; SCANHOST_PLUGIN or SCANHOST_MANIFEST puts one in");
  std::string_view text = *section;
  while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
  if (text.size() > max_manifest_bytes)
    return tl::unexpected<std::string>("its manifest has " + std::to_string(text.size()) +
                                       " bytes; at most " + std::to_string(max_manifest_bytes) +
                                       " are read");
  return text;
}

tl::expected<Manifest, std::string> parseManifest(std::string_view text) {
  std::string why;
  const auto document = Json::tryParse(text, {32, 20'000}, &why);
  if (!document) return tl::unexpected<std::string>("the manifest is not JSON: " + why);
  if (!document->isObject())
    return tl::unexpected<std::string>(std::string("the manifest must be an object, found ") +
                                       document->typeName());
  std::vector<std::string> errors;
  MemberReader reader(*document, "", errors);
  Manifest manifest;
  manifest.name = reader.text("name");
  manifest.kind = kindOf(manifest.name);
  manifest.version = reader.text("version");
  manifest.vendor = reader.text("vendor");
  manifest.licence = reader.text("licence");
  if (const Json& abi = reader.object("abi"); abi.isObject()) {
    MemberReader versions(abi, "abi.", errors);
    manifest.abi_major = versions.number("major", 1);
    manifest.abi_min_minor = versions.numberOr("min_minor", 0, 0);
  }
  readLists(*document, manifest, errors);
  manifest.max_parallel = reader.numberOr("max_parallel", 1, 1);
  manifest.store = readStore(*document, manifest, errors);
  readAccess(*document, manifest, errors);
  readSchema(*document, "config_schema", manifest.config_schema, errors);
  readSchema(*document, "scan_schema", manifest.scan_schema, errors);
  checkName(manifest, errors);
  if (!errors.empty()) return tl::unexpected<std::string>("manifest: " + joined(errors));
  return manifest;
}

const std::vector<KnownTable>& knownInterfaces() {
  static const std::vector<KnownTable> tables = {
      {SCANHOST_SCANNER_LOCAL_ID, SCANHOST_SCANNER_REVISION, released_size<scanhost_scanner_local>},
      {SCANHOST_SCANNER_REMOTE_ID, SCANHOST_SCANNER_REVISION,
       released_size<scanhost_scanner_remote>},
      {SCANHOST_QUEUE_ID, SCANHOST_QUEUE_REVISION, released_size<scanhost_queue>},
      {SCANHOST_RESULTS_ID, SCANHOST_RESULTS_REVISION, released_size<scanhost_results>},
      {SCANHOST_TRANSPORT_ID, SCANHOST_TRANSPORT_REVISION, released_size<scanhost_transport>},
      {SCANHOST_EXPORTER_ID, SCANHOST_EXPORTER_REVISION, released_size<scanhost_exporter>},
      {SCANHOST_OPERATIONS_ID, SCANHOST_OPERATIONS_REVISION, released_size<scanhost_operations>},
  };
  return tables;
}

const std::vector<KnownTable>& knownServices() {
  static const std::vector<KnownTable> tables = {
      {SCANHOST_CLOCK_ID, SCANHOST_CLOCK_REVISION, released_size<scanhost_clock>},
      {SCANHOST_METRICS_ID, SCANHOST_METRICS_REVISION, released_size<scanhost_metrics>},
      {SCANHOST_PROCESS_ID, SCANHOST_PROCESS_REVISION, released_size<scanhost_process>},
      {SCANHOST_HTTP_ID, SCANHOST_HTTP_REVISION, released_size<scanhost_http>},
      {SCANHOST_HOST_OPERATIONS_ID, SCANHOST_HOST_OPERATIONS_REVISION,
       released_size<scanhost_host_operations>},
  };
  return tables;
}

const KnownTable* findTable(const std::vector<KnownTable>& tables, std::string_view id) {
  for (const KnownTable& table : tables)
    if (table.id == id) return &table;
  return nullptr;
}

std::vector<std::string> incompatibilities(const Manifest& manifest) {
  std::vector<std::string> reasons;
  if (manifest.abi_major != SCANHOST_ABI_MAJOR)
    reasons.push_back("it is built for ABI major " + std::to_string(manifest.abi_major) +
                      ", and this host speaks major " + std::to_string(SCANHOST_ABI_MAJOR) +
                      "; rebuild it with this host's SDK (SH-P-30)");
  else if (manifest.abi_min_minor > SCANHOST_ABI_MINOR)
    reasons.push_back("it needs ABI minor " + std::to_string(manifest.abi_min_minor) +
                      ", and this host has " + std::to_string(SCANHOST_ABI_MINOR) +
                      "; use a newer scanhost (SH-P-30)");
  for (const Manifest::Provided& provided : manifest.provides) {
    const KnownTable* table = findTable(knownInterfaces(), provided.interface_id);
    if (table && table->revision != provided.revision)
      reasons.push_back("interface " + provided.interface_id + " is of " +
                        revisionText(provided.revision) + ", and this host knows " +
                        revisionText(table->revision) +
                        "; rebuild it with this host's SDK (SH-P-31)");
  }
  for (const Manifest::Required& need : manifest.needs) {
    if (need.optional) continue;
    const KnownTable* table = findTable(knownServices(), need.service_id);
    if (!table)
      reasons.push_back("it requires the service " + need.service_id +
                        ", which this host does not have (SH-P-32)");
    else if (table->revision != need.revision)
      reasons.push_back("it requires service " + need.service_id + " of " +
                        revisionText(need.revision) + ", and this host has " +
                        revisionText(table->revision) +
                        "; rebuild it with this host's SDK (SH-P-32)");
  }
  return reasons;
}

}  // namespace scanhost
