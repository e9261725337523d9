// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/tool/inspect.h"

#include <openssl/evp.h>
#include <scanhost/abi/plugin.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace scanhost {
namespace {

constexpr std::uintmax_t max_file_bytes = 512u << 20;
constexpr std::size_t max_shown_exports = 20;

tl::expected<std::string, std::string> readWhole(const std::string& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    return tl::unexpected<std::string>(error ? error.message() : "not a regular file");
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (error) return tl::unexpected<std::string>(error.message());
  if (size > max_file_bytes)
    return tl::unexpected<std::string>("it has " + std::to_string(size) + " bytes, at most " +
                                       std::to_string(max_file_bytes) + " are read");
  std::ifstream in(file, std::ios::binary);
  std::string bytes(static_cast<std::size_t>(size), '\0');
  if (!in.read(bytes.data(), static_cast<std::streamsize>(size)))
    return tl::unexpected<std::string>(std::string("cannot be read: ") + std::strerror(errno));
  return bytes;
}

std::string sha256Hex(std::string_view bytes) {
  std::array<unsigned char, 32> digest{};
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  std::string hex;
  for (const unsigned char byte : digest) {
    char pair[3];
    std::snprintf(pair, sizeof pair, "%02x", byte);
    hex += pair;
  }
  return hex;
}

void checkExports(const std::vector<std::string>& exports, std::vector<std::string>& problems) {
  const bool has_entry =
      std::find(exports.begin(), exports.end(), SCANHOST_PLUGIN_ENTRY_NAME) != exports.end();
  if (!has_entry)
    problems.push_back("it does not export " SCANHOST_PLUGIN_ENTRY_NAME
                       "; SCANHOST_PLUGIN defines it, and scanhost_add_plugin exports it");
  if (exports.size() > (has_entry ? 1u : 0u))
    problems.push_back(
        "it exports more than its entry, which may clash with the host's or another "
        "plugin's symbols; build it with scanhost_add_plugin");
}

std::string revisionText(std::uint32_t revision) {
  return revision == 0 ? "stable" : "draft revision " + std::to_string(revision);
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

/// What the file says is the vendor's text: nothing in it may steer the reader's terminal.
std::string printable(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  return text;
}

void addLine(std::string& out, std::string_view label, const std::string& value) {
  std::string line(label);
  line.resize(14, ' ');
  out += line + printable(value) + "\n";
}

void addSchema(std::string& out, std::string_view title, const Json& schema) {
  const Json& properties = schema["properties"];
  if (properties.size() == 0) return;
  out += "\n" + std::string(title) + "\n";
  for (const auto& [name, property] : properties.members()) {
    std::string line = "  " + name;
    line.resize(std::max<std::size_t>(line.size() + 1, 22), ' ');
    line += property["type"].isString() ? property["type"].asString() : "any";
    for (const Json& required : schema["required"].items())
      if (required.asString() == name) line += ", required";
    if (property.has("default")) line += ", default " + property["default"].dump();
    if (property["x-secret"].asBool()) line += ", secret";
    out += printable(line) + "\n";
  }
}

Json tableList(const Manifest& manifest) {
  Json list = Json::array();
  for (const Manifest::Provided& provided : manifest.provides)
    list.push(
        Json::object({{"interface", provided.interface_id}, {"revision", provided.revision}}));
  return list;
}

Json needList(const Manifest& manifest) {
  Json list = Json::array();
  for (const Manifest::Required& need : manifest.needs)
    list.push(Json::object(
        {{"service", need.service_id}, {"revision", need.revision}, {"optional", need.optional}}));
  return list;
}

Json textList(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push(text);
  return list;
}

int runInspect(const std::string& file, bool as_json) {
  const auto inspection = inspectPlugin(file);
  if (!inspection) {
    if (as_json)
      std::cout << Json::object({{"file", file}, {"error", inspection.error()}}).dump() << "\n";
    else
      std::cerr << "scanhost-plugin: " << printable(file + ": " + inspection.error()) << "\n";
    return 2;
  }
  std::cout << (as_json ? inspectionJson(*inspection).dump() + "\n" : inspectionText(*inspection));
  return inspection->problems.empty() ? 0 : 1;
}

}  // namespace

tl::expected<Inspection, std::string> inspectPlugin(const std::string& file) {
  const auto bytes = readWhole(file);
  if (!bytes) return tl::unexpected<std::string>(bytes.error());
  const auto image = ElfImage::parse(*bytes);
  if (!image) return tl::unexpected<std::string>(image.error());
  const auto text = manifestText(*image);
  if (!text) return tl::unexpected<std::string>(text.error());
  auto manifest = parseManifest(*text);
  if (!manifest) return tl::unexpected<std::string>(manifest.error());

  Inspection inspection;
  inspection.file = file;
  inspection.sha256 = sha256Hex(*bytes);
  inspection.exports = image->exportedSymbols();
  inspection.libraries = image->neededLibraries();
  inspection.problems = incompatibilities(*manifest);
  checkExports(inspection.exports, inspection.problems);
  if (const std::string stem = std::filesystem::path(file).stem().string(); stem != manifest->name)
    inspection.problems.push_back("the file must be named " + manifest->name + ".so, found " +
                                  stem + ".so");
  inspection.manifest = std::move(*manifest);
  return inspection;
}

Json inspectionJson(const Inspection& inspection) {
  const Manifest& manifest = inspection.manifest;
  return Json::object({{"file", inspection.file},
                       {"sha256", inspection.sha256},
                       {"name", manifest.name},
                       {"kind", manifest.kind},
                       {"version", manifest.version},
                       {"vendor", manifest.vendor},
                       {"licence", manifest.licence},
                       {"abi", Json::object({{"major", manifest.abi_major},
                                             {"min_minor", manifest.abi_min_minor}})},
                       {"provides", tableList(manifest)},
                       {"requires", needList(manifest)},
                       {"max_parallel", manifest.max_parallel},
                       {"store", storeKindName(manifest.store)},
                       {"exports", textList(inspection.exports)},
                       {"libraries", textList(inspection.libraries)},
                       {"config_schema", manifest.config_schema},
                       {"scan_schema", manifest.scan_schema},
                       {"problems", textList(inspection.problems)},
                       {"usable", inspection.problems.empty()}});
}

std::string inspectionText(const Inspection& inspection) {
  const Manifest& manifest = inspection.manifest;
  std::string out;
  addLine(out, "name", manifest.name + " " + manifest.version);
  addLine(out, "vendor", manifest.vendor);
  addLine(out, "licence", manifest.licence);
  addLine(out, "ABI",
          "major " + std::to_string(manifest.abi_major) + ", minor " +
              std::to_string(manifest.abi_min_minor) + " or later (this SDK: " +
              std::to_string(SCANHOST_ABI_MAJOR) + "." + std::to_string(SCANHOST_ABI_MINOR) + ")");
  for (const Manifest::Provided& provided : manifest.provides)
    addLine(
        out, "provides",
        provided.interface_id + ", " + revisionText(provided.revision) +
            (findTable(knownInterfaces(), provided.interface_id) ? "" : ", unknown to this SDK"));
  for (const Manifest::Required& need : manifest.needs)
    addLine(
        out, "requires",
        need.service_id + ", " + revisionText(need.revision) + (need.optional ? ", optional" : ""));
  addLine(out, "max parallel", std::to_string(manifest.max_parallel));
  if (manifest.store != StoreKind::none) addLine(out, "store", storeKindName(manifest.store));
  std::vector<std::string> shown = inspection.exports;
  if (shown.size() > max_shown_exports) {
    const std::size_t more = shown.size() - max_shown_exports;
    shown.resize(max_shown_exports);
    shown.push_back("and " + std::to_string(more) + " more");
  }
  addLine(out, "exports", joined(shown));
  addLine(out, "libraries", joined(inspection.libraries));
  addLine(out, "SHA-256", inspection.sha256);
  addSchema(out, "Settings (config:)", manifest.config_schema);
  addSchema(out, "Settings of one scan", manifest.scan_schema);
  out += inspection.problems.empty() ? "\nFits this SDK.\n" : "\nWould be refused:\n";
  for (const std::string& problem : inspection.problems) out += "  " + printable(problem) + "\n";
  return out;
}

void addInspect(CLI::App& app, int& exit_code) {
  struct Arguments {
    std::string file;
    bool json = false;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("inspect", "Print a plugin's manifest without running it");
  command->add_option("FILE", arguments->file, "The plugin's .so")->required();
  command->add_flag("--json", arguments->json, "One JSON object");
  command->callback(
      [arguments, &exit_code] { exit_code = runInspect(arguments->file, arguments->json); });
}

}  // namespace scanhost
