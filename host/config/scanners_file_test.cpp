// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/scanners_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/config/test_files.h"

namespace scanhost {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const char* earlier_scanners =
    "nessus:\n"
    "  - instance_id: scanner1\n"
    "    name: Scanner 1\n"
    "    url: ${NESSUS_URL:-https://scanner:8834}\n"
    "    username: ${NESSUS_USERNAME}\n"
    "    password: ${NESSUS_PASSWORD}\n"
    "    enabled: true\n"
    "    max_concurrent_scans: 5\n"
    "nessus_dmz:\n"
    "  - instance_id: scanner2\n"
    "    url: https://dmz:8834\n"
    "    username: 0815\n"
    "    password: 4711\n"
    "    tls: {ca_file: /ca.pem}\n"
    "nmap:\n"
    "  - {instance_id: local, plugin: scanner-nmap}\n";

const Environment earlier_environment{{"NESSUS_USERNAME", "admin"}, {"NESSUS_PASSWORD", "12345"}};

LoadOutcome loadWithScanners(const std::string& scanners, const Environment& environment,
                             const std::string& extra = {}) {
  const TestFiles files;
  files.write("scanners.yaml", scanners);
  return loadConfig(files.write("scanhost.yaml", "scanners_file: scanners.yaml\n" + extra),
                    environment);
}

TEST(ScannersFile, EarlierEntriesBecomeScanners) {
  const LoadOutcome outcome = loadWithScanners(earlier_scanners, earlier_environment);
  EXPECT_THAT(shownErrors(outcome), ElementsAre());
  ASSERT_TRUE(outcome.config);
  const auto& scanners = outcome.config->scanners;
  ASSERT_EQ(scanners.size(), 3u);
  EXPECT_EQ(scanners[0].instanceKey(), "nessus:scanner1");
  EXPECT_EQ(scanners[0].title, "Scanner 1");
  EXPECT_EQ(scanners[0].plugin, "scanner-nessus");
  EXPECT_EQ(scanners[0].max_concurrent_scans, 5);
  EXPECT_EQ(scanners[0].config.dump(),
            R"({"url":"https://scanner:8834","username":"admin","password":"12345"})");
  EXPECT_EQ(scanners[1].instanceKey(), "nessus_dmz:scanner2");
  EXPECT_EQ(scanners[1].max_concurrent_scans, 2);
  EXPECT_TRUE(scanners[1].enabled);
  EXPECT_EQ(scanners[1].config.dump(), R"({"url":"https://dmz:8834","username":"0815",)"
                                       R"("password":"4711","tls":{"ca_file":"/ca.pem"}})");
  EXPECT_EQ(scanners[1].config_node.locate("/tls/ca_file").line, 14);
  EXPECT_EQ(scanners[2].plugin, "scanner-nmap");
}

TEST(ScannersFile, EntriesJoinThoseOfTheMainFile) {
  const LoadOutcome good = loadWithScanners("nessus: [{instance_id: a}]\n", {},
                                            "scanners: [{name: b, pool: nessus, plugin: x}]\n");
  ASSERT_TRUE(good.config);
  EXPECT_EQ(good.config->scanners.size(), 2u);
  const LoadOutcome twice = loadWithScanners("nessus: [{instance_id: b}]\n", {},
                                             "scanners: [{name: b, pool: nessus, plugin: x}]\n");
  EXPECT_THAT(shownErrors(twice), ElementsAre(HasSubstr("scanners.yaml:1: scanners[1]: the scanner "
                                                        "nessus:b is configured already at ")));
}

TEST(ScannersFile, EveryErrorNamesItsLine) {
  EXPECT_THAT(
      shownErrors(loadWithScanners("nessus:\n"
                                   "  - {name: x}\n"
                                   "  - {instance_id: a, password: \"${NO}\"}\n"
                                   "  - 5\n"
                                   "custom:\n"
                                   "  - {instance_id: b}\n"
                                   "other: 3\n"
                                   "Bad Pool: []\n"
                                   "nessus2:\n"
                                   "  - {instance_id: BAD, enabled: maybe}\n",
                                   {})),
      ElementsAre(HasSubstr("scanners.yaml:2: nessus[0].instance_id: is missing"),
                  HasSubstr("scanners.yaml:3: nessus[1].password: the variable NO is not set"),
                  HasSubstr("scanners.yaml:4: nessus[2]: expected a scanner's keys"),
                  HasSubstr("scanners.yaml:6: custom[0].plugin: is missing"),
                  HasSubstr("scanners.yaml:7: other: expected a list of scanners"),
                  HasSubstr("scanners.yaml:8: the pool \"Bad Pool\" is not named by"),
                  HasSubstr("scanners.yaml:10: scanners[1].name: expected a name"),
                  HasSubstr("scanners.yaml:10: scanners[1].enabled: expected true or false")));
}

TEST(ScannersFile, MissingBrokenOrEmptyStopsTheStart) {
  EXPECT_THAT(
      shownErrors(loadText("scanners_file: /nonexistent.yaml\n")),
      ElementsAre(HasSubstr("scanhost.yaml:1: scanners_file: \"/nonexistent.yaml\" cannot be "
                            "opened")));
  for (const char* empty : {"", "nessus:\n", "nessus: []\n", "{}\n"})
    EXPECT_EQ(shownErrors(loadWithScanners(empty, {})).size(), 1u) << empty;
  EXPECT_THAT(shownErrors(loadWithScanners("", {})),
              ElementsAre(HasSubstr("scanners.yaml:1: holds no scanners")));
  EXPECT_THAT(shownErrors(loadWithScanners("- 1\n", {})), ElementsAre(HasSubstr("expected pools")));
  EXPECT_THAT(shownErrors(loadWithScanners("a: [\n", {})),
              ElementsAre(HasSubstr("is not valid YAML")));
}

TEST(CompatibilityConfig, MapsTheEarlierEnvironment) {
  const TestFiles files;
  const std::string scanners = files.write("scanners.yaml", earlier_scanners).string();
  Environment environment = earlier_environment;
  environment["REDIS_URL"] = "redis://redis:6379/0";
  environment["DATA_DIR"] = "/app/data";
  environment["SCANNER_CONFIG"] = scanners;
  const std::string compat = std::string(SCANHOST_SOURCE_DIR) + "/packaging/compat.yaml";

  const LoadOutcome defaults = loadConfig(compat, environment);
  EXPECT_THAT(shownProblems(defaults.problems), ElementsAre());
  ASSERT_TRUE(defaults.config);
  EXPECT_EQ(defaults.config->queue.config["url"].asString(), "redis://redis:6379/0");
  EXPECT_EQ(defaults.config->node.data_dir, "/app/data");
  EXPECT_TRUE(defaults.config->node.pools.empty());
  EXPECT_EQ(defaults.config->scanners.size(), 3u);
  EXPECT_EQ(defaults.config->log.level, LogThreshold::info);
  const HousekeepingConfig& kept = defaults.config->housekeeping;
  EXPECT_TRUE(kept.enabled && kept.stale_enabled && kept.stale_remote_delete &&
              kept.remote_cleanup);
  EXPECT_EQ(kept.interval, std::chrono::hours(1));
  EXPECT_EQ(kept.completed_ttl, std::chrono::hours(24 * 7));
  EXPECT_EQ(kept.failed_ttl, std::chrono::hours(24 * 30));
  EXPECT_EQ(kept.stale_after, std::chrono::hours(24));
  EXPECT_EQ(kept.remote_retention, std::chrono::hours(24));

  environment.insert({{"LOG_LEVEL", "DEBUG"},
                      {"WORKER_POOLS", "nessus,nmap"},
                      {"HOUSEKEEPING_ENABLED", "false"},
                      {"HOUSEKEEPING_INTERVAL_HOURS", "6"},
                      {"COMPLETED_TTL_DAYS", "1"},
                      {"FAILED_TTL_DAYS", "2"},
                      {"STALE_SCAN_CLEANUP_ENABLED", "false"},
                      {"STALE_SCAN_HOURS", "3"},
                      {"STALE_SCAN_DELETE_FROM_NESSUS", "false"},
                      {"NESSUS_SCAN_CLEANUP_ENABLED", "false"},
                      {"NESSUS_SCAN_RETENTION_HOURS", "4"}});
  const LoadOutcome set = loadConfig(compat, environment);
  ASSERT_TRUE(set.config);
  EXPECT_EQ(set.config->log.level, LogThreshold::debug);
  EXPECT_THAT(set.config->node.pools, ElementsAre("nessus", "nmap"));
  const HousekeepingConfig& changed = set.config->housekeeping;
  EXPECT_FALSE(changed.enabled || changed.stale_enabled || changed.stale_remote_delete ||
               changed.remote_cleanup);
  EXPECT_EQ(changed.interval, std::chrono::hours(6));
  EXPECT_EQ(changed.completed_ttl, std::chrono::hours(24));
  EXPECT_EQ(changed.failed_ttl, std::chrono::hours(48));
  EXPECT_EQ(changed.stale_after, std::chrono::hours(3));
  EXPECT_EQ(changed.remote_retention, std::chrono::hours(4));
}

TEST(CompatibilityConfig, NamesTheVariablesThatHaveNoDefault) {
  EXPECT_THAT(
      shownErrors(loadConfig(std::string(SCANHOST_SOURCE_DIR) + "/packaging/compat.yaml", {})),
      ElementsAre(HasSubstr("node.data_dir: the variable DATA_DIR is not set"),
                  HasSubstr("node.key_file: the variable DATA_DIR is not set"),
                  HasSubstr("queue.config.url: the variable REDIS_URL is not set"),
                  HasSubstr("scanners_file: the variable SCANNER_CONFIG is not set")));
}

}  // namespace
}  // namespace scanhost
