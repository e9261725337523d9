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
           .replaced = {{"8835", std::to_string(service_->port())}}})
        .follow(document);
  }

  std::optional<integration::Service> service_;
};

TEST_F(StoriesOfAnOperator, WhatWasDecidedIsAudited) {
  service_->ctl({"submit", "10.0.0.1"});
  cancelledScan();
  follow("docs/how-to/audit-what-was-decided.md");
}

TEST_F(StoriesOfAnOperator, EverythingIsStopped) {
  follow("docs/how-to/stop-everything.md");
}

}  // namespace
}  // namespace scanhost::docs
