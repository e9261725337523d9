// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// The plugin as a node uses it: loaded, entered through the ABI.
#include <scanhost/testing/check.h>
#include <scanhost/testing/operations.h>
#include <stdlib.h>

#include <fstream>

using namespace scanhost::plugintest;
using scanhost::Json;
using scanhost::ListKind;
using scanhost::RequestKind;

namespace {

/// A started provider over a list of two services.
struct Node {
  Node() {
    if (!mkdtemp(folder)) throw std::runtime_error("mkdtemp failed");
    std::ofstream(folder + std::string("/services")) << "ssh 22/tcp\n# none\nhttps 443/tcp\n";
  }
  Json settings() const {
    return Json::object({{"services", folder + std::string("/services")}});
  }
  char folder[32] = "/tmp/operations-test-XXXXXX";
  TestHost host;
  TestPlugin plugin{SCANHOST_PLUGIN_FILE, host};
};

}  // namespace

SCANHOST_TEST(APortsServiceIsNamed) {
  Node node;
  OperationsUnderTest operations(node.plugin, node.settings());
  const OperationReply reply = operations.request("service_of_port", R"({"port":443})");
  SCANHOST_EXPECT_EQUAL(reply.end, "result");
  SCANHOST_EXPECT_EQUAL(reply.structured, R"({"service":"https"})");
}

SCANHOST_TEST(WhatIsNoPortIsAnErrorThatSaysSo) {
  Node node;
  OperationsUnderTest operations(node.plugin, node.settings());
  for (const char* arguments : {"", "{}", "{", R"({"port":"x"})", R"({"port":-1})"})
    SCANHOST_EXPECT_EQUAL(operations.request("service_of_port", arguments).end, "error");
}

SCANHOST_TEST(TheListIsAResource) {
  Node node;
  OperationsUnderTest operations(node.plugin, node.settings());
  const auto listed = operations.list(ListKind::resources).resources.at(0);
  AskedFor asked;
  asked.kind = RequestKind::resource;
  asked.name = listed.uri;
  SCANHOST_EXPECT_EQUAL(operations.request(asked).contents.at(0).uri, listed.uri);
  asked.name = "other://x";
  SCANHOST_EXPECT_EQUAL(operations.request(asked).reason, "unknown");
}

SCANHOST_TEST_MAIN()
