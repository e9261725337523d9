// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/exchange.h"

#include <gmock/gmock.h>

#include "tests/simulators/nessus/test_server.h"

namespace scanhost::simulator {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

void order(TestServer& server, const std::string& rules) {
  ASSERT_EQ(server.call("POST", "/simulator/faults", rules).status, 200);
}

std::vector<std::string> effectsOf(TestServer& server) {
  std::vector<std::string> effects;
  const Json journal = server.get("/simulator/journal");
  for (const Json& entry : journal["entries"].items())
    effects.push_back(entry["effect"].asString());
  return effects;
}

TEST(Exchange, DropBeforeActingLeavesNoTrace) {
  TestServer server;
  const auto id = server.makeScan();
  order(server, R"([{"method":"POST","path":"/scans/.*","fault":"drop_before"}])");
  const auto outcome =
      server.exchange.answer(TestServer::request("POST", server.path(id, "/launch")));
  EXPECT_EQ(outcome.delivery, Delivery::nothing);
  EXPECT_EQ(server.statusOf(id), "empty");
}

TEST(Exchange, DropAfterActingHasActed) {
  TestServer server;
  const auto id = server.makeScan();
  order(server, R"([{"method":"POST","path":"/scans/.*","fault":"drop_after"}])");
  const auto outcome =
      server.exchange.answer(TestServer::request("POST", server.path(id, "/launch")));
  EXPECT_EQ(outcome.delivery, Delivery::nothing);
  EXPECT_EQ(server.statusOf(id), "pending");
  const Json entry = server.get("/simulator/journal")["entries"].items().at(1);
  EXPECT_EQ(entry["effect"].asString(), "scan_launched");
  EXPECT_EQ(entry["status"].asInteger(-1), 0);
  EXPECT_EQ(entry["fault"].asString(), "drop_after");
}

TEST(Exchange, OrderedStatusDoesNotAct) {
  TestServer server;
  order(server,
        R"([{"path":"/scans","fault":"status","status":429,"retry_after":9,"delay_ms":20}])");
  const Reply reply = server.call("GET", "/scans");
  EXPECT_EQ(reply.status, 429);
  EXPECT_THAT(reply.headers, testing::Contains(testing::Pair("Retry-After", "9")));
  EXPECT_THAT(server.slept, ElementsAre(std::chrono::milliseconds(20)));
  EXPECT_EQ(server.call("GET", "/scans").status, 200);
}

TEST(Exchange, Broken412SendsOnlyItsHead) {
  TestServer server;
  order(server, R"([{"path":"/scans","fault":"broken_412"}])");
  const auto outcome = server.exchange.answer(TestServer::request("POST", "/scans"));
  EXPECT_EQ(outcome.delivery, Delivery::head_only);
  EXPECT_EQ(outcome.reply.status, 412);
  EXPECT_EQ(outcome.reply.body.size(), 32u);
}

TEST(Exchange, LoadingAnswersAsAServerThatStarts) {
  TestServer server;
  order(server, R"([{"path":".*","fault":"loading","times":0}])");
  const Reply status = server.call("GET", "/server/status");
  EXPECT_EQ(status.status, 503);
  EXPECT_EQ(Json::parse(status.body)["status"].asString(), "loading");
  EXPECT_EQ(server.call("GET", "/scans").status, 503);
}

TEST(Exchange, VanishDeletesARunningScanUpstream) {
  TestServer server;
  const auto id = server.makeScan();
  server.call("POST", server.path(id, "/launch"));
  order(server, R"([{"method":"GET","path":"/scans/\\d+","fault":"vanish","after":1}])");
  EXPECT_EQ(server.call("GET", server.path(id)).status, 200);
  EXPECT_EQ(server.call("GET", server.path(id)).status, 404);
  EXPECT_TRUE(server.get("/scans")["scans"].isNull());
}

TEST(Exchange, DelayAfterActsBeforeItWaits) {
  TestServer server;
  order(server, R"([{"path":"/scans","fault":"delay_after","delay_ms":500}])");
  server.makeScan();
  EXPECT_THAT(effectsOf(server), ElementsAre("scan_created"));
  EXPECT_THAT(server.slept, ElementsAre(std::chrono::milliseconds(500)));
}

TEST(Exchange, JournalShowsEffectsAndNoSecrets) {
  TestServer server;
  const std::string body =
      std::string(R"({"uuid":")") + TestServer::basic_template +
      R"(","settings":{"name":"n","text_targets":"10.0.0.1"},"credentials":{"add":{"Host":)"
      R"({"SSH":[{"username":"root","password":"hunter2"}]}}}})";
  server.call("POST", "/scans", body);
  server.call("POST", "/scans/5/launch");
  server.pass(11);
  const Json ordered =
      Json::parse(server.call("POST", "/scans/5/export", R"({"format":"nessus"})").body);
  server.pass(1);
  server.call("GET", "/tokens/" + ordered["token"].asString() + "/download");
  server.call("DELETE", "/scans/5");
  EXPECT_THAT(effectsOf(server), ElementsAre("scan_created", "scan_launched", "export_created",
                                             "export_downloaded", "scan_deleted"));
  const std::string journal = server.call("GET", "/simulator/journal").body;
  EXPECT_THAT(journal, Not(HasSubstr("hunter2")));
  EXPECT_THAT(journal, Not(HasSubstr(ordered["token"].asString())));
  EXPECT_THAT(server.call("GET", "/simulator/credentials-seen").body,
              HasSubstr(sha256Hex("hunter2")));
}

TEST(Exchange, TestsCanEndAScanAsTheyLike) {
  TestServer server;
  const auto fails = server.makeScan("a");
  const auto ends = server.makeScan("b");
  server.call("POST", server.path(fails, "/launch"));
  server.call("POST", server.path(ends, "/launch"));
  EXPECT_EQ(server.call("POST", "/simulator" + server.path(fails, "/abort")).status, 200);
  EXPECT_EQ(server.call("POST", "/simulator" + server.path(ends, "/finish")).status, 200);
  EXPECT_EQ(server.statusOf(fails), "aborted");
  EXPECT_EQ(server.statusOf(ends), "completed");
  EXPECT_EQ(server.call("POST", "/simulator" + server.path(ends, "/vanish")).status, 200);
  EXPECT_EQ(server.call("POST", "/simulator" + server.path(ends, "/vanish")).status, 404);
}

TEST(Exchange, StateOfScansIsThereToRead) {
  TestServer server;
  const auto id = server.makeScan();
  server.call("POST", server.path(id, "/launch"));
  server.pass(5.5);
  const Json scan = server.get("/simulator/scans")["scans"].items().at(0);
  EXPECT_EQ(scan["id"].asInteger(), id);
  EXPECT_EQ(scan["launches"].asInteger(), 1);
  EXPECT_GT(scan["runs"].items().at(0)["progress"].asNumber(), 0.3);
}

TEST(Exchange, MalformedRulesChangeNothing) {
  TestServer server;
  order(server, R"([{"path":"/scans","fault":"loading","times":0}])");
  const Reply reply = server.call("POST", "/simulator/faults", R"([{"fault":"loading"}])");
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body, HasSubstr("rule 1"));
  EXPECT_EQ(server.call("GET", "/scans").status, 503);
}

}  // namespace
}  // namespace scanhost::simulator
