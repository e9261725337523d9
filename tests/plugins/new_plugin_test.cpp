// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `scanhost-plugin new`, as a vendor has it: what it makes builds with the installed SDK alone,
/// passes its own tests, packages itself, and runs in this host.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <thread>
#include <vector>

#include "host/abi/process_service.h"
#include "host/base/unique_fd.h"
#include "host/plugins/instance.h"
#include "host/plugins/loader.h"
#include "host/plugins/scanner_client.h"
#include "host/plugins/schema.h"
#include "tests/plugins/vendor_folder.h"

namespace scanhost {
namespace {

using testing::HasSubstr;

class NewPluginAtAVendor : public VendorFolder {
 protected:
  void makeAndBuild(const std::string& name, const std::string& kind) {
    installSdk();
    run((prefix_ / "bin/scanhost-plugin").string() + " new " + name + " --kind " + kind +
        " --dir " + source_.string());
    build(cheaply);
  }
  /// Its own, and `scanhost-plugin check`.
  void runItsTests() {
    run("ctest --test-dir " + build_.string() + " --output-on-failure");
    EXPECT_THAT(output_, HasSubstr("100% tests passed, 0 tests failed out of 2"));
  }
  void buildExample(const std::string& folder) {
    installSdk();
    source_ = std::filesystem::path(SCANHOST_SOURCE_DIR) / "sdk/examples" / folder;
    build(cheaply);
  }

  static constexpr const char* cheaply =
      "-DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS='-O0 -g0 -Werror' "
      "-DCMAKE_CXX_FLAGS='-O0 -g0 -Werror'";
};

/// Says one line to whoever connects to a free port of 127.0.0.1.
class Greeter {
 public:
  explicit Greeter(const std::string& line) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(fd_.get(), 4), 0);
    getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, line] {
      for (;;) {
        const UniqueFd peer(accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (peer.get() < 0) return;
        send(peer.get(), line.data(), line.size(), MSG_NOSIGNAL);
      }
    });
  }
  ~Greeter() {
    shutdown(fd_.get(), SHUT_RDWR);
    thread_.join();
  }
  int port() const { return port_; }

 private:
  UniqueFd fd_;
  int port_ = 0;
  std::thread thread_;
};

class Recorder : public ScanSinkHandler {
 public:
  Status onFindings(std::span<const scanhost_finding* const> records) override {
    for (const scanhost_finding* record : records) findings.push_back(FindingRecord::from(*record));
    return {};
  }
  Status onHosts(std::span<const scanhost_host_report* const>) override { return {}; }
  Status onProgress(int, std::string_view) override { return {}; }
  Status onSummary(const Summary& told) override {
    summary = told;
    return {};
  }

  std::vector<FindingRecord> findings;
  Summary summary;
};

/// Scans 127.0.0.1 with the plugin of that name in `folder`, as a node does with one that is not of
/// its own build: in a process apart, which reaches what its settings name and little else.
Recorder scanLoopback(const std::filesystem::path& folder, const std::string& name,
                      const Json& settings) {
  static ServiceRegistry services;
  static ProcessService processes;
  static const bool registered = (processes.registerIn(services), true);
  EXPECT_TRUE(registered);
  PluginLoader::Options options{.folder = folder, .services = &services};
  options.runner.program = std::filesystem::path(SCANHOST_BINARY_DIR) / "bin/scanhost-runner";
  PluginLoader loader(options);
  const auto plugin = loader.isolate(name);
  if (!plugin) throw std::runtime_error(plugin.error().message);
  const CheckedSettings checked =
      Schema::compile((*plugin)->manifest().config_schema)->check(settings);
  EXPECT_TRUE(checked.problems.empty());
  auto instance = PluginInstance::create(
      **plugin, SCANHOST_SCANNER_LOCAL_ID,
      {.name = "local", .settings = checked.values, .data_dir = {}, .services = &services});
  if (!instance) throw std::runtime_error(instance.error().message);
  EXPECT_TRUE((*instance)->start({}));
  const ScannerClient client(name, &(*instance)->table<scanhost_interface>(), (*instance)->self(),
                             ScannerKind::local);
  ScanRequest request;
  request.targets = {{"localhost", {"127.0.0.1"}, true}};
  Recorder recorder;
  const Status done = client.scan(request, recorder, {});
  EXPECT_TRUE(done) << done.error().message;
  return recorder;
}

TEST_F(NewPluginAtAVendor, ALocalScannerTestsAndPackagesItselfAndScans) {
  makeAndBuild("scanner-banner", "scanner-local");
  runItsTests();

  run("cd " + build_.string() + " && cpack -G DEB");
  run("dpkg-deb -c " + (build_ / "*.deb").string());
  EXPECT_THAT(output_, HasSubstr("./usr/lib/scanhost/plugins/scanner-banner.so"));
  EXPECT_THAT(output_, HasSubstr("./usr/lib/scanner-banner/scan"));
  run("dpkg-deb -f " + (build_ / "*.deb").string() + " Depends");
  EXPECT_THAT(output_, HasSubstr("scanhost-abi-1"));

  folder_.addFile(build_ / "plugins/scanner-banner.so", "scanner-banner");
  const Greeter greeter("SSH-1.5-old\r\n");
  const Recorder found = scanLoopback(folder_.path(), "scanner-banner",
                                      Json::object({{"program", (source_ / "sample/scan").string()},
                                                    {"ports", Json::array({greeter.port()})}}));
  ASSERT_EQ(found.findings.size(), 1u);
  EXPECT_EQ(found.findings[0].check_id, "ssh-protocol-1");
  EXPECT_EQ(found.findings[0].output, "SSH-1.5-old");
  EXPECT_TRUE(found.summary.complete) << found.summary.reason;
}

TEST_F(NewPluginAtAVendor, ARemoteScannerTestsItself) {
  makeAndBuild("scanner-spool", "scanner-remote");
  runItsTests();
}

TEST_F(NewPluginAtAVendor, AnExporterTestsItself) {
  makeAndBuild("exporter-lines", "exporter");
  runItsTests();
}

TEST_F(NewPluginAtAVendor, ATransportTestsItself) {
  makeAndBuild("transport-rest", "transport");
  runItsTests();
}

TEST_F(NewPluginAtAVendor, AProviderOfOperationsTestsItself) {
  makeAndBuild("operations-ports", "operations");
  runItsTests();
}

TEST_F(NewPluginAtAVendor, AQueueDoesAllThatAQueueMust) {
  makeAndBuild("queue-memory", "queue");
  runItsTests();
}

TEST_F(NewPluginAtAVendor, AResultStoreDoesAllThatAResultStoreMust) {
  makeAndBuild("results-memory", "results");
  runItsTests();
}

/// Both examples tell the same of the same service.
void expectBanner(const std::filesystem::path& folder, const std::string& name) {
  const Greeter greeter("220 hello\r\n");
  const Recorder found =
      scanLoopback(folder, name, Json::object({{"ports", Json::array({greeter.port()})}}));
  ASSERT_EQ(found.findings.size(), 1u);
  EXPECT_EQ(found.findings[0].host, "127.0.0.1");
  EXPECT_EQ(found.findings[0].port, std::to_string(greeter.port()));
  EXPECT_EQ(found.findings[0].output, "220 hello");
  EXPECT_TRUE(found.summary.complete) << found.summary.reason;
  EXPECT_EQ(found.summary.hosts_answered, 1u);
}

TEST_F(NewPluginAtAVendor, TheExampleInCScans) {
  buildExample("c");
  folder_.addFile(build_ / "plugins/scanner-banner-c.so", "scanner-banner-c");
  expectBanner(folder_.path(), "scanner-banner-c");
}

TEST_F(NewPluginAtAVendor, TheExampleInRustScans) {
  if (std::system("rustc --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "no rustc in PATH";
  buildExample("rust");
  folder_.addFile(build_ / "plugins/scanner-banner-rust.so", "scanner-banner-rust");
  expectBanner(folder_.path(), "scanner-banner-rust");
}

}  // namespace
}  // namespace scanhost
