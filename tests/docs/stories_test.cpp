// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Documents that tell a whole story are followed from their first command to their last.
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <thread>

#include "tests/docs/programs.h"
#include "tests/docs/story.h"
#include "tests/integration/service.h"
#include "tests/support/redis_server.h"

namespace scanhost::docs {
namespace {

using testing_support::Folder;
using testing_support::freePort;

TEST(Stories, TheFirstScanGoesAsItIsTold) {
  for (const char* program : {"nmap", "python3", "curl"})
    if (!isHere(program)) GTEST_SKIP() << program << " is not installed";
  const Folder folder;
  const std::string service = std::to_string(freePort()), web = std::to_string(freePort());
  const std::string address = "127.0.0.1:" + service;
  std::filesystem::create_directories(folder.path() / "first-scan/conf.d");
  folder.write("first-scan/conf.d/port.yaml", "http: {listen: \"" + address + "\"}\n");
  Story({.folder = folder.path().string(),
         .environment = {{"SCANHOST_URL", "http://" + address}},
         .replaced = {{"build/release/bin/", SCANHOST_BINARY_DIR "/bin/"},
                      {"8000-8010", web},
                      {"8000", web},
                      {"8835", service}}})
      .follow("docs/tutorial/first-scan.md");
}

TEST(Stories, TheFirstPluginIsMadeAsItIsTold) {
  const Folder home;
  const auto cache = testing_support::run({{"ccache", "--get-config", "cache_dir"}, {}, {}}).out;
  const std::string sdk = (home.path() / "scanhost-sdk").string();
  ASSERT_EQ(testing_support::run(
                {{"cmake", "--install", SCANHOST_BINARY_DIR, "--component", "sdk", "--prefix", sdk},
                 {},
                 {}})
                .exit_code,
            0);
  Story({.folder = home.path().string(),
         .environment = {{"HOME", home.path().string()},
                         // What was compiled once, under another folder's name, is not again.
                         {"CMAKE_CXX_COMPILER_LAUNCHER", isHere("ccache") ? "ccache" : ""},
                         {"CCACHE_DIR", cache.substr(0, cache.find('\n'))},
                         {"CCACHE_BASEDIR", home.path().string()},
                         {"CCACHE_NOHASHDIR", "1"},
                         {"CMAKE_BUILD_PARALLEL_LEVEL", "2"},
                         {"CFLAGS", "-O0"},
                         {"CXXFLAGS", "-O0"}},
         .replaced = {{"/home/you", home.path().string()}}})
      .follow("docs/tutorial/your-first-plugin.md");
}

TEST(Stories, AFingerprintIsMadeByHand) {
  if (!isHere("xxd")) GTEST_SKIP() << "xxd is not installed";
  const Folder folder;
  Story({.folder = folder.path().string(), .environment = {}, .replaced = {}})
      .follow("docs/reference/findings.md");
}

TEST(Stories, CurlIsAnMcpClientAsItIsTold) {
  if (!isHere("curl")) GTEST_SKIP() << "curl is not installed";
  const testing_support::NessusSimulator nessus(integration::built("bin/nessus-simulator"));
  const integration::Service service({.scanners = integration::nessusScanner(nessus)});
  Story({.folder = service.folder().string(),
         .environment = {},
         .replaced = {{"8835", std::to_string(service.port())}}})
      .follow("docs/how-to/connect-an-mcp-client.md");
}

TEST(Stories, APluginIsCheckedAsItIsTold) {
  if (!isHere("nmap")) GTEST_SKIP() << "nmap is not installed";
  const Folder folder;
  Story({.folder = folder.path().string(),
         .environment = {},
         .replaced = {{"build/debug/", SCANHOST_BINARY_DIR "/"},
                      {"18834", std::to_string(freePort())}}})
      .follow("docs/how-to/check-a-plugin.md");
}

/// A running service, whose folder the commands of an operator are run in.
class StoriesOfAnOperator : public testing::Test {
 protected:
  void SetUp() override {
    if (!isHere("nmap")) GTEST_SKIP() << "nmap is not installed";
    service_.emplace(integration::ServiceOptions{.scanners = integration::nmapScanner("1-65535"),
                                                 .targets = "{allow: [\"127.0.0.1\"]}"});
  }
  /// A scan that was cancelled while it ran; its id.
  std::string cancelledScan() {
    const std::string task = service_->client().submit_scan("127.0.0.1", "LAN").task_id;
    while (service_->metric("nessus_active_scans") != 1) std::this_thread::yield();
    service_->client().cancel(task, "wrong network");
    client::Client client = service_->client();
    integration::waitForEnd(client, task);
    return task;
  }
  void follow(const std::string& document) {
    Story({.folder = service_->folder().string(),
           .environment = {{"SCANHOST_SOCKET", service_->socket()},
                           {"SCANHOST_URL", service_->url()}},
           .replaced = replaced_})
        .follow(document);
  }

  std::vector<std::pair<std::string, std::string>> replaced_;

  std::optional<integration::Service> service_;
};

TEST_F(StoriesOfAnOperator, WhatWasDecidedIsAudited) {
  service_->ctl({"submit", "10.0.0.1"});
  cancelledScan();
  follow("docs/how-to/audit-what-was-decided.md");
}

TEST_F(StoriesOfAnOperator, FindingsAreTakenAway) {
  client::Client client = service_->client();
  const std::string task = client.submit_scan("127.0.0.1", "Tuesday").task_id;
  integration::waitForEnd(client, task);
  replaced_ = {{"nm_loca_20261130_043245_17560473", task}};
  follow("docs/how-to/plan-compare-and-export.md");
}

TEST_F(StoriesOfAnOperator, EverythingIsStopped) {
  follow("docs/how-to/stop-everything.md");
}

}  // namespace
}  // namespace scanhost::docs
