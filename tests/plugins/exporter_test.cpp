// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Exporters through the ABI: the probe, and the two that come with scanhost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/abi/clock_service.h"
#include "host/plugins/exporter_client.h"
#include "host/plugins/metrics_service.h"
#include "host/plugins/schema.h"
#include "tests/plugins/plugin_folder.h"

namespace scanhost {
namespace {

using testing::HasSubstr;

EventPtr event(const std::string& name, Level level = Level::info) {
  return std::make_shared<const Event>(level, "test", name, "", Json::object({{"k", 1}}));
}

/// In this process, and in one of its own.
class ExporterThroughAbi : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    clock_.registerIn(services_);
    metrics_service_.registerIn(services_);
    folder_.add("exporter-probe");
    for (const char* name : {"exporter-prometheus", "exporter-jsonlog"})
      folder_.addFile(
          std::filesystem::path(SCANHOST_BINARY_DIR) / "plugins" / (std::string(name) + ".so"),
          name);
  }

  /// Started, with its settings checked as the host does.
  std::unique_ptr<ExporterClient> open(const std::string& name,
                                       const Json& settings = Json::object()) {
    const auto plugin = isIsolated() ? loader_.isolate(name) : loader_.load(name);
    if (!plugin) throw std::runtime_error(plugin.error().message);
    const auto schema = Schema::compile((*plugin)->manifest().config_schema);
    if (!schema) throw std::runtime_error(schema.error().message);
    CheckedSettings checked = schema->check(settings);
    if (!checked.problems.empty()) throw std::runtime_error(checked.problems[0].message);
    auto instance = PluginInstance::create(**plugin, SCANHOST_EXPORTER_ID,
                                           {.name = "test",
                                            .settings = std::move(checked.values),
                                            .data_dir = folder_.base() / "data",
                                            .services = &services_});
    if (!instance) throw std::runtime_error(instance.error().message);
    auto client = std::make_unique<ExporterClient>(std::move(*instance));
    if (Status ok = client->start({}); !ok) throw std::runtime_error(ok.error().message);
    return client;
  }

  static bool isIsolated() { return std::string(GetParam()) == "isolated"; }

  PluginFolder folder_;
  ServiceRegistry& services_ = *new ServiceRegistry;
  ClockService& clock_ = *new ClockService({[] { return 77; }, [] { return 88; }});
  Metrics& metrics_ = *new Metrics;
  MetricsService& metrics_service_ = *new MetricsService(metrics_);
  PluginLoader loader_{
      {.folder = folder_.path(),
       .services = &services_,
       .runner = {.program = std::filesystem::path(SCANHOST_BINARY_DIR) / "bin/scanhost-runner"}}};
};

TEST_P(ExporterThroughAbi, GivesEventsInOrderAsLines) {
  const auto probe = open("exporter-probe");
  ASSERT_TRUE(probe->takesEvents());
  EXPECT_TRUE(probe->write({event("one"), event("two")}, {}));
  const std::string life = PluginFolder::contents(folder_.base() / "data" / "life");
  EXPECT_LT(life.find("\"event\":\"one\""), life.find("\"event\":\"two\""));
}

TEST_P(ExporterThroughAbi, ReportsABatchThatWasNotWritten) {
  const auto probe = open("exporter-probe");
  const Status written = probe->write({event("a"), event("b"), event("c")}, {});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().error_class, ErrorClass::transient);
  EXPECT_EQ(written.error().subject, ErrorSubject::backend);
}

TEST_P(ExporterThroughAbi, StopsABatchWhoseCallIsCancelled) {
  const auto probe = open("exporter-probe");
  const auto cancel = std::make_shared<CancelSource>();
  cancel->cancel();
  const Status cancelled = probe->write({event("a")}, {.cancel = cancel});
  const Status late = probe->write({event("a")}, {.timeout = std::chrono::nanoseconds(0)});
  ASSERT_FALSE(cancelled);
  ASSERT_FALSE(late);
  EXPECT_EQ(cancelled.error().error_class, ErrorClass::cancelled);
  EXPECT_EQ(late.error().error_class, ErrorClass::timeout);
}

TEST_P(ExporterThroughAbi, GivesASnapshotAndTheHostsServices) {
  const auto probe = open("exporter-probe");
  const std::vector<MetricFamily> families = {
      {"scanhost_x", "X.", MetricType::gauge, {MetricSample{{}, 1.5, {}, 0, 0, {}}}}};

  const auto document = probe->render(families, "text/*", {});

  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->content_type, "application/json");
  const Json found = Json::parse(document->body);
  EXPECT_EQ(found["accept"].asString(), "text/*");
  EXPECT_EQ(found["families"].items()[0]["name"].asString(), "scanhost_x");
  EXPECT_EQ(found["families"].items()[0]["first"].asNumber(), 1.5);
  if (isIsolated())
    EXPECT_GT(found["wall_us"].asInteger(), 1'700'000'000'000'000) << "a runner has the system's";
  else
    EXPECT_EQ(found["wall_us"].asInteger(), 77);
  EXPECT_FALSE(found["unknown_service"].asBool()) << "half an id found a service";
  EXPECT_TRUE(found["counted"].asBool()) << "one series has two handles";
}

TEST_P(ExporterThroughAbi, KeepsAPluginsOwnMetrics) {
  const auto probe = open("exporter-probe");
  ASSERT_TRUE(probe->render({}, "", {}));
  for (const MetricFamily& family : metrics_.snapshot())
    if (family.name == "scanhost_probe_renders_total") {
      EXPECT_EQ(family.metrics.at(0).value, 4);
      return;
    }
  FAIL() << "the plugin's counter is missing";
}

TEST_P(ExporterThroughAbi, RefusesAnEndpointThatIsNoPath) {
  const auto probe = open("exporter-probe", Json::object({{"path", "metrics"}}));
  EXPECT_FALSE(probe->endpoint());
}

TEST_P(ExporterThroughAbi, PrometheusServesTheHostsMetrics) {
  const auto prometheus = open("exporter-prometheus");
  EXPECT_FALSE(prometheus->takesEvents());
  EXPECT_EQ(prometheus->endpoint()->value(), "/metrics");

  const auto text = prometheus->render(metrics_.snapshot(), "*/*", {});
  const auto open_metrics =
      prometheus->render(metrics_.snapshot(), "application/openmetrics-text;version=1.0.0", {});

  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(text->content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(text->body, HasSubstr("# TYPE nessus_scans_total counter\n"));
  ASSERT_TRUE(open_metrics);
  EXPECT_THAT(open_metrics->body, testing::EndsWith("# EOF\n"));
}

TEST_P(ExporterThroughAbi, PrometheusPassesPromtoolWithEveryMetricOfTheHost) {
  if (!std::filesystem::exists("/usr/bin/promtool")) GTEST_SKIP() << "promtool is not installed";
  const auto text = open("exporter-prometheus")->render(metrics_.snapshot(), "", {});
  std::FILE* promtool = popen("/usr/bin/promtool check metrics > /dev/null 2>&1", "w");
  ASSERT_NE(promtool, nullptr);
  std::fwrite(text->body.data(), 1, text->body.size(), promtool);
  // 3: names that exist for others' dashboards and that its style check would name otherwise.
  const int code = WEXITSTATUS(pclose(promtool));
  EXPECT_TRUE(code == 0 || code == 3) << code;
}

TEST_P(ExporterThroughAbi, JsonlogWritesAFile) {
  const std::filesystem::path log = folder_.base() / "events.log";
  const auto jsonlog = open("exporter-jsonlog",
                            Json::parse(R"({"output":"file","level":"warning","file":{"path":")" +
                                        log.string() + "\"}}"));
  EXPECT_TRUE(jsonlog->write({event("quiet"), event("loud", Level::error)}, {}));
  EXPECT_EQ(PluginFolder::contents(log), event("loud", Level::error)->line() + "\n");
  EXPECT_EQ(jsonlog->endpoint().value(), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Placed, ExporterThroughAbi, testing::Values("here", "isolated"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace scanhost
