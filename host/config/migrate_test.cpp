// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/migrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "host/config/test_files.h"

namespace scanhost {
namespace {

using ::testing::AllOf;
using ::testing::ContainerEq;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

const char* usual_scanners =
    "nessus:\n"
    "  - instance_id: scanner1\n"
    "    name: Scanner 1\n"
    "    url: ${NESSUS_URL:-https://scanner:8834}\n"
    "    username: ${NESSUS_USERNAME}\n"
    "    password: ${NESSUS_PASSWORD}\n"
    "    enabled: \"true\"\n"
    "    max_concurrent_scans: \"5\"\n"
    "  - instance_id: scanner3\n"
    "    url: https://three:8834\n"
    "    access_key: ${NESSUS_USERNAME}\n"
    "    secret_key: ${NESSUS_PASSWORD}\n"
    "    enabled: False\n"
    "nessus_dmz:\n"
    "  - instance_id: scanner2\n"
    "    name: \"DMZ: the 2nd #1\"\n"
    "    url: https://dmz:8834\n"
    "    username: 0815\n"
    "    password: ${NESSUS_PASSWORD:-}\n"
    "    tls: {ca_file: /ca.pem}\n"
    "nmap:\n"
    "  - {instance_id: local, plugin: scanner-nmap, ports: [22, 80], raw: false}\n";

const Environment usual_environment{{"NESSUS_USERNAME", "admin"},
                                    {"NESSUS_PASSWORD", "sesame"},
                                    {"REDIS_URL", "redis://redis:6379/0"},
                                    {"DATA_DIR", "/srv/data"},
                                    {"SCANNER_CONFIG", "scanners.yaml"},
                                    {"LOG_LEVEL", "DEBUG"},
                                    {"WORKER_POOLS", "nessus, nmap"},
                                    {"HOUSEKEEPING_ENABLED", "True"},
                                    {"HOUSEKEEPING_INTERVAL_HOURS", "6"},
                                    {"COMPLETED_TTL_DAYS", "1"},
                                    {"FAILED_TTL_DAYS", "2"},
                                    {"STALE_SCAN_CLEANUP_ENABLED", "false"},
                                    {"STALE_SCAN_HOURS", "3"},
                                    {"STALE_SCAN_DELETE_FROM_NESSUS", "false"},
                                    {"NESSUS_SCAN_CLEANUP_ENABLED", "false"},
                                    {"NESSUS_SCAN_RETENTION_HOURS", "4"}};

struct Migrated {
  std::string text;
  std::vector<std::string> notes;
  std::vector<std::string> errors;
};

Migrated migrateWith(const std::string& scanners, const EarlierEnvironment& environment,
                     MigrationNotes notes) {
  MigrationOutcome outcome =
      migrateConfig(scanners, "scanners.yaml", environment, std::move(notes));
  EXPECT_EQ(outcome.text.has_value(), outcome.problems.empty());
  Migrated out{outcome.text.value_or(""), {}, shownProblems(std::move(outcome.problems))};
  for (const MigrationNote& note : outcome.notes) out.notes.push_back(formatNote(note));
  return out;
}

Migrated migrate(const std::string& scanners, const Environment& environment = {}) {
  return migrateWith(scanners, earlierEnvironment(environment), {});
}

/// With the environment as the lines of service.env.
Migrated migrateWithFile(const std::string& scanners, const std::string& lines) {
  MigrationNotes notes;
  Problems problems;
  const EarlierEnvironment environment = readEnvironmentFile(lines, "service.env", notes, problems);
  EXPECT_THAT(shownProblems(problems.take()), IsEmpty());
  return migrateWith(scanners, environment, std::move(notes));
}

/// What one scanner entry with these keys becomes, after `config:`.
std::string migratedEntry(const std::string& keys) {
  const Migrated migrated =
      migrate("pool: [{instance_id: one, plugin: scanner-x, " + keys + "}]\n");
  EXPECT_THAT(migrated.errors, IsEmpty());
  const std::size_t begin = migrated.text.find("    config:\n", migrated.text.find("scanners:"));
  const std::size_t end = migrated.text.find("\npolicy:");
  return begin < end ? migrated.text.substr(begin + 12, end - begin - 12) : "";
}

Config loaded(const std::string& text, const Environment& environment) {
  const LoadOutcome outcome = loadText(text, environment);
  EXPECT_THAT(shownErrors(outcome), IsEmpty()) << text;
  return outcome.config.value_or(Config());
}

/// As the same scanners and variables are read today: by compat.yaml and scanners_file.
Config loadedByCompat(Environment environment) {
  const TestFiles files;
  environment["SCANNER_CONFIG"] = files.write("scanners.yaml", usual_scanners).string();
  const LoadOutcome outcome =
      loadConfig(std::string(SCANHOST_SOURCE_DIR) + "/packaging/compat.yaml", environment);
  EXPECT_THAT(shownErrors(outcome), IsEmpty());
  return outcome.config.value_or(Config());
}

/// Every setting but those that are meant to differ, as "key=value".
std::vector<std::string> settingsOf(const Config& config) {
  std::vector<std::string> out;
  for (const Setting& setting : config.settings)
    if (setting.key != "scanners_file" && setting.key != "policy.targets.allow" &&
        !(setting.key.starts_with("scanners[nessus") && setting.key.ends_with(".config")))
      out.push_back(setting.key + "=" + setting.value.dump());
  std::sort(out.begin(), out.end());
  return out;
}

/// A login is one of the web page's, and must say so now.
std::string withSession(const Json& config) {
  const std::string text = config.dump();
  return config["password"].isNull() ? text
                                     : text.substr(0, text.size() - 1) + R"(,"ui_session":true})";
}

void expectSameAsToday(const Environment& environment) {
  const Migrated migrated = migrate(usual_scanners, environment);
  EXPECT_THAT(migrated.errors, IsEmpty());
  const Config now = loaded(migrated.text, environment);
  const Config today = loadedByCompat(environment);
  EXPECT_THAT(settingsOf(now), ContainerEq(settingsOf(today)));
  ASSERT_EQ(now.scanners.size(), 4u);
  ASSERT_EQ(today.scanners.size(), 4u);
  for (std::size_t i = 0; i < now.scanners.size(); ++i) {
    EXPECT_EQ(now.scanners[i].instanceKey(), today.scanners[i].instanceKey());
    EXPECT_EQ(now.scanners[i].title, today.scanners[i].title);
    EXPECT_EQ(now.scanners[i].config.dump(), withSession(today.scanners[i].config));
  }
}

TEST(Migration, IsReadAsTheEarlierFilesAreReadToday) {
  expectSameAsToday(usual_environment);
  expectSameAsToday({{"NESSUS_USERNAME", "admin"},
                     {"NESSUS_PASSWORD", "a b: #c"},
                     {"NESSUS_URL", "https://other:8834"},
                     {"REDIS_URL", "rediss://redis"},
                     {"DATA_DIR", "/srv/data"}});
}

TEST(Migration, NoSecretIsInTheFileOrInANote) {
  const Migrated migrated = migrateWithFile(
      "nessus:\n"
      "  - instance_id: scanner1\n"
      "    url: https://scanner:8834\n"
      "    username: admin\n"
      "    password: hunter2\n"
      "  - instance_id: scanner2\n"
      "    url: https://root:hunter2@scanner:8834\n"
      "    access_key: ${KEY:-hunter2}\n"
      "    secret_key: \"${PREFIX}hunter2\"\n"
      "nmap:\n"
      "  - {instance_id: scanner1, plugin: scanner-nmap, proxy: {password: hunter2}, "
      "tokens: [hunter2, 5]}\n",
      "REDIS_URL=redis://user%40x:hunter2@redis:6379/0?ssl_cert_reqs=hunter2\n"
      "KEY=hunter2\nOTHER_SECRET=hunter2\n");
  EXPECT_THAT(migrated.errors, IsEmpty());
  EXPECT_THAT(migrated.text, Not(HasSubstr("hunter2")));
  EXPECT_THAT(migrated.notes, Each(Not(HasSubstr("hunter2"))));
  const std::string decide = "decide: scanners.yaml:";
  const std::string folder = "/etc/scanhost/secrets/";
  for (const std::string& told :
       {decide + "5: nessus:scanner1: password stands there in clear; put it into " + folder +
            "scanner1-password,",
        decide + "7: nessus:scanner2: url stands there in clear; put it into " + folder +
            "scanner2-url,",
        decide +
            "8: nessus:scanner2: access_key has a default that stands there in clear; put it "
            "into " +
            folder + "scanner2-access_key,",
        decide + "9: nessus:scanner2: secret_key stands there in clear; put it into " + folder +
            "scanner2-secret_key,",
        decide + "11: nmap:scanner1: proxy-password stands there in clear; put it into " + folder +
            "scanner1-proxy-password,",
        decide + "11: nmap:scanner1: tokens-0 stands there in clear; put it into " + folder +
            "scanner1-tokens-0,",
        std::string("decide: REDIS_URL (service.env:1): holds a password; put it, with each %XX "
                    "as what it stands for, into ") +
            folder + "redis-password,",
        std::string("dropped: REDIS_URL (service.env:1): its parameters ssl_cert_reqs;"),
        std::string("dropped: OTHER_SECRET (service.env:3): nothing in scanhost reads it")})
    EXPECT_THAT(migrated.notes, Contains(StartsWith(told)));
  EXPECT_THAT(
      migrated.text,
      AllOf(HasSubstr("password: \"${file:" + folder + "scanner1-password}\"\n"),
            HasSubstr("access_key: \"${env:KEY:-${file:" + folder + "scanner2-access_key}}\"\n"),
            HasSubstr("url: \"redis://redis:6379/0\"\n"), HasSubstr("username: \"user@x\"\n"),
            HasSubstr("password: \"${file:" + folder + "redis-password}\"\n")));
}

TEST(Migration, RedisPasswordAmongTheParametersIsAskedForAndItsValueNeverTold) {
  const Migrated migrated =
      migrateWithFile("nmap: [{instance_id: a, plugin: scanner-nmap}]\n",
                      "REDIS_URL=redis://redis:6379/0?db=1&password=hunter2&username=user%40x\n");
  EXPECT_THAT(migrated.errors, IsEmpty());
  EXPECT_THAT(
      migrated.notes,
      AllOf(Each(Not(HasSubstr("hunter2"))),
            Contains(StartsWith("decide: REDIS_URL (service.env:1): holds a password")),
            Contains(StartsWith("dropped: REDIS_URL (service.env:1): its parameters db;"))));
  EXPECT_THAT(migrated.text,
              AllOf(Not(HasSubstr("hunter2")), HasSubstr("username: \"user@x\"\n"),
                    HasSubstr("password: \"${file:/etc/scanhost/secrets/redis-password}\"\n")));
}

TEST(Migration, SecretsOfTwoScannersOfOneNameHaveTheirOwnFiles) {
  const Migrated migrated = migrate(
      "a: [{instance_id: one, plugin: scanner-x, password: x}]\n"
      "b: [{instance_id: one, plugin: scanner-x, password: y}]\n");
  EXPECT_THAT(migrated.text,
              AllOf(HasSubstr("secrets/one-password}"), HasSubstr("secrets/one-password-2}")));
}

TEST(Migration, ReferencesKeepTheirDefaultsAndLiteralsStayLiteral) {
  EXPECT_EQ(migratedEntry("a: \"${A}\", url: \"x${B:-${C:-d}}y\", username: \"$${E}\", "
                          "d: \"${F:-}\""),
            "      a: \"${env:A}\"\n"
            "      url: \"x${env:B:-${env:C:-d}}y\"\n"
            "      username: \"$${E}\"\n"
            "      d: \"${env:F:-}\"\n");
}

TEST(Migration, ValuesKeepTheirTypesAndNesting) {
  EXPECT_EQ(migratedEntry("n: 5, s: \"5\", t: true, use_token: false, key_file: /k, e: {}, l: [], "
                          "z: null, m: {x: [{y: 1}]}"),
            "      n: 5\n      s: \"5\"\n      t: true\n      use_token: false\n"
            "      key_file: /k\n      e: {}\n      l: []\n      z: null\n"
            "      m:\n        x:\n          - y: 1\n");
}

TEST(Migration, TextOfAnUnknownKeyIsNamedAndNeverCopied) {
  const Migrated migrated = migrate(
      "nessus:\n"
      "  - instance_id: a\n"
      "    url: https://a\n"
      "    notes: |\n"
      "      curl -u root:hunter2 https://a\n"
      "    tls: {insecure: false, remark: hunter2}\n"
      "    extra: {deep: [hunter2]}\n"
      "nmap:\n"
      "  - {instance_id: b, plugin: scanner-nmap, notes: was hunter2, ports: [22, x-hunter2], "
      "other: \"${X:-hunter2}\"}\n",
      {{"HTTP_BASIC", "hunter2"}, {"SCAN_NOTE", "hunter2"}});
  EXPECT_THAT(migrated.errors, IsEmpty());
  EXPECT_THAT(migrated.text, Not(HasSubstr("hunter2")));
  EXPECT_THAT(migrated.notes, Each(Not(HasSubstr("hunter2"))));
  for (const char* note :
       {"dropped: scanners.yaml:4: nessus:a: notes, which scanner-nessus does not know",
        "dropped: scanners.yaml:6: nessus:a: remark, which scanner-nessus does not know",
        "dropped: scanners.yaml:7: nessus:a: extra, which scanner-nessus does not know",
        "decide: scanners.yaml:9: nmap:b: notes stands there in clear; put it into "
        "/etc/scanhost/secrets/b-notes,",
        "decide: scanners.yaml:9: nmap:b: ports-1 stands there in clear; put it into "
        "/etc/scanhost/secrets/b-ports-1,",
        "decide: scanners.yaml:9: nmap:b: other has a default that stands there in clear; put it "
        "into /etc/scanhost/secrets/b-other,",
        "dropped: SCAN_NOTE: nothing in scanhost reads it"})
    EXPECT_THAT(migrated.notes, Contains(StartsWith(note)));
}

TEST(Migration, AQuoteThatIsNotClosedIsAnErrorAtItsLine) {
  const char* rest = "    url: https://a\n    username: u\n    password: \"${P}\"\n";
  EXPECT_THAT(
      migrate("nessus:\n  - instance_id: a\n    name: Scanner \"1\n" + std::string(rest)).errors,
      IsEmpty());
  EXPECT_THAT(
      migrate("nessus:\n  - instance_id: a\n    url: \"https://a\n    username: u\n").errors,
      ElementsAre(AllOf(HasSubstr("scanners.yaml:3: is not valid YAML: a quote"),
                        HasSubstr("is never closed; close it"))));
  EXPECT_THAT(
      migrate("nessus:\n  - instance_id: a\n    name: \"Scanner 1\n" + std::string(rest)).errors,
      ElementsAre(HasSubstr("look at the quotes and the indentation there and above")));
  EXPECT_THAT(
      migrate("nessus:\n  - instance_id: a\n    name: \"Scanner 1\n    url: https://a\n"
              "    username: u\"\n    password: ${P}\n")
          .errors,
      ElementsAre(HasSubstr("scanners.yaml:3: this text has \"url:\" in it, as when a quote "
                            "is not closed; close it where the text ends"),
                  HasSubstr("scanners.yaml:3: this text has \"username:\" in it")));
}

TEST(Migration, AListOrMapInPlaceOfAValueIsAnError) {
  EXPECT_THAT(migrate("nessus:\n"
                      "  - instance_id: a\n"
                      "    url: [https://a]\n"
                      "    username: {name: u}\n"
                      "    tls: hunter2\n")
                  .errors,
              UnorderedElementsAre("scanners.yaml:3: url: expected a value, found a list",
                                   "scanners.yaml:4: username: expected a value, found a map",
                                   "scanners.yaml:5: tls: expected a map, found a value"));
}

TEST(Migration, ANessusWithoutItsUrlIsAsked) {
  EXPECT_THAT(migrate("nessus: [{instance_id: a, username: u, password: \"${P}\"}]\n").notes,
              Contains("decide: scanners.yaml:1: nessus:a: it has no url; add it to its config"));
}

TEST(Migration, EachScannerSaysWhereItCameFrom) {
  const Migrated migrated = migrate(usual_scanners, usual_environment);
  EXPECT_THAT(migrated.text, AllOf(HasSubstr("  # scanners.yaml:2\n  - name: scanner1\n"),
                                   HasSubstr("  # scanners.yaml:22\n  - name: local\n"),
                                   HasSubstr("  # DATA_DIR\n  data_dir: /srv/data\n")));
}

TEST(Migration, WhatOnlyPeopleCanDecideIsAsked) {
  const Migrated migrated = migrate(usual_scanners, usual_environment);
  const auto told = [&](const std::string& note) {
    EXPECT_THAT(migrated.notes, Contains(StartsWith(note)));
  };
  told("decide: policy.targets.allow: is empty, so nothing may be scanned;");
  told("decide: scanners.yaml:2: nessus:scanner1: its certificate is verified now,");
  told("decide: scanners.yaml:2: nessus:scanner1: it logs in as the web page does (ui_session),");
  told("decide: scanners.yaml:9: nessus:scanner3: its certificate is verified now,");
  told(
      "decide: NESSUS_PASSWORD: the scanner at scanners.yaml:6 reads it by ${env:NESSUS_PASSWORD}");
  EXPECT_THAT(migrated.notes, Each(Not(HasSubstr("scanner2: its certificate"))));
  EXPECT_THAT(migrated.notes, Each(Not(HasSubstr("scanner3: it logs in"))));
}

TEST(Migration, VerificationThatWasTurnedOffIsDroppedAndAskedFor) {
  const Migrated migrated = migrate(
      "nessus:\n  - instance_id: a\n    url: https://a\n    username: u\n    password: ${P}\n"
      "    verify_ssl: false\n"
      "  - {instance_id: b, url: https://b, tls: {insecure: true}}\n");
  EXPECT_THAT(migrated.text, Not(HasSubstr("verify_ssl")));
  for (const char* note :
       {"dropped: scanners.yaml:6: nessus:a: verify_ssl, for certificates are verified",
        "decide: scanners.yaml:2: nessus:a: its certificate is verified now",
        "decide: scanners.yaml:7: nessus:b: tls.insecure takes any certificate;",
        "decide: scanners.yaml:7: nessus:b: it has no login;",
        "decide: P: the scanner at scanners.yaml:5 reads it by ${env:P}, in the environment "
        "scanhost starts with; it is set nowhere here"})
    EXPECT_THAT(migrated.notes, Contains(StartsWith(note)));
}

TEST(Migration, ALoginBesideApiKeysIsDropped) {
  const Migrated migrated = migrate(
      "nessus: [{instance_id: a, access_key: \"${A}\", secret_key: \"${S}\", username: u, "
      "password: \"${P}\"}]\n");
  EXPECT_THAT(migrated.text, AllOf(HasSubstr("${env:A}"), Not(HasSubstr("${env:P}"))));
  EXPECT_THAT(migrated.notes,
              Contains("dropped: scanners.yaml:1: nessus:a: password, for the API keys are used"));
}

TEST(Migration, EachVariableOfTheServicesFileIsMappedReadOrTold) {
  const Migrated migrated =
      migrateWithFile("nmap: [{instance_id: a, plugin: scanner-nmap}]\n",
                      "METRICS_PORT=9090\nPATH=/bin\nMCP_SERVER_URL=http://x\n"
                      "LOG_LEVEL=CRITICAL\nDATA_DIR=${ROOT}/d\n"
                      "SCANNER_CONFIG=/app/scanners.yaml\n");
  EXPECT_THAT(migrated.errors, IsEmpty());
  for (const char* note :
       {"dropped: METRICS_PORT (service.env:1): nothing in scanhost reads it; http.listen is the",
        "dropped: PATH (service.env:2): nothing in scanhost reads it",
        "dropped: MCP_SERVER_URL (service.env:3): scanhostctl and the client library read it",
        "changed: LOG_LEVEL (service.env:4): CRITICAL is not known; log.level is error",
        "decide: DATA_DIR (service.env:5): holds ${...}, which is taken as it stands",
        "decide: DATA_DIR (service.env:5): is relative,",
        "dropped: DATA_DIR (service.env:5): tasks and reports of the earlier service",
        "dropped: SCANNER_CONFIG (service.env:6): the scanners stand in the new file",
        "decide: REDIS_URL: is not set, so the queue is queue-sqlite"})
    EXPECT_THAT(migrated.notes, Contains(StartsWith(note)));
  EXPECT_THAT(migrated.text, HasSubstr("data_dir: $${ROOT}/d\n"));
}

TEST(Migration, ADataFolderThatTheUnitMayNotWriteAsksForADropIn) {
  const auto notesWith = [](const char* folder) {
    return migrate("nmap: [{instance_id: a, plugin: scanner-nmap}]\n", {{"DATA_DIR", folder}})
        .notes;
  };
  const auto asked = AllOf(StartsWith("decide: DATA_DIR: is outside of /var/lib/scanhost,"),
                           HasSubstr("put ReadWritePaths= with that folder under [Service]"),
                           HasSubstr("set node.control_socket: /run/scanhost/control.sock"));
  for (const char* folder :
       {"/srv/scans", "/var/lib/scanhost2", "/var/lib/scanhost/../x", "data", "/"})
    EXPECT_THAT(notesWith(folder), Contains(asked)) << folder;
  for (const char* folder : {"/var/lib/scanhost", "/var/lib/scanhost/", "/var/lib//scanhost/a"})
    EXPECT_THAT(notesWith(folder), Each(Not(asked))) << folder;
}

TEST(Migration, AShellsOwnVariablesAreCountedOnly) {
  const Migrated migrated = migrate("nmap: [{instance_id: a, plugin: scanner-nmap}]\n",
                                    {{"PATH", "/bin"}, {"HOME", "/"}, {"REDIS_POOL", "5"}});
  EXPECT_THAT(migrated.notes, AllOf(Contains("dropped: REDIS_POOL: nothing in scanhost reads it"),
                                    Contains(StartsWith("dropped: environment: 2 variables")),
                                    Each(Not(HasSubstr("PATH")))));
}

TEST(Migration, NotesComeByKind) {
  std::string kinds;
  for (const std::string& note : migrate(usual_scanners, usual_environment).notes)
    if (kinds.find(note.substr(0, 3)) == kinds.npos) kinds += note.substr(0, 3);
  EXPECT_EQ(kinds, "chadrodec");
}

TEST(Migration, ErrorsNameTheirLineInTheEarlierFiles) {
  const Migrated migrated = migrateWithFile(
      "nessus:\n"
      "  - {name: x}\n"
      "  - {instance_id: a, password: \"${NO\"}\n"
      "  - {instance_id: b, password: \"${file:/x}\"}\n"
      "custom:\n"
      "  - {instance_id: b}\n",
      "COMPLETED_TTL_DAYS=seven\nREDIS_URL=http://u:hunter2@x\n");
  EXPECT_THAT(migrated.errors,
              ElementsAre(HasSubstr("scanners.yaml:2: nessus[0].instance_id: is missing"),
                          HasSubstr("scanners.yaml:3: password: a '${' without its '}'"),
                          HasSubstr("scanners.yaml:4: password: no variable's name between"),
                          HasSubstr("scanners.yaml:6: custom[0].plugin: is missing"),
                          "service.env:1: COMPLETED_TTL_DAYS: expected a whole number, found "
                          "\"seven\"",
                          AllOf(HasSubstr("service.env:2: REDIS_URL: must begin with redis://"),
                                Not(HasSubstr("hunter2")))));
}

TEST(Migration, WhatTheLoaderWouldRefuseIsAnErrorAtItsEarlierPlace) {
  const Migrated migrated = migrate(
      "nmap:\n"
      "  - {instance_id: BAD, plugin: scanner-nmap, enabled: maybe}\n"
      "  - {instance_id: b, plugin: scanner-nmap, max_concurrent_scans: \"${MANY}\"}\n"
      "  - {instance_id: c, plugin: \"${UNSET}\"}\n",
      {{"MANY", "0"}, {"LOG_LEVEL", "loud"}, {"STALE_SCAN_CLEANUP_ENABLED", "1"}});
  EXPECT_THAT(migrated.errors,
              UnorderedElementsAre(
                  HasSubstr("LOG_LEVEL in the environment: log.level: expected one of"),
                  HasSubstr("STALE_SCAN_CLEANUP_ENABLED in the environment: "
                            "housekeeping.stale_enabled: expected true or false, found \"1\""),
                  HasSubstr("scanners.yaml:2: scanners[0].name: expected a name"),
                  HasSubstr("scanners.yaml:2: scanners[0].enabled: expected true or false"),
                  HasSubstr("scanners.yaml:3: scanners[1].max_concurrent_scans: ")));
  EXPECT_THAT(
      migrate("nmap: [{instance_id: a, plugin: scanner-nmap}]\n", {{"WORKER_POOLS", "x"}}).errors,
      ElementsAre(HasSubstr("WORKER_POOLS in the environment: node.pools[0]: no scanner")));
  EXPECT_THAT(
      migrate("nmap: [{instance_id: a, plugin: x}, {instance_id: a, plugin: x}]\n").errors,
      ElementsAre(HasSubstr("the scanner nmap:a is configured already at scanners.yaml:1")));
  for (const char* empty : {"", "nessus: []\n", "a: [\n"})
    EXPECT_EQ(migrate(empty).errors.size(), 1u) << empty;
}

}  // namespace
}  // namespace scanhost
