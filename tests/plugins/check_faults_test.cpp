// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Every case of `scanhost-plugin check` can fail: for each there is a plugin with that one fault.
/// The first comment of a plugin's source in check_faults/ says which: "Fails life.repeated: ...".
#include <gmock/gmock.h>

#include <cctype>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>

#include "tests/plugins/plugin_folder.h"
#include "tests/support/child_process.h"

namespace scanhost {
namespace {

using testing::HasSubstr;
using testing_support::Finished;

const std::string recordings = SCANHOST_SOURCE_DIR "/tests/plugins/recordings/";

struct Fault {
  std::string plugin;          ///< "exporter-keeps-thread"
  std::string case_id;         ///< "life.repeated"
  std::string recording = "";  ///< a file of recordings/; empty: none is needed
};
void PrintTo(const Fault& fault, std::ostream* out) {
  *out << fault.plugin;
}

/// Those that the loader finds, too: their sources lie in faults/.
const std::vector<Fault> loader_faults = {
    {"exporter-abi-major-2", "file.manifest"},
    {"exporter-misnamed", "file.manifest"},
    {"exporter-no-entry", "file.exports"},
    {"exporter-undefined-symbol", "file.symbols"},
    {"exporter-other-manifest", "entry.table"},
    {"exporter-null-table", "entry.table"},
    {"exporter-short-interface", "entry.interfaces"},
    {"exporter-null-create", "entry.interfaces"},
    {"exporter-any-interface", "entry.unknown-ids"},
};

std::vector<Fault> faults() {
  std::vector<Fault> all = loader_faults;
  const std::regex case_id("Fails ([a-z0-9.-]+):"), name("PLUGIN_NAME \"([a-z0-9-]+)\""),
      recording("With --recording ([a-z.]+)[.,]");
  const std::filesystem::path folder =
      std::filesystem::path(SCANHOST_SOURCE_DIR) / "tests/plugins/check_faults";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".c" && entry.path().extension() != ".cpp") continue;
    const std::string source = PluginFolder::contents(entry.path());
    std::smatch found, named, recorded;
    if (std::regex_search(source, found, case_id) && std::regex_search(source, named, name))
      all.push_back({named[1], found[1],
                     std::regex_search(source, recorded, recording) ? recorded[1].str() : ""});
    else
      all.push_back({entry.path().filename().string(), "says no case"});
  }
  return all;
}

Finished check(const std::string& plugin, std::vector<std::string> more) {
  more.insert(more.begin(),
              {SCANHOST_PLUGIN_TOOL, "check", SCANHOST_FIXTURE_DIR "/" + plugin + ".so"});
  return testing_support::run({more, {}, {}});
}

class CheckFault : public testing::TestWithParam<Fault> {};

TEST_P(CheckFault, FailsItsCaseAndSaysHowToRepeatIt) {
  const Fault& fault = GetParam();
  std::vector<std::string> words = {"--only", fault.case_id};
  if (!fault.recording.empty())
    words.insert(words.end(), {"--recording", recordings + fault.recording, "--config",
                               R"({"url": "${backend}"})"});
  const Finished run = check(fault.plugin, words);
  EXPECT_EQ(run.exit_code, 1) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("FAILED " + fault.case_id + "\n"));
  EXPECT_THAT(run.out, HasSubstr("again: scanhost-plugin check "));
  EXPECT_THAT(run.out, HasSubstr("--only " + fault.case_id));
}

std::string faultName(const testing::TestParamInfo<Fault>& info) {
  std::string name;
  bool capital = true;
  for (const char c : info.param.plugin.substr(info.param.plugin.find('-') + 1)) {
    const bool letter = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (letter) name += capital ? static_cast<char>(std::toupper(c)) : c;
    capital = !letter;
  }
  return name;
}
INSTANTIATE_TEST_SUITE_P(Each, CheckFault, testing::ValuesIn(faults()), faultName);

TEST(CheckFaults, AreThereForEveryCaseOfAPlugin) {
  std::set<std::string> covered;
  for (const Fault& fault : faults()) covered.insert(fault.case_id);
  // A fault here needs a client of its own; scanner-nessus's tests hold what these try.
  covered.insert({"remote.foreign", "remote.faults"});
  int cases = 0;
  for (const char* plugin : {"exporter-good", "scanner-deaf", "scanner-starts-twice", "transport-silent"}) {
    std::istringstream lines(check(plugin, {"--list"}).out);
    for (std::string line; std::getline(lines, line); ++cases)
      EXPECT_TRUE(covered.count(line.substr(0, line.find(' ')))) << line;
  }
  EXPECT_GT(cases, 100);
}

TEST(CheckFaults, AreNotSeenInAPluginWithoutFault) {
  for (const char* plugin : {"exporter-good", "exporter-longer-tables"})
    EXPECT_EQ(check(plugin, {}).exit_code, 0) << plugin;
}

}  // namespace
}  // namespace scanhost
