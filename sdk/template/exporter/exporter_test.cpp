// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// The plugin as a node uses it: loaded, entered through the ABI.
#include <scanhost/testing/check.h>
#include <scanhost/testing/exporter.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>

using namespace scanhost::plugintest;
using scanhost::Json;
using scanhost::LogLevel;

namespace {

struct Folder {
  Folder() {
    if (!mkdtemp(path)) throw std::runtime_error("mkdtemp failed");
  }
  std::string events() const {
    std::ifstream in(std::string(path) + "/events.jsonl");
    return {std::istreambuf_iterator<char>(in), {}};
  }
  char path[32] = "/tmp/exporter-test-XXXXXX";
};

}  // namespace

SCANHOST_TEST(EventsOfItsLevelBecomeLines) {
  const Folder folder;
  TestHost host;
  const TestPlugin plugin(SCANHOST_PLUGIN_FILE, host);
  ExporterUnderTest exporter(plugin, Json::object(), folder.path);
  exporter.events({{LogLevel::info, "tasks", "task_started", Json::object()},
                   {LogLevel::error, "tasks", "task_failed", Json::object({{"task_id", "7"}})}});
  SCANHOST_EXPECT_EQUAL(folder.events(),
                        "{\"component\":\"tasks\",\"event\":\"task_failed\",\"task_id\":\"7\"}\n");
}

SCANHOST_TEST(AFolderThatIsGoneIsTheBackendsTrouble) {
  TestHost host;
  const TestPlugin plugin(SCANHOST_PLUGIN_FILE, host);
  const auto error = errorOf([&] { ExporterUnderTest(plugin, Json::object(), "/nowhere"); });
  SCANHOST_EXPECT(error.errorClass() == scanhost::ErrorClass::transient);
  SCANHOST_EXPECT(error.subject() == scanhost::ErrorSubject::backend);
}

SCANHOST_TEST(MetricsAreServedAsJson) {
  const Folder folder;
  TestHost host;
  const TestPlugin plugin(SCANHOST_PLUGIN_FILE, host);
  ExporterUnderTest exporter(plugin, Json::object(), folder.path);
  SCANHOST_EXPECT_EQUAL(exporter.endpoint(), "/@SHORT@");
  const auto rendered =
      exporter.render({{"scanhost_tasks", "Tasks.", SCANHOST_METRIC_GAUGE, 3}});
  SCANHOST_EXPECT_EQUAL(rendered.content_type, "application/json");
  SCANHOST_EXPECT_EQUAL(Json::parse(rendered.body)["scanhost_tasks"].items().at(0)["value"].asNumber(),
                        3.0);
}

SCANHOST_TEST_MAIN()
