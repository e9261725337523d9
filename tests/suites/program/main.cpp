// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanhost-plugin-suites FILE.so SETTINGS [GoogleTest options]: the behaviour suites of the
/// interfaces that a plugin provides, run against it. `scanhost-plugin check` starts it.
///
/// SETTINGS is the plugin's `config:` as JSON. In its texts ${folder} stands for a fresh folder and
/// ${unique} for a fresh word, for each case has a store of its own.
#include <sysexits.h>

#include <cstdio>
#include <filesystem>

#include "host/base/random.h"
#include "host/plugins/schema.h"
#include "sdk/tool/inspect.h"
#include "tests/suites/queue_suite.h"
#include "tests/suites/results_suite.h"
#include "tests/support/folder.h"

namespace scanhost::suites {
namespace {

/// The plugin on the command line. Set before any case is made.
struct Subject {
  std::string file;
  Manifest manifest;
  Json settings;
};
Subject& subject() {
  static Subject one;
  return one;
}

bool provides(std::string_view interface_id) {
  return subject().manifest.findProvided(interface_id) != nullptr;
}

std::string replaced(std::string text, std::string_view what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

/// A store for one case: its settings have a folder and a word of their own.
template <class Backend, const char* InterfaceId>
class SubjectBackend : public Backend {
 public:
  std::unique_ptr<LoadedPlugin> open() override {
    std::string settings = replaced(subject().settings.dump(), "${folder}", folder_.path());
    settings = replaced(std::move(settings), "${unique}", unique_);
    return std::make_unique<LoadedPlugin>(subject().file, InterfaceId, settings, folder_.path());
  }

 private:
  testing_support::Folder folder_;
  const std::string unique_ = toHex(randomBytes<8>());
};

constexpr char queue_id[] = SCANHOST_QUEUE_ID;
constexpr char results_id[] = SCANHOST_RESULTS_ID;

std::vector<QueueCase> queueCases() {
  if (!provides(queue_id)) return {};
  return {{"check", [] { return std::make_unique<SubjectBackend<QueueBackend, queue_id>>(); }}};
}
std::vector<ResultsCase> resultsCases() {
  if (!provides(results_id)) return {};
  return {{"check", [] { return std::make_unique<SubjectBackend<ResultsBackend, results_id>>(); }}};
}

INSTANTIATE_TEST_SUITE_P(Queues, QueueSuite, testing::ValuesIn(queueCases()), caseName);
INSTANTIATE_TEST_SUITE_P(Results, ResultsSuite, testing::ValuesIn(resultsCases()), resultsCaseName);

/// Whether a store starts with these settings. Where none does, the cases would all say the same.
Status tryStart() {
  if (provides(queue_id))
    if (const Status done = SubjectBackend<QueueBackend, queue_id>().open()->start(); !done)
      return done;
  if (provides(results_id)) return SubjectBackend<ResultsBackend, results_id>().open()->start();
  return {};
}

int fail(int code, const std::string& message) {
  std::fprintf(stderr, "scanhost-plugin-suites: %s\n", message.c_str());
  return code;
}

int run(int argc, char** argv) {
  if (argc < 3) return fail(EX_USAGE, "give a plugin's .so and its settings as JSON");
  auto inspection = inspectPlugin(argv[1]);
  if (!inspection) return fail(EX_DATAERR, inspection.error());
  const auto given = Json::tryParse(argv[2]);
  if (!given || !given->isObject()) return fail(EX_USAGE, "the settings are no JSON object");
  const auto schema = Schema::compile(inspection->manifest.config_schema);
  if (!schema) return fail(EX_DATAERR, schema.error().message);
  const CheckedSettings checked = schema->check(*given);
  if (!checked.problems.empty())
    return fail(EX_USAGE, "settings" + checked.problems.front().pointer + ": " +
                              checked.problems.front().message);
  subject() = {std::filesystem::absolute(argv[1]).string(), std::move(inspection->manifest),
               checked.values};
  if (!provides(queue_id) && !provides(results_id))
    return fail(EX_UNAVAILABLE,
                "it provides neither a queue nor a result store; only these have "
                "suites");
  argv[2] = argv[0];
  int rest = argc - 2;
  testing::InitGoogleTest(&rest, argv + 2);
  if (GTEST_FLAG_GET(list_tests))
    if (const Status started = tryStart(); !started)
      return fail(EX_UNAVAILABLE, "no store starts: " + started.error().message);
  return RUN_ALL_TESTS();
}

}  // namespace
}  // namespace scanhost::suites

int main(int argc, char** argv) {
  return scanhost::suites::run(argc, argv);
}
