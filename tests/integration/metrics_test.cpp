// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What dashboards live by: one scan shows in every metric that it touches.
#include <gmock/gmock.h>

#include <map>
#include <sstream>
#include <thread>

#include "tests/integration/service.h"

namespace scanhost::integration {
namespace {

using testing_support::NessusSimulator;
using namespace std::chrono_literals;

/// Series with their labels, and their values.
using Scrape = std::map<std::string, double>;

Scrape scrape(const Service& service) {
  Scrape found;
  std::istringstream lines(service.get("/metrics"));
  for (std::string line; std::getline(lines, line);)
    if (const std::size_t space = line.rfind(' '); !line.starts_with('#') && space != line.npos)
      found[line.substr(0, space)] = std::stod(line.substr(space));
  return found;
}

bool moved(const std::string& family, const Scrape& from, const Scrape& to) {
  for (const auto& [series, value] : to) {
    if (series != family && !series.starts_with(family + "{")) continue;
    const auto before = from.find(series);
    if (before == from.end() ? value != 0 : value != before->second) return true;
  }
  return false;
}

constexpr const char* of_waiting[] = {"nessus_queue_depth", "scanhost_pool_queue_depth",
                                      "scanhost_queue_oldest_seconds"};
constexpr const char* of_running[] = {
    "nessus_active_scans", "scanhost_leases_held", "scanhost_scanner_active_scans",
    "scanhost_scanner_utilization_pct", "scanhost_pool_active_scans"};
constexpr const char* of_the_past[] = {"nessus_scans_total",
                                       "nessus_api_requests_total",
                                       "nessus_task_duration_seconds_count",
                                       "scanhost_validation_total",
                                       "scanhost_findings_stored_total",
                                       "scanhost_policy_decisions_total",
                                       "scanhost_scanner_last_success_timestamp_seconds",
                                       "scanhost_scanner_request_duration_seconds_count",
                                       "scanhost_queue_operation_duration_seconds_count",
                                       "scanhost_results_operation_duration_seconds_count",
                                       "scanhost_http_requests_total",
                                       "scanhost_http_request_duration_seconds_count"};

TEST(MovingMetrics, OneScanMovesEveryMetricThatItTouches) {
  NessusSimulator nessus(built("bin/nessus-simulator"), {"--scan-seconds", "60", "--seed", "7"});
  Service service({.scanners = nessusScanner(nessus, "scanner1", 1)});
  client::Client client = service.client();
  const Scrape before = scrape(service);

  const std::string runs = client.submit_scan("10.0.0.1", "runs").task_id;
  const std::string remote = remoteOf(client, runs);
  const std::string waits = client.submit_scan("10.0.0.1", "waits").task_id;
  std::this_thread::sleep_for(1100ms);  // the oldest that a shown gauge may be
  const Scrape during = scrape(service);
  client.cancel(waits);
  nessus.call("POST", "/simulator/scans/" + remote + "/finish");
  ASSERT_EQ(waitForEnd(client, runs).status, "completed");
  std::this_thread::sleep_for(1100ms);
  const Scrape after = scrape(service);

  for (const char* family : of_waiting) {
    EXPECT_TRUE(moved(family, before, during)) << family;
    EXPECT_FALSE(moved(family, before, after)) << family << " has to come back";
  }
  for (const char* family : of_running) {
    EXPECT_TRUE(moved(family, before, during)) << family;
    EXPECT_FALSE(moved(family, before, after)) << family << " has to come back";
  }
  for (const char* family : of_the_past) EXPECT_TRUE(moved(family, before, after)) << family;
}

}  // namespace
}  // namespace scanhost::integration
