// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanner-nmap as the host has it: the built file, loaded, with the real nmap where there is one.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "host/abi/process_service.h"
#include "host/base/unique_fd.h"
#include "host/plugins/instance.h"
#include "host/plugins/loader.h"
#include "host/plugins/scanner_client.h"
#include "host/plugins/schema.h"

namespace scanhost {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Pair;

const ServiceRegistry& services() {
  static ServiceRegistry registry;
  static ProcessService processes;
  static const bool registered = (processes.registerIn(registry), true);
  EXPECT_TRUE(registered);
  return registry;
}

const LoadedPlugin& plugin() {
  static PluginLoader loader(
      {.folder = std::filesystem::path(SCANHOST_BINARY_DIR) / "plugins", .services = &services()});
  const auto loaded = loader.load("scanner-nmap");
  if (!loaded) throw std::runtime_error(loaded.error().message);
  return **loaded;
}

/// An instance with the settings that the host would fill in.
class NmapPlugin : public testing::Test {
 protected:
  Status make(Json settings) {
    CheckedSettings checked = Schema::compile(plugin().manifest().config_schema)->check(settings);
    EXPECT_TRUE(checked.problems.empty());
    auto created = PluginInstance::create(plugin(), SCANHOST_SCANNER_LOCAL_ID,
                                          {.name = "local",
                                           .settings = std::move(checked.values),
                                           .data_dir = {},
                                           .services = &services()});
    if (!created) return tl::unexpected<Error>(created.error());
    instance_ = std::move(*created);
    return instance_->start({});
  }
  ScannerClient client() const {
    return {"scanner-nmap", &instance_->table<scanhost_interface>(), instance_->self(),
            ScannerKind::local};
  }

 private:
  std::unique_ptr<PluginInstance> instance_;
};

class Recorder : public ScanSinkHandler {
 public:
  Status onFindings(std::span<const scanhost_finding* const> records) override {
    for (const scanhost_finding* record : records) findings.push_back(FindingRecord::from(*record));
    return {};
  }
  Status onHosts(std::span<const scanhost_host_report* const> records) override {
    for (const scanhost_host_report* record : records) {
      hosts.push_back(toString(record->host));
      facts = toPairs(record->facts);
    }
    return {};
  }
  Status onProgress(int value, std::string_view) override {
    percent = value;
    return {};
  }
  Status onSummary(const Summary& told) override {
    summary = told;
    return {};
  }

  std::vector<FindingRecord> findings;
  std::vector<std::string> hosts;
  Pairs facts;
  int percent = -1;
  Summary summary;
};

/// A socket that listens on a free port of 127.0.0.1.
class Listener {
 public:
  Listener() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(fd_.get(), 16), 0);
    getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = std::to_string(ntohs(address.sin_port));
  }
  const std::string& port() const { return port_; }

 private:
  UniqueFd fd_;
  std::string port_;
};

ScanRequest request(Json settings) {
  ScanRequest made;
  made.task_id = "t";
  made.settings = std::move(settings);
  made.targets = {{"localhost", {"127.0.0.1"}, true}};
  return made;
}

/// A program that stands in for nmap: a shell script with that body.
std::filesystem::path standIn(const std::string& body) {
  const auto path = std::filesystem::path(testing::TempDir()) /
                    ("scanhost-nmap-" + std::to_string(getpid()) + ".sh");
  std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path;
}

#define NEEDS_NMAP() \
  if (!std::filesystem::exists("/usr/bin/nmap")) GTEST_SKIP() << "nmap is not installed"

TEST_F(NmapPlugin, SaysWhatItIs) {
  ASSERT_TRUE(make(Json::object()));
  const auto description = client().describe();
  ASSERT_TRUE(description);
  EXPECT_EQ(description->family, "nmap");
  EXPECT_EQ(description->capabilities, SCANHOST_SCANNER_PINS_NAMES);
}

TEST_F(NmapPlugin, TheSelfTestNamesNmapsVersion) {
  NEEDS_NMAP();
  ASSERT_TRUE(make(Json::object()));
  const auto health = client().selfTest({.timeout = std::chrono::seconds(30)});
  ASSERT_TRUE(health) << health.error().message;
  EXPECT_FALSE(health->read_only);
  EXPECT_THAT(health->version, testing::StartsWith("7."));
}

TEST_F(NmapPlugin, TheSelfTestRefusesAProgramThatIsNotNmap) {
  ASSERT_TRUE(make(Json::object({{"program", "/bin/true"}})));
  const auto health = client().selfTest({.timeout = std::chrono::seconds(30)});
  ASSERT_FALSE(health);
  EXPECT_EQ(health.error().error_class, ErrorClass::config);
  EXPECT_EQ(health.error().subject, ErrorSubject::backend);
}

TEST_F(NmapPlugin, FindsAListeningSocketOnThisMachine) {
  NEEDS_NMAP();
  const Listener listener;
  ASSERT_TRUE(make(Json::object({{"service_detection", false}})));
  Recorder recorder;

  const Status done = client().scan(request(Json::object({{"ports", listener.port()}})), recorder,
                                    {.timeout = std::chrono::seconds(60)});

  ASSERT_TRUE(done) << done.error().message;
  ASSERT_EQ(recorder.findings.size(), 1u);
  EXPECT_EQ(recorder.findings[0].check_id, "nmap:open-port");
  EXPECT_EQ(recorder.findings[0].host, "127.0.0.1");
  EXPECT_EQ(recorder.findings[0].port, listener.port());
  EXPECT_EQ(recorder.hosts, std::vector<std::string>{"127.0.0.1"});
  EXPECT_THAT(recorder.facts, Contains(Pair("given", "localhost")));
  EXPECT_EQ(recorder.percent, 100);
  EXPECT_TRUE(recorder.summary.complete);
  EXPECT_EQ(recorder.summary.hosts_answered, 1u);
  EXPECT_GT(recorder.summary.report_bytes, 0u);
}

TEST_F(NmapPlugin, NmapSeesOnlyTheTemplateAndTheAddressesOnItsInput) {
  const auto program = standIn(
      "args=$(echo \"$@\" | tr -d '<&'); targets=$(tr '\\n' ' ')\n"
      "echo \"<!DOCTYPE nmaprun><nmaprun><host><status state='up'/>"
      "<address addr='127.0.0.1' addrtype='ipv4'/>"
      "<hostscript><script id='echo' output='$args | $targets | $HOME'/></hostscript></host>"
      "<runstats><finished exit='success'/><hosts up='1' down='0' total='1'/></runstats>"
      "</nmaprun>\"");
  ASSERT_TRUE(make(Json::object({{"program", program.string()}})));
  Recorder recorder;

  const Status done = client().scan(request(Json::object()), recorder, {});

  ASSERT_TRUE(done) << done.error().message;
  EXPECT_THAT(recorder.findings.at(0).output,
              HasSubstr("-iL - -n -oX - --noninteractive -v --stats-every 5s -sT --unprivileged"));
  EXPECT_THAT(recorder.findings.at(0).output, HasSubstr("| 127.0.0.1  | "));
}

TEST_F(NmapPlugin, AFailureNamesWhatNmapSaid) {
  ASSERT_TRUE(
      make(Json::object({{"program", standIn("echo 'no such device' >&2; exit 1").string()}})));
  Recorder recorder;
  const Status done = client().scan(request(Json::object()), recorder, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().error_class, ErrorClass::transient);
  EXPECT_THAT(done.error().message, HasSubstr("no such device"));
}

TEST_F(NmapPlugin, AHostileReportIsRefused) {
  ASSERT_TRUE(make(Json::object(
      {{"program", standIn("echo '<!DOCTYPE nmaprun [<!ENTITY a \"b\">]><nmaprun>&a;</nmaprun>'")
                       .string()}})));
  Recorder recorder;
  const Status done = client().scan(request(Json::object()), recorder, {});
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("xml_invalid"));
}

TEST_F(NmapPlugin, CancellingEndsNmapSoon) {
  ASSERT_TRUE(make(Json::object({{"program", standIn("exec sleep 60").string()}})));
  Recorder recorder;
  const auto begin = std::chrono::steady_clock::now();

  const Status done =
      client().scan(request(Json::object()), recorder, {.timeout = std::chrono::milliseconds(300)});

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().error_class, ErrorClass::timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST_F(NmapPlugin, CannotLogIn) {
  ASSERT_TRUE(make(Json::object()));
  ScanRequest with_login = request(Json::object());
  with_login.credential = Credential("ssh-password", Pairs{{"username", "u"}});
  Recorder recorder;
  const Status done = client().scan(with_login, recorder, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().error_class, ErrorClass::unsupported);
}

TEST_F(NmapPlugin, SettingsThatTheSchemaCannotCheckAreCheckedToo) {
  const Status made = make(Json::object({{"ports", "80 -oN /etc/passwd"}}));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().error_class, ErrorClass::config);
}

}  // namespace
}  // namespace scanhost
