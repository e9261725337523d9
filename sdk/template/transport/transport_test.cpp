// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// The plugin as a node uses it, with a listener and operations in memory.
#include <scanhost/testing/check.h>
#include <scanhost/testing/transport.h>

using namespace scanhost::plugintest;
using scanhost::Json;

namespace {

/// A started transport over operations that a test names.
struct Node {
  TestHost host;
  TransportServices services{host};
  TestPlugin plugin{SCANHOST_PLUGIN_FILE, host};
  TestInstance transport{plugin, SCANHOST_TRANSPORT_ID};

  Node() {
    services.answer("get_scan_status", R"({"status":"running"})");
    transport.start();
  }
};

}  // namespace

SCANHOST_TEST(OperationsAreListed) {
  Node node;
  const HttpAnswer answer = node.services.request("GET", "/@SHORT@/operations");
  SCANHOST_EXPECT_EQUAL(answer.code, 200);
  SCANHOST_EXPECT_EQUAL(
      Json::parse(answer.body)["operations"].items().at(0)["name"].asString(), "get_scan_status");
}

SCANHOST_TEST(AnOperationGetsTheBodyAndItsResultIsTheAnswer) {
  Node node;
  const HttpAnswer answer =
      node.services.request("POST", "/@SHORT@/operations/get_scan_status", R"({"task_id":"7"})");
  SCANHOST_EXPECT_EQUAL(answer.code, 200);
  SCANHOST_EXPECT_EQUAL(answer.body, R"({"status":"running"})");
  SCANHOST_EXPECT_EQUAL(node.services.invoked().at(0).second, R"({"task_id":"7"})");
}

SCANHOST_TEST(AnUnknownOperationIsNotFoundAndAFailureIsNoSuccess) {
  Node node;
  node.services.answer("delete_scan", R"({"error":"wrong_state"})", true);
  SCANHOST_EXPECT_EQUAL(node.services.request("POST", "/@SHORT@/operations/nothing").code, 404);
  SCANHOST_EXPECT_EQUAL(node.services.request("POST", "/@SHORT@/operations/delete_scan").code, 422);
}

SCANHOST_TEST(AfterDrainNothingNewBegins) {
  Node node;
  TestCall call;
  node.transport.table<scanhost_transport>().drain(node.transport.self(), call.abi());
  SCANHOST_EXPECT_EQUAL(node.services.request("POST", "/@SHORT@/operations/get_scan_status").code,
                        503);
  SCANHOST_EXPECT(node.services.invoked().empty());
}

SCANHOST_TEST(StoppingTakesItsRoutesDown) {
  Node node;
  SCANHOST_EXPECT_EQUAL(node.services.routes(), 2u);
  node.transport.stop();
  SCANHOST_EXPECT_EQUAL(node.services.routes(), 0u);
}

SCANHOST_TEST_MAIN()
