// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What can be told of the file without running it, and that it loads as a host loads it.
#include <algorithm>
#include <chrono>

#include "tests/conformance/check_case.h"
#include "tests/conformance/process_state.h"
#include "tests/conformance/subject.h"

namespace scanhost::conformance {
namespace {

constexpr std::chrono::milliseconds load_limit{100};

void manifestFits(Subject& subject) {
  std::vector<std::string> reasons = incompatibilities(subject.manifest());
  const std::string stem = std::filesystem::path(subject.options().file).stem().string();
  if (stem != subject.manifest().name)
    reasons.push_back("the file must be named " + subject.manifest().name + ".so, found " + stem +
                      ".so");
  if (!reasons.empty())
    throw Breach("a host would refuse it: " + joined(reasons), "a manifest that fits this SDK",
                 "rebuild it with this SDK, and correct the manifest");
}

void exportsItsEntryAlone(Subject& subject) {
  std::vector<std::string> more = subject.inspection().exports;
  const auto entry = std::remove(more.begin(), more.end(), SCANHOST_PLUGIN_ENTRY_NAME);
  if (entry == more.end())
    throw Breach("it does not export " SCANHOST_PLUGIN_ENTRY_NAME, "that one symbol",
                 "end plugin.cpp with SCANHOST_PLUGIN(manifest, YourClass)");
  more.erase(entry, more.end());
  if (!more.empty())
    throw Breach("it also exports " + joined(more), "its entry alone",
                 "build it with scanhost_add_plugin, or link it with the SDK's plugin.map");
}

void needsOneRuntime(Subject& subject) {
  std::vector<std::string> runtimes;
  for (const std::string& library : subject.inspection().libraries)
    if (library.rfind("libstdc++.so", 0) == 0 || library.rfind("libc++.so", 0) == 0)
      runtimes.push_back(library);
  if (runtimes.size() > 1)
    throw Breach("it needs " + joined(runtimes), "one C++ runtime, or none",
                 "build all of its parts with one standard library");
}

void needsNothingBesideIt(Subject& subject) {
  subject.library();
}

void loadsQuickly(Subject& subject) {
  const auto begun = std::chrono::steady_clock::now();
  subject.library();
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begun);
  if (took >= load_limit)
    throw Breach("it took " + std::to_string(took.count()) + " ms to load", "less than 100 ms",
                 "do in create or start what constructors of static objects do now");
}

void loadingChangesNothing(Subject& subject) {
  const auto settings = processSettings();
  const Holdings holdings = Holdings::now();
  subject.library();
  std::vector<std::string> found = changes(settings, processSettings());
  for (std::string& line : leftBehind(holdings)) found.push_back(std::move(line));
  if (!found.empty())
    throw Breach("loading it left " + joined(found), "a process as it was before",
                 "run nothing from constructors; start threads and open files in start");
}

}  // namespace

std::vector<Case> fileCases() {
  std::vector<Case> cases = {
      {"file.manifest",
       "Its manifest fits a host of this SDK, and its file is named after it.",
       {"SH-P-26", "SH-P-29", "SH-P-30", "SH-P-31", "SH-P-32"},
       manifestFits},
      {"file.exports", "It exports its entry and nothing else.", {"SH-P-33"}, exportsItsEntryAlone},
      {"file.runtime", "It needs one C++ runtime at most.", {"SH-P-43"}, needsOneRuntime},
      {"file.symbols",
       "Every symbol that it uses is defined, and it needs no library beside it.",
       {"SH-P-34", "SH-P-35"},
       needsNothingBesideIt},
      {"file.load-time", "It is loaded in less than 100 ms.", {"SH-P-94"}, loadsQuickly},
      {"file.load-effects",
       "Loading it starts no thread, opens nothing and changes no setting of the process.",
       {"SH-P-48", "SH-P-49"},
       loadingChangesNothing},
  };
  for (Case& one : cases) {
    one.starts = false;
    one.is_gate = one.id == "file.manifest" || one.id == "file.symbols";
  }
  return cases;
}

}  // namespace scanhost::conformance
