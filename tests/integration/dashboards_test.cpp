// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A real Prometheus scrapes a real run of the service with packaging/prometheus' rules, and then
/// is asked every expression of every panel and rule: each returns data.
#include <Poco/URI.h>
#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

#include "tests/boards/boards.h"
#include "tests/integration/service.h"

namespace scanhost::integration {
namespace {

using boards::Rule;
using testing_support::ChildProcess;
using testing_support::Command;
using testing_support::NessusSimulator;
using namespace std::chrono_literals;

void replaceAll(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

/// On a free port of loopback, with a store of its own; scrapes and evaluates every second.
class Prometheus {
 public:
  explicit Prometheus(const Service& scraped) {
    std::string config = "global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files:\n";
    for (const auto& path : boards::ruleFiles()) {
      std::string text = boards::readFile(path);
      replaceAll(text, "interval: 10m", "interval: 1s");
      config += "  - " + folder_.write(path.filename(), text).string() + "\n";
    }
    config +=
        "scrape_configs:\n  - job_name: scanhost\n    static_configs: [{targets: "
        "[\"127.0.0.1:" +
        std::to_string(scraped.port()) + "\"]}]\n";
    process_.emplace(
        Command{{"prometheus", "--config.file=" + folder_.write("prometheus.yml", config).string(),
                 "--storage.tsdb.path=" + (folder_.path() / "data").string(),
                 "--web.listen-address=127.0.0.1:0"},
                {},
                folder_.path().string()});
    const std::string listening = "msg=\"Listening on\" address=127.0.0.1:";
    if (!process_->waitFor(listening) || !process_->waitFor("Server is ready"))
      throw std::runtime_error(process_->err());
    const std::string said = process_->err();
    port_ =
        static_cast<std::uint16_t>(std::stoi(said.substr(said.find(listening) + listening.size())));
  }

  Json ask(const std::string& path) const { return Json::parse(httpGet(port_, path)); }
  Json query(const std::string& expr) const {
    std::string encoded;
    Poco::URI::encode(expr, "+&=#?{}[]\"\\;/:@$,", encoded);
    return ask("/api/v1/query?query=" + encoded);
  }
  /// Whether it answers with a number for some series: nothing, and NaN alone, is no data.
  bool hasData(const std::string& expr) const {
    const Json answer = query(expr);
    EXPECT_EQ(answer["status"].asString(), "success") << expr << ": " << answer.dump();
    for (const Json& series : answer["data"]["result"].items())
      if (series["value"].items().at(1).asString() != "NaN") return true;
    return false;
  }
  bool eventually(const std::function<bool()>& holds) const {
    for (int i = 0; i < 200; ++i, std::this_thread::sleep_for(100ms))
      if (holds()) return true;
    return false;
  }

 private:
  testing_support::Folder folder_;
  std::optional<ChildProcess> process_;
  std::uint16_t port_ = 0;
};

/// As Grafana puts them in, for the run is shorter than any interval of a dashboard's.
std::string withVariables(std::string expr) {
  replaceAll(expr, "$__rate_interval", "5m");
  replaceAll(expr, "$job", ".+");
  replaceAll(expr, "$instance", ".+");
  return expr;
}

/// Answers that only trouble brings about (401, 500) exist from the first one on: what is asked is
/// whether the series exists with any code.
std::string withAnyCode(std::string selector) {
  const std::size_t at = selector.find("code=~");
  return at == std::string::npos ? selector
                                 : selector.erase(at, selector.find('"', at + 7) + 1 - at);
}

/// One scan that completes, one that is given up, one that is cancelled, many that are denied, one
/// call that is wrong.
void runScans(NessusSimulator& nessus, const Service& service) {
  client::Client client = service.client();
  const std::string completed = client.submit_scan("10.0.0.1", "completes").task_id;
  const std::string failed = client.submit_scan("10.0.0.1", "fails").task_id;
  const std::string cancelled = client.submit_scan("10.0.0.1", "is cancelled").task_id;
  nessus.call("POST", "/simulator/scans/" + remoteOf(client, failed) + "/abort");
  nessus.call("POST", "/simulator/scans/" + remoteOf(client, completed) + "/finish");
  client.cancel(cancelled);
  EXPECT_EQ(waitForEnd(client, completed).status, "completed");
  EXPECT_EQ(waitForEnd(client, failed).status, "failed");
  EXPECT_EQ(waitForEnd(client, cancelled).status, "cancelled");
  client.get_results(completed, allResults());
  for (int i = 0; i < 30; ++i)
    EXPECT_THROW(client.submit_scan("192.0.2.1", "denied"), client::ServiceError);
  EXPECT_THROW(client.get_status("nobody's"), client::ServiceError);
}

/// Names in the page, with the parts of a histogram.
std::set<std::string> emitted(const Service& service) {
  std::set<std::string> names{"up"};
  std::istringstream lines(service.get("/metrics"));
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with('#')) names.insert(line.substr(0, line.find_first_of("{ ")));
  return names;
}

TEST(Boards, EveryExpressionOfEveryPanelAndRuleHasDataAfterARealRun) {
  NessusSimulator nessus(built("bin/nessus-simulator"), {"--scan-seconds", "60", "--seed", "7"});
  Service service({.scanners = nessusScanner(nessus, "scanner1", 4),
                   .extra = "tasks: {poll_interval: 100ms, retry: {max_attempts: 1}}\n"});
  Prometheus prometheus(service);
  ASSERT_TRUE(prometheus.eventually([&] { return prometheus.hasData("up == 1"); }));

  runScans(nessus, service);
  ASSERT_TRUE(prometheus.eventually([&] {
    return prometheus.hasData("nessus_dlq_size == 1") &&
           prometheus.hasData("scanhost:pool_dlq_depth:max == 1");
  }));
  std::this_thread::sleep_for(2100ms);  // two more evaluations of what was scraped last

  std::set<std::string> known = emitted(service);
  for (const Rule& rule : boards::rules()) known.insert(rule.record);
  const auto askSelectors = [&](const std::string& place, const std::string& expr) {
    for (const std::string& selector : boards::selectorsIn(expr)) {
      EXPECT_TRUE(known.count(boards::nameOf(selector))) << place << ": nothing emits " << selector;
      EXPECT_TRUE(prometheus.hasData(withAnyCode(selector))) << place << ": no data: " << selector;
    }
  };
  for (const boards::Dashboard& dashboard : boards::dashboards())
    for (const Json& panel : dashboard.panels())
      for (const Json& target : panel["targets"].items()) {
        const std::string place = dashboard.file + ": " + panel["title"].asString();
        const std::string expr = withVariables(target["expr"].asString());
        EXPECT_TRUE(prometheus.hasData(expr)) << place << ": no data: " << expr;
        askSelectors(place, expr);
      }
  for (const Rule& rule : boards::rules()) {
    // An alert is silent while all is well: what has data is each series that it looks at.
    const bool has_data = prometheus.hasData(rule.expr);
    if (rule.alert.empty()) {
      EXPECT_TRUE(has_data) << rule.name() << ": no data: " << rule.expr;
      EXPECT_TRUE(prometheus.hasData(rule.record)) << rule.name();
    }
    askSelectors(rule.name(), rule.expr);
  }
  std::map<std::string, std::string> alerts;
  const Json told = prometheus.ask("/api/v1/alerts");
  for (const Json& alert : told["data"]["alerts"].items())
    alerts[alert["labels"]["alertname"].asString()] = alert["state"].asString();
  EXPECT_THAT(alerts, testing::UnorderedElementsAre(std::pair("ScanhostDeadLetters", "pending"),
                                                    std::pair("ScanhostDenialBurst", "firing")))
      << "what this run deserves, and nothing else";
}

TEST(Boards, TheGuideToMetricsReadsEveryOneThatIsEmitted) {
  Service service({.scanners = nmapScanner("1")});
  const std::string guide =
      boards::readFile(boards::sourceFile("docs/how-to/read-the-logs-and-metrics.md"));
  const std::string type = "# TYPE ";
  std::vector<std::string> missing;
  std::istringstream lines(service.get("/metrics"));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(type)) continue;
    const std::string name = line.substr(type.size(), line.rfind(' ') - type.size());
    if (!std::regex_search(guide, std::regex(name + "(_bucket)?[^a-z_]"))) missing.push_back(name);
  }
  EXPECT_THAT(missing, testing::IsEmpty());
}

}  // namespace
}  // namespace scanhost::integration
