// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What is wrong stops the start: exit code 78, a line that names place and remedy, and nothing
/// half-started.
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/integration/service.h"
#include "tests/support/certificate.h"

namespace scanhost::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing_support::ChildProcess;
using testing_support::Finished;
using namespace std::chrono_literals;

class Start : public testing::Test {
 protected:
  Folder folder;

  /// A configuration that starts, with `more` at its end.
  std::string good(const std::string& more = "", const std::string& listen = "127.0.0.1:0") {
    return "node: {data_dir: " + (folder.path() / "data").string() + "}\nhttp: {listen: \"" +
           listen +
           "\"}\ntransports: [{plugin: transport-mcp}]\nscanners: [{name: local, pool: nmap, "
           "plugin: scanner-nmap}]\npolicy: {targets: {allow: [\"127.0.0.0/8\"]}}\n" +
           more;
  }
  /// The same over TLS, with a certificate that ends after `life` and its key, or another.
  std::string secured(std::chrono::seconds life, const std::string& key = "") {
    const auto certificate = testing_support::makeSelfSigned("127.0.0.1", life);
    folder.write("cert.pem", certificate->chain_pem);
    folder.write("key.pem", key.empty() ? certificate->key_pem : key);
    std::string text = good();
    return text.insert(text.find("}\ntransports"), ", tls: {certificate: cert.pem, key: key.pem}");
  }
  Finished start(const std::string& file) {
    return testing_support::run({{built("bin/scanhost"), "--config", file}, {}, {}}, 10s);
  }
  Finished check(const std::string& file) {
    return testing_support::run({{built("bin/scanhost"), "check", "--config", file}, {}, {}}, 10s);
  }
  void expectRefused(const Finished& ended, const std::string& says) {
    EXPECT_EQ(ended.exit_code, 78);
    EXPECT_THAT(ended.err, HasSubstr(says));
    EXPECT_THAT(ended.err, Not(HasSubstr("is ready on")));
  }
  /// The start and `scanhost check` refuse it alike, and no data folder is made.
  void expectConfigRefused(const std::string& text, const std::string& says,
                           const std::string& name = "s.yaml") {
    const std::string file = folder.write(name, text).string();
    expectRefused(start(file), says);
    expectRefused(check(file), says);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "data"));
  }
  /// With the plugins copied to a folder of this test's own.
  std::filesystem::path pluginFolder() {
    const auto plugins = folder.path() / "plugins";
    std::filesystem::copy(built("plugins"), plugins);
    return plugins;
  }
  std::string withPlugins(const std::filesystem::path& plugins, const std::string& exporter) {
    return good("plugins: {dir: " + plugins.string() + ", in_process: [" + exporter +
                "]}\nexporters: [{plugin: " + exporter + "}]\n");
  }
  void expectFixtureRefused(const std::string& exporter, const std::string& says) {
    const auto plugins = pluginFolder();
    std::filesystem::copy_file(SCANHOST_FIXTURE_DIR "/" + exporter + ".so",
                               plugins / (exporter + ".so"));
    expectConfigRefused(withPlugins(plugins, exporter), says);
  }
};

TEST_F(Start, TheConfigurationOfThePackagesPassesItsCheck) {
  const Finished checked = check(SCANHOST_SOURCE_DIR "/packaging/scanhost.yaml");
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_EQ(checked.err, "");
}

TEST_F(Start, AGoodConfigurationIsReadyAndStopsOnSigterm) {
  ChildProcess service(
      {{built("bin/scanhost"), "--config", folder.write("s.yaml", good()).string()}, {}, {}});
  ASSERT_TRUE(service.waitFor("is ready on 127.0.0.1:")) << service.err();
  service.signal(SIGTERM);
  EXPECT_EQ(service.wait(10s), 0);
}

/// On a disk of its own, which takes the right to mount one.
TEST_F(Start, ADiskWithoutRoomForAStartIsToldByTheCheck) {
  std::filesystem::create_directory(folder.path() / "data");
  const auto checkOnDiskOf = [&](const std::string& size) {
    return testing_support::run(
        {{"unshare", "--mount", "sh", "-c",
          "mount -t tmpfs -o size=" + size + " none \"$0\" || exit 99; exec \"$@\"",
          (folder.path() / "data").string(), built("bin/scanhost"), "check", "--config",
          folder.write("s.yaml", good()).string()},
         {},
         {}},
        10s);
  };
  const Finished full = checkOnDiskOf("512k");
  if (full.exit_code == 99 || full.err.find("unshare failed") != std::string::npos)
    GTEST_SKIP() << "this user may mount no file system: " << full.err;
  expectRefused(full, "error: node.data_dir: only 512 KiB are free on the disk of node.data_dir");
  const Finished low = checkOnDiskOf("8m");
  EXPECT_EQ(low.exit_code, 0);
  EXPECT_THAT(low.err, AllOf(HasSubstr("warning: node.data_dir: only 8 MiB are free"),
                             HasSubstr("limits.disk_free (512 MiB)")));
}

TEST_F(Start, AMissingFileIsNamed) {
  expectRefused(start((folder.path() / "none.yaml").string()), "none.yaml");
}

TEST_F(Start, AnUnreadableFileIsNamed) {
  std::filesystem::create_directory(folder.path() / "folder.yaml");
  expectRefused(start((folder.path() / "folder.yaml").string()), "folder.yaml");
}

TEST_F(Start, MalformedYamlIsNamedWithItsLine) {
  expectConfigRefused(good("log: {level: [\n"), "s.yaml:");
}

TEST_F(Start, AnUnknownKeyNamesTheNearestOne) {
  expectConfigRefused(good("lgo: {level: info}\n"), "log");
}

TEST_F(Start, AWrongTypeNamesLineAndExpectation) {
  expectConfigRefused(good("tasks: {lease: soon}\n"), "s.yaml:6: tasks.lease");
}

TEST_F(Start, AllErrorsOfAFileAreToldAtOnce) {
  const Finished ended =
      check(folder.write("s.yaml", good("tasks: {lease: soon, timout: 1h}\n")).string());
  EXPECT_EQ(ended.exit_code, 78);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("tasks.lease"), HasSubstr("timout")));
}

TEST_F(Start, IniIsReadIntoTheSameTree) {
  const std::string file =
      folder
          .write("s.ini", "[node]\ndata_dir = " + (folder.path() / "data").string() +
                              "\n[http]\nlisten = 127.0.0.1:0\n[transports.mcp]\nplugin = "
                              "transport-mcp\n[scanners.local]\npool = nmap\nplugin = "
                              "scanner-nmap\n[policy]\ntargets.allow = 127.0.0.0/8\n")
          .string();
  const Finished ended = check(file);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
}

TEST_F(Start, WithoutAScannerTheLineToAddIsPrinted) {
  for (const std::string& none : {std::string(), std::string("scanners: []\n")}) {
    std::string text = good(none);
    const std::size_t at = text.find("scanners: [{");
    text.erase(at, text.find('\n', at) + 1 - at);
    expectConfigRefused(
        text, "scanners: no scanner is configured; add one, for example scanners: [{name");
    expectConfigRefused(text, none.empty() ? "s.yaml:1: " : "s.yaml:5: ");
  }
}

TEST_F(Start, AMissingBrokenOrEmptyScannersFileIsNamedWithItsLine) {
  const auto own = [&](const std::string& scanners) {
    folder.write("scanners.yaml", scanners);
    return good("scanners_file: scanners.yaml\n");
  };
  expectConfigRefused(good("scanners_file: none.yaml\n"), "s.yaml:6: scanners_file: ");
  expectConfigRefused(own(""), "scanners.yaml:1: holds no scanners");
  expectConfigRefused(own("nessus: []\n"), "scanners.yaml:1: holds no scanners");
  expectConfigRefused(own("nessus:\n  - {instance_id: a, url: [\n"), "scanners.yaml:");
  expectConfigRefused(own("nessus:\n  - {url: \"https://127.0.0.1:8834\"}\n"),
                      "scanners.yaml:2: nessus[0].instance_id: is missing");
  expectConfigRefused(
      own("nessus:\n  - {instance_id: a, password: \"${SCANHOST_UNSET}\"}\n"),
      "scanners.yaml:2: nessus[0].password: the variable SCANHOST_UNSET is not set");
}

TEST_F(Start, WithoutAnAllowListTheLineToAddIsPrinted) {
  std::string text = good();
  text.erase(text.find("policy:"));
  const Finished ended = check(folder.write("s.yaml", text).string());
  EXPECT_THAT(ended.err, AllOf(HasSubstr("policy.targets"), HasSubstr("allow:")));
}

TEST_F(Start, SettingsThatThePluginsSchemaRefusesAreNamedWithTheirLine) {
  expectConfigRefused(good("exporters: [{plugin: exporter-prometheus, config: {pth: /m}}]\n"),
                      "s.yaml:6: exporters[0]: config.pth");
}

TEST_F(Start, SettingsOfATemplateThatAScannerOfItsPoolDoesNotKnowAreNamedWithTheirLine) {
  expectConfigRefused(good("scan_templates:\n  deep: {pool: nmap, config: {portss: \"22\"}}\n"),
                      "s.yaml:7: scan_templates.deep: config.portss");
  expectConfigRefused(good("scan_templates: {deep: {config: {timing: fast}}}\n"),
                      "name the template's pool");
}

TEST_F(Start, SettingsThatThePluginItselfRefusesStopTheCheckToo) {
  const std::string file =
      folder
          .write("s.yaml", "node: {data_dir: " + (folder.path() / "data").string() +
                               "}\nscanners: [{name: s, pool: nessus, plugin: scanner-nessus, "
                               "config: {url: \"https://127.0.0.1:8834\"}}]\n")
          .string();
  expectRefused(check(file), "s.yaml:2: scanners[0]: ");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "data"));
  expectRefused(start(file), "s.yaml:2: scanners[0]: ");
}

TEST_F(Start, EachStoreGetsItsOwnSettings) {
  const auto queue = folder.path() / "tasks.db", results = folder.path() / "findings.db";
  ChildProcess service(
      {{built("bin/scanhost"), "--config",
        folder
            .write("s.yaml", good("queue: {config: {path: " + queue.string() +
                                  "}}\nresults: {config: {path: " + results.string() + "}}\n"))
            .string()},
       {},
       {}});
  ASSERT_TRUE(service.waitFor("is ready on")) << service.err();
  EXPECT_TRUE(std::filesystem::exists(queue));
  EXPECT_TRUE(std::filesystem::exists(results));
}

TEST_F(Start, AStrictQueueThatLivesOnOneMachineIsRefused) {
  expectConfigRefused(good("queue: {durability: strict}\n"),
                      "s.yaml:6: queue: durability is strict");
}

TEST_F(Start, AKeyThatIsNotThatOfTheCertificateIsRefused) {
  const std::string file =
      folder.write("s.yaml", secured(365 * 24h, testing_support::makeSelfSigned("")->key_pem))
          .string();
  for (const Finished& ended : {check(file), start(file)})
    expectRefused(ended, "is not that of " + (folder.path() / "cert.pem").string());
}

TEST_F(Start, ACertificateThatHasEndedOrEndsSoonIsToldOf) {
  const auto expectTold = [this](std::chrono::seconds life, const std::string& level,
                                 const std::string& says) {
    const std::string file = folder.write("s.yaml", secured(life)).string();
    const Finished checked = check(file);
    EXPECT_EQ(checked.exit_code, 0);
    EXPECT_THAT(checked.err, HasSubstr("warning: http.tls.certificate: " +
                                       (folder.path() / "cert.pem").string() + " " + says));
    ChildProcess service({{built("bin/scanhost"), "--config", file}, {}, {}});
    ASSERT_TRUE(service.waitFor("is ready on")) << service.err();
    const std::string event =
        "\"level\":\"" + level + "\",\"component\":\"http\",\"event\":\"certificate_doubtful\"";
    EXPECT_THAT(service.err(), HasSubstr(event));
    service.signal(SIGHUP);
    ASSERT_TRUE(service.waitFor("scanhost: reloaded")) << service.err();
    EXPECT_NE(service.err().find(event), service.err().rfind(event));
  };
  expectTold(-1h, "error", "expired at ");
  expectTold(20 * 24h, "warning", "expires at ");
}

TEST_F(Start, ACertificateThatIsGoodForLongIsNotSpokenOf) {
  const Finished checked = check(folder.write("s.yaml", secured(365 * 24h)).string());
  EXPECT_EQ(checked.exit_code, 0);
  EXPECT_EQ(checked.err, "");
}

TEST_F(Start, AnAddressThatIsNotOfThisMachineIsRefused) {
  std::string text = secured(365 * 24h);
  const std::string own = "127.0.0.1:0";
  text.replace(text.find(own), own.size(), "192.0.2.1:8835");
  chmod(folder.write("tokens", "{\"version\": 1, \"tokens\": []}").c_str(), 0600);
  text += "auth: {mode: token, tokens_file: tokens}\n";
  for (const Finished& ended :
       {check(folder.write("s.yaml", text).string()), start((folder.path() / "s.yaml").string())})
    expectRefused(ended, "192.0.2.1:8835: this machine has no such address");
}

TEST_F(Start, APathThatIsTooLongForAControlSocketIsRefused) {
  const std::string file =
      folder.write("s.yaml", good().insert(7, "control_socket: /" + std::string(107, 'x') + ", "))
          .string();
  for (const Finished& ended : {check(file), start(file)})
    expectRefused(ended, "node.control_socket: unix:/");
}

TEST_F(Start, AKeyFileThatIsNoneIsRefused) {
  chmod(folder.write("keys", "{\"version\": 1}").c_str(), 0600);
  const std::string file = folder.write("s.yaml", good().insert(7, "key_file: keys, ")).string();
  for (const Finished& ended : {check(file), start(file)})
    expectRefused(ended, "node.key_file: key file ");
}

TEST_F(Start, AQueueThatNodesShareNeedsAKeyFileThatTheyShareToo) {
  expectConfigRefused(
      good("queue: {plugin: queue-redis, config: {url: \"redis://127.0.0.1:1/0\"}}\n"
           "results: {allow_local: true}\n"),
      "s.yaml:6: queue: plugin queue-redis shares tasks with other nodes, and "
      "node.key_file is not set");
}

TEST_F(Start, AnAbsentPluginIsNamed) {
  expectConfigRefused(good("queue: {plugin: queue-sqlite2}\n"), "queue-sqlite2.so");
}

TEST_F(Start, APluginOfAnotherVendorRunsInThisProcessOnlyIfNamed) {
  const auto plugins = pluginFolder();
  std::filesystem::copy_file(SCANHOST_FIXTURE_DIR "/exporter-good.so",
                             plugins / "exporter-good.so");
  expectConfigRefused(good("plugins: {dir: " + plugins.string() +
                           "}\nexporters: [{plugin: exporter-good, isolation: none}]\n"),
                      "plugins.in_process");
}

TEST_F(Start, APinThatNamesNoPluginIsAnError) {
  expectConfigRefused(good("plugins: {pins: {scanner-nmao: \"" + std::string(64, '0') + "\"}}\n"),
                      "plugins.pins: there is no plugin scanner-nmao");
}

TEST_F(Start, AWrongCommandLineIsExitCode64) {
  EXPECT_EQ(testing_support::run({{built("bin/scanhost"), "frob"}, {}, {}}).exit_code, 64);
  EXPECT_EQ(testing_support::run({{built("bin/scanhost"), "--config"}, {}, {}}).exit_code, 64);
}

TEST_F(Start, AWorldWritablePluginIsRefused) {
  const auto plugins = pluginFolder();
  ASSERT_EQ(chmod((plugins / "exporter-prometheus.so").c_str(), 0666), 0);
  expectConfigRefused(withPlugins(plugins, "exporter-prometheus"), "writ");
}

TEST_F(Start, APluginOfAnotherAbiMajorIsRefused) {
  expectFixtureRefused("exporter-abi-major-2", "built for ABI major 2");
}

TEST_F(Start, APluginWithoutAnEntryIsRefused) {
  expectFixtureRefused("exporter-no-entry", "does not export scanhost_plugin_v1");
}

TEST_F(Start, APortInUseIsNamedAndNothingStaysStarted) {
  const int taken = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ASSERT_EQ(bind(taken, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(listen(taken, 1), 0);
  getsockname(taken, reinterpret_cast<sockaddr*>(&address), &length);
  const std::string listen_address = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  const std::string file = folder.write("s.yaml", good("", listen_address)).string();
  expectRefused(start(file), listen_address);
  EXPECT_EQ(check(file).exit_code, 0);  // for it may be the service's own
  close(taken);
}

TEST_F(Start, ADataFolderThatCannotBeWrittenIsNamed) {
  folder.write("data", "a file where the folder should be");
  const std::string file = folder.write("s.yaml", good()).string();
  for (const Finished& ended : {check(file), start(file)})
    expectRefused(ended, "node.data_dir: " + (folder.path() / "data").string());
}

TEST_F(Start, WhatThisUserCannotMakeIsRefusedByTheCheck) {
  namespace fs = std::filesystem;
  fs::permissions(folder.path(), fs::perms(0755));
  for (const auto& [name, mode] : {std::pair{"data", 0777}, {"closed", 0555}}) {
    fs::create_directory(folder.path() / name);
    fs::permissions(folder.path() / name, fs::perms(mode));
  }
  const auto checkWith = [&](const std::string& key, const std::string& value) {
    std::string text = good();
    const std::string path = key + ": " + (folder.path() / value).string();
    const auto at = text.find("data_dir: ");
    if (key == "data_dir")
      text.replace(at, text.find('}') - at, path);
    else
      text.insert(text.find('}'), ", " + path);
    std::vector<std::string> words = {built("bin/scanhost"), "check", "--config",
                                      folder.write("s.yaml", text).string()};
    fs::permissions(words.back(), fs::perms(0644));
    const std::vector<std::string> as_nobody = {"setpriv", "--reuid=65534", "--clear-groups"};
    if (geteuid() == 0) words.insert(words.begin(), as_nobody.begin(), as_nobody.end());
    return testing_support::run({words, {}, {}}, 10s);
  };
  folder.write("data/file", "");
  fs::create_symlink("nowhere", folder.path() / "data/link");
  for (const auto& [key, value] : {std::pair{"data_dir", "closed/d"},
                                   {"data_dir", "data/link"},
                                   {"key_file", "closed/k"},
                                   {"key_file", "data/no/k"},
                                   {"control_socket", "closed/s"},
                                   {"control_socket", "data/file"},
                                   {"control_socket", "closed/no/s"}})
    expectRefused(checkWith(key, value), std::string("node.") + key + ": ");
  for (const auto& [key, value] : {std::pair{"data_dir", "data/new/d"},
                                   {"key_file", "data/k"},
                                   {"control_socket", "data/new/s"}})
    EXPECT_EQ(checkWith(key, value).exit_code, 0) << key << ' ' << value;
}

TEST_F(Start, ASecondServiceOnTheSameDataFolderIsRefused) {
  const std::string file = folder.write("s.yaml", good()).string();
  ChildProcess first({{built("bin/scanhost"), "--config", file}, {}, {}});
  ASSERT_TRUE(first.waitFor("is ready on")) << first.err();
  expectRefused(start(file), "is in use by another scanhost");
  EXPECT_EQ(check(file).exit_code, 0);
}

TEST_F(Start, PrintDefaultsIsAConfigurationThatIsAccepted) {
  const Finished printed =
      testing_support::run({{built("bin/scanhost"), "config", "print-defaults"}, {}, {}});
  EXPECT_EQ(printed.exit_code, 0);
  const Finished ended =
      check(folder
                .write("s.yaml", printed.out +
                                     "scanners: [{name: local, pool: nmap, plugin: scanner-nmap}]\n"
                                     "transports: [{plugin: transport-mcp}]\n")
                .string());
  EXPECT_THAT(ended.err, Not(HasSubstr("unknown key")));
}

TEST_F(Start, PluginListNamesEachPlugin) {
  const Finished ended = testing_support::run({{built("bin/scanhost"), "plugin", "list"}, {}, {}});
  EXPECT_EQ(ended.exit_code, 0) << ended.out;
  for (const char* plugin : {"queue-sqlite", "results-sqlite", "scanner-nmap", "scanner-nessus",
                             "transport-mcp", "exporter-prometheus", "exporter-jsonlog"})
    EXPECT_THAT(ended.out, HasSubstr(plugin));
}

}  // namespace
}  // namespace scanhost::integration
