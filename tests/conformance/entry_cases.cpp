// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The entry, its table, and hosts that are older or newer than the plugin.
#include <scanhost/text.h>

#include <fstream>
#include <sstream>

#include "sdk/manifest/elf_image.h"
#include "tests/conformance/check_case.h"
#include "tests/conformance/subject.h"

namespace scanhost::conformance {
namespace {

std::string sectionManifest(const std::string& file) {
  std::stringstream bytes;
  bytes << std::ifstream(file, std::ios::binary).rdbuf();
  const std::string contents = bytes.str();
  const auto image = ElfImage::parse(contents);
  const auto text = image ? manifestText(*image) : tl::unexpected<std::string>("");
  return text ? std::string(*text) : std::string();
}

void givesAWholeTable(Subject& subject) {
  CheckHost host;
  const scanhost_plugin* plugin = subject.enter(host);
  if (!SCANHOST_HAS(plugin, scanhost_plugin, get_interface) || !plugin->get_interface)
    throw Breach("struct_size of its table is " + std::to_string(plugin->struct_size) +
                     " and covers no get_interface",
                 std::to_string(sizeof(scanhost_plugin)) + " bytes and a get_interface",
                 "set struct_size to sizeof(scanhost_plugin)");
  if (toView(plugin->manifest) != sectionManifest(subject.options().file))
    throw Breach("the manifest in its table is not the one in section " SCANHOST_MANIFEST_SECTION,
                 "the same bytes", "give the same literal to both");
  if (subject.enter(host) != plugin)
    throw Breach("a second call of the entry answers another table", "one static table",
                 "return the address of a static");
}

void answersItsInterfaces(Subject& subject) {
  CheckHost host;
  for (const std::string& id : subject.interfaces()) {
    const scanhost_interface* table = subject.table(host, id);
    const KnownTable& known = *findTable(knownInterfaces(), id);
    if (table->struct_size < known.struct_size)
      throw Breach("its table for " + id + " has " + std::to_string(table->struct_size) + " bytes",
                   "at least " + std::to_string(known.struct_size),
                   "set struct_size to the size of the whole interface");
    if (table->revision != known.revision)
      throw Breach("its table for " + id + " is of revision " + std::to_string(table->revision),
                   "revision " + std::to_string(known.revision), "rebuild it with this SDK");
    if (subject.table(host, id) != table)
      throw Breach("get_interface gives another table for " + id + " when asked again",
                   "the same static table", "return the address of a static");
  }
}

void knowsNoOtherId(Subject& subject) {
  CheckHost host;
  const scanhost_plugin* plugin = subject.enter(host);
  std::vector<std::string> ids = {"",
                                  "x",
                                  "scanhost",
                                  "scanhost.unknown/1",
                                  std::string(100'000, 'a'),
                                  std::string("scanhost.exporter/1\0", 20),
                                  "\xFF\xFE"};
  for (const std::string& id : subject.interfaces()) {
    ids.push_back(id + "x");
    ids.push_back(id + "0");
    ids.push_back(id.substr(0, id.size() - 1));
    ids.push_back(id.substr(0, id.size() - 1) + "2");
    ids.push_back("x" + id);
  }
  for (const std::string& id : ids) {
    if (subject.provides(id)) continue;
    subject.step("get_interface(\"" + id.substr(0, 60) + "\")");
    const GuardedMemory guarded(id);
    if (plugin->get_interface(id.empty() ? scanhost_text{nullptr, 0} : guarded.text()))
      throw Breach("get_interface answers \"" + id.substr(0, 60) + "\"",
                   "null for an id that it does not provide", "compare whole ids, by their size");
  }
}

void livesOn(Subject& subject, const HostShape& shape, std::size_t appended) {
  for (const std::string& id : subject.interfaces()) {
    CheckHost host(shape, subject.programs);
    InstanceShape instance;
    instance.call.appended = appended;
    liveOnce(subject, host, id, std::move(instance));
  }
}

void worksWithTheLeastHost(Subject& subject) {
  HostShape shape;
  shape.abi_minor = subject.manifest().abi_min_minor;
  for (const Manifest::Required& need : subject.manifest().needs)
    if (need.optional) shape.missing_services.insert(need.service_id);
  for (const KnownTable& known : knownServices()) {
    bool required = false;
    for (const Manifest::Required& need : subject.manifest().needs)
      required = required || (need.service_id == known.id && !need.optional);
    if (!required) shape.missing_services.insert(std::string(known.id));
  }
  livesOn(subject, shape, 0);
}

void worksWithANewerHost(Subject& subject) {
  constexpr std::size_t appended = 64;
  HostShape shape;
  shape.abi_minor = SCANHOST_ABI_MINOR + 50;
  shape.appended = appended;
  livesOn(subject, shape, appended);
}

}  // namespace

std::vector<Case> entryCases() {
  std::vector<Case> cases = {
      {"entry.table",
       "Its entry answers one static table, with the manifest of its section.",
       {"SH-P-07", "SH-P-36", "SH-P-37", "SH-P-42"},
       givesAWholeTable},
      {"entry.interfaces",
       "It gives a whole table for each interface of its manifest.",
       {"SH-P-38", "SH-P-40", "SH-P-41", "SH-P-42"},
       answersItsInterfaces},
      {"entry.unknown-ids",
       "It answers null for every id that it does not provide.",
       {"SH-P-39"},
       knowsNoOtherId},
      {"entry.older-host",
       "It works with the oldest host that its manifest allows, without the services it can do "
       "without, "
       "and reads nothing behind what that host wrote.",
       {"SH-P-03", "SH-P-08", "SH-P-32"},
       worksWithTheLeastHost},
      {"entry.newer-host",
       "It works with a host whose structs are longer than it knows them.",
       {"SH-P-08"},
       worksWithANewerHost},
  };
  for (Case& one : cases) {
    one.is_gate = one.id == "entry.table" || one.id == "entry.interfaces";
    one.starts = one.id == "entry.older-host" || one.id == "entry.newer-host";
  }
  return cases;
}

}  // namespace scanhost::conformance
