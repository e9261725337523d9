// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/config/test_files.h"

namespace scanhost {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// A whole configuration in both forms.
const char* whole_yaml = R"(
node: {name: n1, data_dir: /var/lib/x, roles: [api], pools: [nmap, nessus], drain: 5s}
plugins:
  dir: /usr/lib/scanhost/plugins
  pins: {scanner-nmap: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}
http:
  listen: "0.0.0.0:8835"
  tls: {certificate: /c.pem, key: /k.pem}
  trusted_proxies: [10.0.0.1]
  max_body: 2MiB
auth: {mode: token, tokens_file: /tokens}
queue: {plugin: queue-redis, config: {url: "redis://127.0.0.1:6379/0", pool: 4}, durability: strict}
results: {plugin: results-sqlite, allow_local: true, retention: 30d}
transports:
  - {plugin: transport-mcp, config: {path: /mcp}}
exporters:
  - {plugin: exporter-prometheus, config: {path: /metrics}}
  - {plugin: exporter-jsonlog, config: {output: stdout}}
scanners:
  - {name: local, pool: nmap, plugin: scanner-nmap, max_concurrent_scans: 3, isolation: process}
  - name: scanner1
    title: Scanner One
    pool: nessus
    plugin: scanner-nessus
    enabled: false
    config:
      url: https://127.0.0.1:8834
      secret_key: "123"
      tls: {pin_sha256: abc}
    circuit: {failures: 9, open_for: 1m}
default_pool: nmap
scan_templates:
  quick: {pool: nmap, config: {depth: quick, ports: [22, 80]}}
policy:
  targets: {allow: [127.0.0.0/8, "2001:db8::/32"], deny: [169.254.169.254/32]}
tasks: {timeout: 2h, timeout_warning: 0.5, retry: {max_attempts: 3}}
limits: {response_bytes: 1MiB}
housekeeping: {enabled: false}
log: {level: debug}
)";

const char* whole_ini = R"(
default_pool = nmap
[node]
name = n1
data_dir = /var/lib/x
roles = api
pools = nmap, nessus
drain = 5s
[plugins]
dir = /usr/lib/scanhost/plugins
pins.scanner-nmap = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
[http]
listen = 0.0.0.0:8835
tls.certificate = /c.pem
tls.key = /k.pem
trusted_proxies = 10.0.0.1
max_body = 2MiB
[auth]
mode = token
tokens_file = /tokens
[queue]
plugin = queue-redis
config.url = redis://127.0.0.1:6379/0
config.pool = 4
durability = strict
[results]
plugin = results-sqlite
allow_local = true
retention = 30d
[transports.transport-mcp]
config.path = /mcp
[exporters.exporter-prometheus]
config.path = /metrics
[exporters.log]
plugin = exporter-jsonlog
config.output = stdout
[scanners.local]
pool = nmap
plugin = scanner-nmap
max_concurrent_scans = 3
isolation = process
[scanners.scanner1]
title = Scanner One
pool = nessus
plugin = scanner-nessus
enabled = false
circuit.failures = 9
circuit.open_for = 1m
[scanners.scanner1.config]
url = https://127.0.0.1:8834
secret_key = "123"
tls.pin_sha256 = abc
[scan_templates.quick]
pool = nmap
config.depth = quick
config.ports = [22, 80]
[policy.targets]
allow = 127.0.0.0/8, 2001:db8::/32
deny = [169.254.169.254/32]
[tasks]
timeout = 2h
timeout_warning = 0.5
retry.max_attempts = 3
[limits]
response_bytes = 1MiB
[housekeeping]
enabled = false
[log]
level = debug
)";

Config loaded(const LoadOutcome& outcome) {
  for (const std::string& error : shownErrors(outcome)) ADD_FAILURE() << error;
  return outcome.config.value_or(Config{});
}

TEST(LoadConfig, EveryKeyLandsInItsPlace) {
  const Config config = loaded(loadText(whole_yaml));
  EXPECT_EQ(config.node.name, "n1");
  EXPECT_EQ(config.node.data_dir, "/var/lib/x");
  EXPECT_THAT(config.node.roles, ElementsAre(NodeRole::api));
  EXPECT_THAT(config.node.pools, ElementsAre("nmap", "nessus"));
  EXPECT_EQ(config.node.drain, seconds(5));
  EXPECT_EQ(config.plugins.pins.at("scanner-nmap"), std::string(64, 'a'));
  EXPECT_EQ(config.http.listen.text(), "0.0.0.0:8835");
  EXPECT_TRUE(config.http.tls.enabled());
  EXPECT_EQ(config.http.max_body, 2u << 20);
  EXPECT_EQ(config.auth.mode, AuthMode::token);
  EXPECT_EQ(config.queue.plugin, "queue-redis");
  EXPECT_EQ(config.queue.config.dump(), R"({"url":"redis://127.0.0.1:6379/0","pool":4})");
  EXPECT_EQ(config.queue.durability, DurabilityDemand::strict);
  EXPECT_EQ(config.results.retention, hours(24 * 30));
  EXPECT_EQ(config.exporters.at(1).plugin, "exporter-jsonlog");
  EXPECT_EQ(config.exporters.at(1).key, "exporters[1]");
  ASSERT_EQ(config.scanners.size(), 2u);
  EXPECT_EQ(config.scanners[0].isolation, Isolation::process);
  EXPECT_EQ(config.scanners[0].max_concurrent_scans, 3);
  EXPECT_EQ(config.scanners[0].title, "local");
  EXPECT_EQ(config.scanners[1].instanceKey(), "nessus:scanner1");
  EXPECT_FALSE(config.scanners[1].enabled);
  EXPECT_EQ(config.scanners[1].circuit.failures, 9);
  EXPECT_EQ(config.scanners[1].circuit.probe_deadline, seconds(30));
  EXPECT_EQ(config.scanners[1].config["tls"]["pin_sha256"].asString(), "abc");
  EXPECT_EQ(config.scan_templates.at(0).name, "quick");
  EXPECT_EQ(config.scan_templates.at(0).config.dump(), R"({"depth":"quick","ports":[22,80]})");
  EXPECT_THAT(config.policy.deny, ElementsAre("169.254.169.254/32"));
  EXPECT_EQ(config.tasks.timeout, hours(2));
  EXPECT_EQ(config.tasks.timeout_warning, 0.5);
  EXPECT_EQ(config.tasks.retry.max_attempts, 3);
  EXPECT_FALSE(config.housekeeping.enabled);
  EXPECT_EQ(config.log.level, LogThreshold::debug);
}

TEST(LoadConfig, TheContractsDefaultsHold) {
  const Config config = loaded(loadText(minimal_yaml));
  EXPECT_FALSE(config.node.name.empty());
  EXPECT_EQ(config.node.data_dir, "/var/lib/scanhost");
  EXPECT_TRUE(config.node.hasRole(NodeRole::api) && config.node.hasRole(NodeRole::worker));
  EXPECT_EQ(config.http.listen.text(), "127.0.0.1:8835");
  EXPECT_EQ(config.auth.mode, AuthMode::none);
  EXPECT_EQ(config.queue.plugin, "queue-sqlite");
  EXPECT_EQ(config.queue.config.dump(), "{}");
  EXPECT_EQ(config.results.plugin, "results-sqlite");
  EXPECT_EQ(config.results.retention, hours(24 * 365));
  EXPECT_EQ(config.scanners.at(0).max_concurrent_scans, 2);
  EXPECT_TRUE(config.scanners.at(0).enabled);
  EXPECT_EQ(config.scanners.at(0).circuit.failures, 5);
  EXPECT_EQ(config.default_pool, "nmap");
  EXPECT_EQ(config.tasks.timeout, hours(24));
  EXPECT_EQ(config.tasks.timeout_warning, 0.9);
  EXPECT_EQ(config.tasks.lease, seconds(60));
  EXPECT_EQ(config.tasks.poll_interval, seconds(30));
  EXPECT_EQ(config.tasks.retry.max_attempts, 5);
  EXPECT_EQ(config.tasks.retry.base_delay, seconds(10));
  EXPECT_EQ(config.tasks.retry.max_delay, seconds(600));
  EXPECT_EQ(config.tasks.scanner_outage, hours(2));
  EXPECT_EQ(config.tasks.max_takeovers, 5);
  EXPECT_FALSE(config.tasks.relaunch_lost);
  EXPECT_EQ(config.tasks.max_paused, hours(24 * 7));
  EXPECT_EQ(config.tasks.idempotency_ttl, hours(48));
  EXPECT_EQ(config.limits.target_entries, 1000);
  EXPECT_EQ(config.limits.target_addresses, 65536);
  EXPECT_EQ(config.limits.queued_per_pool, 10000);
  EXPECT_EQ(config.limits.response_bytes, 32u << 20);
  EXPECT_EQ(config.limits.text_field, 64u << 10);
  EXPECT_EQ(config.limits.list_walk, 100000);
  EXPECT_EQ(config.housekeeping.interval, hours(1));
  EXPECT_EQ(config.housekeeping.completed_ttl, hours(24 * 7));
  EXPECT_EQ(config.housekeeping.failed_ttl, hours(24 * 30));
  EXPECT_EQ(config.housekeeping.stale_after, hours(24));
  EXPECT_FALSE(config.housekeeping.stale_remote_delete);
  EXPECT_EQ(config.housekeeping.remote_retention, hours(24));
  EXPECT_EQ(config.log.level, LogThreshold::info);
}

TEST(LoadConfig, IniGivesTheSameTreeAsYaml) {
  const Config yaml = loaded(loadText(whole_yaml));
  const Config ini = loaded(loadText(whole_ini, {}, "scanhost.ini"));
  ASSERT_EQ(yaml.settings.size(), ini.settings.size());
  for (std::size_t i = 0; i < yaml.settings.size(); ++i) {
    EXPECT_EQ(yaml.settings[i].key, ini.settings[i].key);
    EXPECT_EQ(yaml.settings[i].value, ini.settings[i].value) << yaml.settings[i].key;
  }
  EXPECT_THAT(changesBetween(yaml, ini).changed, IsEmpty());
}

TEST(LoadConfig, OneRunNamesEveryError) {
  const auto errors =
      shownErrors(loadText("node: {name: UPPER, roles: [api, wroker], drian: 5s}\n"
                           "http:\n"
                           "  listen: example.net:80\n"
                           "  max_body: 5\n"
                           "  allow_plaintext: yes\n"
                           "queue: {durability: strickt, config: [1]}\n"
                           "tasks:\n"
                           "  timeout: 30\n"
                           "  timeout_warning: 1.5\n"
                           "  retry: {max_attempts: 0, base_delay: }\n"
                           "scanners:\n"
                           "  - {name: a, pool: p, plugin: x, enabled: 1}\n"
                           "  - {name: b}\n"
                           "policy: {targets: {allow: [10.0.0.0/40], deny: 10.0.0.0/8}}\n"
                           "plugins: {pins: {x: 12}}\n"
                           "tsaks: {}\n"));
  EXPECT_THAT(
      errors,
      ElementsAre(
          "scanhost.yaml:1: node.drian: unknown key; did you mean drain?",
          "scanhost.yaml:1: node.name: expected a name of at most 64 of a-z, 0-9, '_', '.' and "
          "'-', "
          "begun by a letter or digit, found \"UPPER\"",
          "scanhost.yaml:1: node.roles: expected a list of api, worker, found \"wroker\"",
          "scanhost.yaml:3: http.listen: expected address:port, such as 127.0.0.1:8835, [::1]:8835 "
          "or "
          "0.0.0.0:8835, found \"example.net:80\"",
          "scanhost.yaml:4: http.max_body: expected a size from 1KiB to 256MiB, such as 64KiB, "
          "32MiB or "
          "2GiB, found \"5\"; a bare number has no unit, so write 5B if bytes are meant",
          "scanhost.yaml:5: http.allow_plaintext: expected true or false, found \"yes\"",
          "scanhost.yaml:6: queue.config: expected a map of the plugin's settings, found a list",
          "scanhost.yaml:6: queue.durability: expected one of strict, warn, found \"strickt\"; did "
          "you "
          "mean strict?",
          "scanhost.yaml:8: tasks.timeout: expected a duration from 1s to 365d, such as 30s, 10m, "
          "2h or "
          "7d, found \"30\"; a bare number has no unit, so write 30s if seconds are meant",
          "scanhost.yaml:9: tasks.timeout_warning: expected a number from 0 to 1, found \"1.5\"",
          "scanhost.yaml:10: tasks.retry.max_attempts: expected a whole number from 1 to 1000, "
          "found "
          "\"0\"",
          "scanhost.yaml:10: tasks.retry.base_delay: has no value; write a duration from 1ms to "
          "1d, such "
          "as 30s, 10m, 2h or 7d, or remove the line for the default, 10s",
          "scanhost.yaml:12: scanners[0].enabled: expected true or false, found \"1\"",
          "scanhost.yaml:13: scanners[1].pool: is missing; write a name of at most 64 of a-z, 0-9, "
          "'_', "
          "'.' and '-', begun by a letter or digit, for example nmap",
          "scanhost.yaml:13: scanners[1].plugin: is missing; write a name of at most 64 of a-z, "
          "0-9, "
          "'_', '.' and '-', begun by a letter or digit, for example scanner-nmap",
          "scanhost.yaml:14: policy.targets.allow: expected a list of addresses and networks, such "
          "as "
          "[10.0.0.0/8, \"2001:db8::1\"], found \"10.0.0.0/40\"",
          "scanhost.yaml:14: policy.targets.deny: expected a list of addresses and networks, such "
          "as "
          "[10.0.0.0/8, \"2001:db8::1\"], found \"10.0.0.0/8\"; put it in brackets",
          "scanhost.yaml:15: plugins.pins.x: expected a plugin's name and its SHA-256 in 64 "
          "hexadecimal "
          "digits, found \"12\"; sha256sum prints it",
          "scanhost.yaml:16: tsaks: unknown key; did you mean tasks?"));
}

TEST(LoadConfig, WrongShapesAreErrorsNotGuesses) {
  EXPECT_THAT(
      shownErrors(loadText("scanners: local\nnode: [1]\nscan_templates: 3\ntasks: 5\n")),
      ElementsAre("scanhost.yaml:1: scanners: expected a list of maps, found a value",
                  "scanhost.yaml:2: node: expected a map of keys and values, found a list",
                  "scanhost.yaml:3: scan_templates: expected a map of names, found a value",
                  "scanhost.yaml:4: tasks: expected a map of keys and values, found a value"));
  EXPECT_THAT(shownErrors(loadText("- 1\n")),
              ElementsAre(HasSubstr("scanhost.yaml:1: expected a map of keys"),
                          HasSubstr("no scanner is configured")));
  EXPECT_THAT(shownErrors(loadText("scanners: [local]\n")),
              ElementsAre(HasSubstr("scanners[0]: expected a map"), HasSubstr("scanners[0].name"),
                          HasSubstr("scanners[0].pool"), HasSubstr("scanners[0].plugin")));
}

TEST(LoadConfig, AFileThatCannotBeReadIsAProblem) {
  EXPECT_THAT(shownErrors(loadConfig("/nonexistent/scanhost.yaml", {})),
              ElementsAre(HasSubstr("scanhost.yaml: cannot be opened: No such file")));
  EXPECT_THAT(shownErrors(loadConfig("/dev", {})), ElementsAre(HasSubstr("its ending")));
  EXPECT_THAT(shownErrors(loadText(std::string(2 << 20, '#'))),
              ElementsAre(HasSubstr("is larger than 1048576 bytes")));
  EXPECT_THAT(shownErrors(loadText("a: \xff\n")), ElementsAre(HasSubstr("line 1 holds bytes")));
  EXPECT_THAT(shownErrors(loadText("a: [\n")), ElementsAre(HasSubstr("is not valid YAML")));
}

TEST(LoadConfig, WithoutAScannerTheServiceDoesNotStart) {
  for (const char* text : {"", "scanners:\n", "scanners: []\n", "node: {name: a}\n"})
    EXPECT_THAT(
        shownErrors(loadText(text)),
        ElementsAre(HasSubstr("scanhost.yaml:1: scanners: no scanner is configured; add one")))
        << text;
}

TEST(LoadConfig, AnEmptyAllowListIsAWarningWithTheLineToAdd) {
  const LoadOutcome yaml = loadText(
      "transports: [{plugin: transport-mcp}]\n"
      "scanners: [{name: a, pool: b, plugin: c}]\n");
  ASSERT_TRUE(yaml.config);
  EXPECT_THAT(
      shownProblems(yaml.problems),
      ElementsAre(HasSubstr("policy.targets.allow: is empty, so nothing may be scanned; add, with "
                            "your own networks: policy: {targets: {allow: [\"10.0.0.0/8\"]}}")));
  EXPECT_EQ(yaml.problems.at(0).severity, ProblemSeverity::warning);
}

TEST(LoadConfig, TheWarningsRemedyWorks) {
  EXPECT_THAT(loadText(minimal_yaml).problems, IsEmpty());
  EXPECT_THAT(
      loadText("policy.targets.allow = 10.0.0.0/8\n[transports.transport-mcp]\n[scanners.a]\n"
               "pool = b\nplugin = c\n",
               {}, "x.ini")
          .problems,
      IsEmpty());
}

TEST(LoadConfig, BeyondLoopbackTlsAndAuthenticationAreNeeded) {
  const auto errorsOf = [](const std::string& extra) {
    return shownErrors(loadText(minimal_yaml + extra));
  };
  EXPECT_THAT(errorsOf("http: {listen: \"0.0.0.0:1\"}\n"),
              ElementsAre(HasSubstr(":4: http.listen: 0.0.0.0:1 is reached from other machines"),
                          HasSubstr(":4: auth.mode: none is for loopback only")));
  EXPECT_THAT(errorsOf("http: {listen: \"0.0.0.0:1\", allow_plaintext: true}\n"),
              ElementsAre(HasSubstr(":4: auth.mode: none is for loopback only")));
  EXPECT_THAT(errorsOf("http: {listen: \"0.0.0.0:1\", allow_plaintext: true}\n"
                       "auth: {mode: token, tokens_file: /t}\n"),
              IsEmpty());
  EXPECT_THAT(errorsOf("http: {listen: \"[::]:1\", tls: {certificate: /c, key: /k}}\n"
                       "auth: {mode: token, tokens_file: /t}\n"),
              IsEmpty());
  EXPECT_THAT(errorsOf("http: {listen: \"[::1]:1\"}\n"), IsEmpty());
}

TEST(LoadConfig, HalfOfTlsOrTokensIsAnError) {
  EXPECT_THAT(shownErrors(loadText(minimal_yaml + "http: {tls: {key: /k}}\nauth: {mode: token}\n")),
              ElementsAre(HasSubstr(":4: http.tls.certificate: is missing"),
                          HasSubstr(":5: auth.tokens_file: is missing")));
  EXPECT_THAT(shownErrors(loadText(minimal_yaml + "http: {tls: {certificate: /k}}\n")),
              ElementsAre(HasSubstr("http.tls.key: is missing")));
  EXPECT_THAT(shownErrors(loadText(minimal_yaml + "http: {tls: {client_ca: /k}}\n")),
              ElementsAre(HasSubstr("http.tls.client_ca: needs TLS")));
}

TEST(LoadConfig, TwoScannersOfOneNameAreAnErrorWithBothPlaces) {
  const std::string text =
      "scanners:\n- {name: a, pool: p, plugin: x}\n- {name: a, pool: q, plugin: x}\n"
      "- {name: a, pool: p, plugin: y}\n";
  EXPECT_THAT(
      shownErrors(loadText(text)),
      ElementsAre(::testing::AllOf(HasSubstr("scanhost.yaml:4: scanners[2]: the scanner p:a is "
                                             "configured already at "),
                                   HasSubstr("scanhost.yaml:2"))));
}

TEST(LoadConfig, PoolsThatNoScannerIsInAreErrors) {
  EXPECT_THAT(
      shownErrors(loadText(minimal_yaml + "default_pool: nmpa\nnode: {pools: [nmap, zzzzzzz]}\n"
                                          "scan_templates: {q: {pool: x}}\n")),
      ElementsAre(HasSubstr(":4: default_pool: no scanner is in the pool \"nmpa\"; did you mean "
                            "nmap?"),
                  HasSubstr(":5: node.pools[1]"), HasSubstr(":6: scan_templates.q.pool")));
}

TEST(LoadConfig, NessusIsTheDefaultPoolWhereThereIsOne) {
  const Config config = loaded(loadText(
      "scanners: [{name: a, pool: first, plugin: x}, {name: a, pool: nessus, plugin: x}]\n"));
  EXPECT_EQ(config.default_pool, "nessus");
}

TEST(LoadConfig, DropInsAreLaidOverTheFileInOrder) {
  const TestFiles files;
  const auto main_file = files.write("scanhost.yaml", minimal_yaml + "log: {level: debug}\n");
  files.write("conf.d/20.yaml", "log: {level: error}\nscanners: [{name: b, pool: p, plugin: x}]\n");
  files.write("conf.d/10.yaml", "log: {level: warning}\ntasks: {lease: 5s}\n");
  files.write("conf.d/30.yml", "log: {level: debug}\n");
  files.write("conf.d/README", "not read");
  const LoadOutcome outcome = loadConfig(main_file, {});
  const Config config = loaded(outcome);
  EXPECT_EQ(config.log.level, LogThreshold::error);
  EXPECT_EQ(config.tasks.lease, seconds(5));
  ASSERT_EQ(config.scanners.size(), 2u);
  EXPECT_THAT(config.scanners[1].config_node.place().file, HasSubstr("20.yaml"));
  EXPECT_THAT(shownProblems(outcome.problems),
              ElementsAre("30.yml: is not read; files in conf.d end in .yaml"));
}

TEST(LoadTree, AWrongConfigurationStillHasItsTreeWithWhatWasWritten) {
  const TestFiles files;
  const auto file = files.write("scanhost.yaml", "node: {name: \"${env:N}\", nothing: 1}\n");
  files.write("conf.d/10.yaml", "log: {level: loud}\n");
  const TreeOutcome outcome = loadTree(file, {{"N", "n1"}});
  ASSERT_TRUE(outcome.tree);
  EXPECT_EQ(outcome.tree->find("node")->find("name")->text, "n1");
  EXPECT_EQ(outcome.tree->find("node")->find("name")->written, "${env:N}");
  EXPECT_EQ(outcome.tree->find("log")->find("level")->text, "loud");
}

TEST(LoadTree, AFileThatCannotBeParsedHasNone) {
  const TestFiles files;
  const TreeOutcome outcome = loadTree(files.write("scanhost.yaml", "node: {"), {});
  EXPECT_FALSE(outcome.tree);
  EXPECT_EQ(outcome.problems.size(), 1u);
}

TEST(LoadPath, NothingIsAskedOfWhatStandsElsewhere) {
  const TestFiles files;
  const auto main_file = files.write("scanhost.yaml",
                                     "node: {data_dir: \"${env:HERE}/data\"}\n"
                                     "scanners_file: /nowhere/scanners.yaml\n"
                                     "unknown: \"${file:/nowhere/secret}\"\n");
  files.write("conf.d/callers.yaml", "auth: {tokens_file: tokens}\n");
  const auto data = loadPath(main_file, {{"HERE", "/here"}}, "node.data_dir");
  EXPECT_EQ(data.path, "/here/data");
  EXPECT_THAT(data.problems, IsEmpty());
  EXPECT_EQ(loadPath(main_file, {}, "auth.tokens_file").path, files.path("conf.d/tokens"));
}

TEST(LoadPath, WhatIsNotWrittenIsItsDefault) {
  const TestFiles files;
  const auto main_file = files.write("scanhost.yaml", "log: {level: info}\nnode:\n");
  EXPECT_EQ(loadPath(main_file, {}, "node.data_dir").path, "/var/lib/scanhost");
  EXPECT_EQ(loadPath(main_file, {}, "auth.tokens_file").path, "");
}

TEST(LoadPath, WhatIsWrongWithItIsToldWithItsLine) {
  const TestFiles files;
  const auto refused = [&](const std::string& text) {
    const auto outcome = loadPath(files.write("scanhost.yaml", text), {}, "node.data_dir");
    EXPECT_FALSE(outcome.path) << text;
    return outcome.problems.empty() ? "" : formatProblem(outcome.problems.front());
  };
  EXPECT_THAT(refused("node: {data_dir: \"${env:NO}\"}\n"),
              HasSubstr("scanhost.yaml:1: node.data_dir: the variable NO is not set"));
  EXPECT_THAT(refused("node: {data_dir: [a]}\n"),
              HasSubstr("scanhost.yaml:1: node.data_dir: expected a path, found a list"));
  EXPECT_THAT(refused("\nnode: x\n"), HasSubstr("scanhost.yaml:2: node.data_dir: "));
  EXPECT_THAT(refused("node: [\n"), HasSubstr("scanhost.yaml:"));
}

TEST(LoadConfig, DropInsAppendToTheListsOfAnIniFile) {
  const TestFiles files;
  const auto main_file = files.write("scanhost.ini",
                                     "policy.targets.allow = 10.0.0.0/8, 127.0.0.1\n"
                                     "[transports.transport-mcp]\n"
                                     "[scanners.a]\npool = p\nplugin = x\n");
  files.write(
      "conf.d/a.yaml",
      "policy: {targets: {allow: [192.0.2.0/24]}}\nscanners: [{name: b, pool: p, plugin: x}]\n");
  const LoadOutcome outcome = loadConfig(main_file, {});
  const Config config = loaded(outcome);
  EXPECT_THAT(config.policy.allow, ElementsAre("10.0.0.0/8", "127.0.0.1", "192.0.2.0/24"));
  EXPECT_EQ(config.scanners.size(), 2u);
  EXPECT_THAT(outcome.problems, IsEmpty());
}

TEST(LoadConfig, ErrorsInDropInsNameTheDropIn) {
  const TestFiles files;
  const auto main_file = files.write("scanhost.yaml", minimal_yaml);
  files.write("conf.d/a.yaml", "\nlog: {level: loud}\n");
  EXPECT_THAT(shownErrors(loadConfig(main_file, {})),
              ElementsAre(HasSubstr("a.yaml:2: log.level: ")));
  files.write("conf.d/b.yaml", "- 1\n");
  EXPECT_THAT(shownErrors(loadConfig(main_file, {})),
              ElementsAre(HasSubstr("b.yaml:1: expected a map"), HasSubstr("a.yaml:2: ")));
}

TEST(LoadConfig, ExpandedValuesAreTypedByTheirKey) {
  const Config config = loaded(loadText(
      minimal_yaml + "tasks: {timeout: \"${env:HOURS}h\", relaunch_lost: \"${env:YES}\"}\n"
                     "node: {pools: \"${env:POOLS:-}\", roles: \"${env:ROLES}\"}\n"
                     "limits:\n  target_entries: ${env:N:-7}\n"
                     "log: {level: \"${env:LEVEL}\"}\n"
                     "queue:\n  config:\n    port: ${env:N:-7}\n    password: \"${env:N:-7}\"\n",
      {{"HOURS", "3"}, {"YES", "True"}, {"ROLES", "api, worker"}, {"LEVEL", "WARNING"}}));
  EXPECT_EQ(config.tasks.timeout, hours(3));
  EXPECT_TRUE(config.tasks.relaunch_lost);
  EXPECT_THAT(config.node.pools, IsEmpty());
  EXPECT_EQ(config.node.roles.size(), 2u);
  EXPECT_EQ(config.limits.target_entries, 7);
  EXPECT_EQ(config.log.level, LogThreshold::warning);
  EXPECT_EQ(config.queue.config.dump(), R"({"port":7,"password":"7"})");
}

TEST(LoadConfig, ErrorsShowNeitherExpansionsNorPluginSettings) {
  const TestFiles files;
  const auto secret = files.write("secret", "canary\n");
  const LoadOutcome outcome = loadText(
      minimal_yaml + "tasks: {timeout: \"${env:PW}\", lease: \"${file:" + secret.string() +
          "}\"}\n" + "queue: {config: canary}\nresults: {config: {a: canary, a: canary}}\n" +
          "node: {roles: \"${env:PW}\", nmae: canary}\nlog: {level: \"${env:PW}\"}\n",
      {{"PW", "canary"}});
  EXPECT_EQ(shownErrors(outcome).size(), 7u);
  for (const std::string& error : shownErrors(outcome))
    EXPECT_THAT(error, Not(HasSubstr("canary")));
  EXPECT_THAT(shownErrors(outcome).at(0), HasSubstr("found the expansion of \"${env:PW}\""));
}

TEST(LoadConfig, AFailedExpansionIsReportedOnce) {
  EXPECT_THAT(shownErrors(loadText(minimal_yaml + "tasks: {timeout: \"${env:NO}\"}\n"
                                                  "scanners_file: \"${env:NO}\"\n")),
              ElementsAre(HasSubstr(":4: tasks.timeout: the variable NO is not set"),
                          HasSubstr(":5: scanners_file: the variable NO is not set")));
}

TEST(LoadConfig, RelativePathsStartAtTheFileThatHoldsThem) {
  const TestFiles files;
  const auto main_file =
      files.write("scanhost.yaml", minimal_yaml + "node: {data_dir: ../data/./x}\n");
  EXPECT_EQ(loaded(loadConfig(main_file, {})).node.data_dir,
            files.path("").parent_path().parent_path() / "data/x");
}

TEST(LoadConfig, PluginSettingsKeepTheirLines) {
  const Config config = loaded(loadText(whole_yaml));
  const ConfigNode& node = config.scanners.at(1).config_node;
  EXPECT_EQ(node.locate("/url").line, 27);
  EXPECT_EQ(node.locate("/tls/pin_sha256").line, 29);
  EXPECT_EQ(node.locate("/nothing").line, 26);
  EXPECT_EQ(config.scanners.at(0).config_node.locate("/missing").line, 20);
}

TEST(LoadConfig, HostileFilesDoNotFloodTheTerminal) {
  std::string text = minimal_yaml;
  for (int i = 0; i < 3000; ++i) text += "k" + std::to_string(i) + ": 1\n";
  const auto errors = shownErrors(loadText(text));
  EXPECT_EQ(errors.size(), Problems::limit + 1);
  EXPECT_EQ(errors.back(), "2900 more problems are not shown");
}

TEST(LoadConfig, TemplateNamesAreNames) {
  EXPECT_THAT(shownErrors(loadText(minimal_yaml + "scan_templates: {Bad Name: {}}\n")),
              ElementsAre(HasSubstr(":4: scan_templates: expected a name of at most 64")));
}

TEST(Changes, TellWhatAReloadChangesAndWhatNeedsARestart) {
  const Config before = loaded(loadText(minimal_yaml + "log: {level: info}\n"));
  const Config after = loaded(
      loadText("scanners:\n"
               "- {name: new, pool: nmap, plugin: scanner-nmap}\n"
               "- {name: local, pool: nmap, plugin: scanner-nmap, config: {a: 1}}\n"
               "policy: {targets: {allow: [127.0.0.0/8]}}\ntransports: [{plugin: transport-mcp}]\n"
               "log: {level: debug}\nplugins: {in_process: [scanner-acme]}\n"));
  const ConfigChanges changes = changesBetween(before, after);
  EXPECT_THAT(changes.restart_required, ElementsAre("plugins.in_process"));
  EXPECT_THAT(changes.changed,
              ::testing::IsSupersetOf({"log.level", "scanners[nmap:local].config",
                                       "scanners[nmap:new].name", "plugins.in_process"}));
  EXPECT_THAT(changes.changed, Not(::testing::Contains("scanners[nmap:local].name")));
  EXPECT_THAT(changesBetween(before, before).changed, IsEmpty());
}

}  // namespace
}  // namespace scanhost
