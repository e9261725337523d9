// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/api.h"

#include <gmock/gmock.h>

#include "tests/simulators/nessus/test_server.h"

namespace scanhost::simulator {
namespace {

using testing::HasSubstr;

std::string errorOf(const Reply& reply) {
  return Json::parse(reply.body)["error"].asString();
}

Request asSession(Request request, const std::string& token, const std::string& api_token = {}) {
  request.headers = {{"X-Cookie", "token=" + token + ";"}};
  if (!api_token.empty()) request.headers.emplace_back("X-API-Token", api_token);
  return request;
}

std::string openSession(TestServer& server) {
  const Reply reply = server.call("POST", "/session", R"({"username":"admin","password":"pw"})");
  return Json::parse(reply.body)["token"].asString();
}

std::string apiTokenOf(TestServer& server) {
  const std::string script = server.call("GET", "/nessus6.js").body;
  const std::string mark = "key:\"getApiToken\",value:function(){return\"";
  const std::size_t start = script.find(mark) + mark.size();
  return script.substr(start, script.find('"', start) - start);
}

TEST(ApiAccess, StatusNeedsNoLoginAndScansDo) {
  TestServer server;
  Request anonymous = TestServer::request("GET", "/server/status");
  anonymous.headers.clear();
  EXPECT_EQ(server.api.answer(anonymous).status, 200);
  anonymous.path = "/scans";
  const Reply refused = server.api.answer(anonymous);
  EXPECT_EQ(refused.status, 401);
  EXPECT_THAT(errorOf(refused), HasSubstr("need to log in"));
}

TEST(ApiAccess, WrongKeysAreInvalidCredentials) {
  TestServer server;
  Request request = TestServer::request("GET", "/scans");
  request.headers = {{"X-ApiKeys", "accessKey=AK; secretKey=other"}};
  const Reply reply = server.api.answer(request);
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(errorOf(reply), "Invalid Credentials");
}

TEST(ApiAccess, SessionOpensByFormTooAndEndsWithLogout) {
  TestServer server;
  Request login = TestServer::request("POST", "/session", "username=admin&password=pw");
  login.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  const std::string token = Json::parse(server.api.answer(login).body)["token"].asString();
  ASSERT_FALSE(token.empty());
  EXPECT_EQ(server.api.answer(asSession(TestServer::request("GET", "/session"), token)).status,
            200);
  const Reply logout =
      server.api.answer(asSession(TestServer::request("DELETE", "/session"), token));
  EXPECT_EQ(logout.status, 200);
  EXPECT_EQ(logout.body, "");
  EXPECT_EQ(server.api.answer(asSession(TestServer::request("GET", "/session"), token)).status,
            401);
}

TEST(ApiAccess, IdleSessionExpires) {
  TestServer server;
  const std::string token = openSession(server);
  server.pass(1799);
  EXPECT_EQ(server.api.answer(asSession(TestServer::request("GET", "/scans"), token)).status, 200);
  server.pass(1801);
  EXPECT_EQ(server.api.answer(asSession(TestServer::request("GET", "/scans"), token)).status, 401);
}

TEST(ApiAccess, NewKeysReplaceTheOldAtOnce) {
  TestServer server;
  const Json keys = Json::parse(server.call("PUT", "/session/keys").body);
  EXPECT_FALSE(keys["accessKey"].asString().empty());
  EXPECT_EQ(server.call("GET", "/scans").status, 401);
}

TEST(ApiLicence, ManagerLetsKeysControlScans) {
  TestServer server;
  EXPECT_TRUE(server.get("/server/properties")["license"]["features"]["scan_api"].asBool());
  EXPECT_EQ(server.call("POST", server.path(server.makeScan(), "/launch"), "{}").status, 200);
}

TEST(ApiLicence, ProfessionalRefusesControlByKeysWithThirtyTwoBytes) {
  TestServer server(Licence::professional);
  EXPECT_FALSE(server.get("/server/properties")["license"]["features"]["scan_api"].asBool(true));
  const Reply reply = server.call("POST", "/scans", R"({"uuid":"x","settings":{"name":"n"}})");
  EXPECT_EQ(reply.status, 412);
  EXPECT_EQ(reply.body, R"({"error":"API is not available"})");
  EXPECT_EQ(reply.body.size(), 32u);
  EXPECT_TRUE(reply.close);
  EXPECT_EQ(server.call("GET", "/scans").status, 200);
}

TEST(ApiLicence, ProfessionalAcceptsSessionWithTheTokenOfItsScript) {
  TestServer server(Licence::professional);
  const std::string token = openSession(server);
  const std::string body = std::string(R"({"uuid":")") + TestServer::basic_template +
                           R"(","settings":{"name":"n","text_targets":"10.0.0.1"}})";
  const Request create = TestServer::request("POST", "/scans", body);
  EXPECT_EQ(server.api.answer(asSession(create, token)).status, 412);
  const std::string api_token = apiTokenOf(server);
  EXPECT_EQ(server.api.answer(asSession(create, token, api_token)).status, 200);
  server.api.renewApiToken();
  EXPECT_EQ(server.api.answer(asSession(create, token, api_token)).status, 412);
}

TEST(ApiPaths, UnknownPathIs404AndWrongMethodIs405) {
  TestServer server;
  EXPECT_EQ(server.call("GET", "/nowhere").status, 404);
  EXPECT_EQ(server.call("GET", "/scans/").status, 404);
  EXPECT_EQ(server.call("GET", "/scans/abc").status, 404);
  EXPECT_EQ(server.call("PUT", "/server/status").status, 405);
}

TEST(ApiPaths, BodyThatIsNoJsonIsRefused) {
  TestServer server;
  EXPECT_EQ(server.call("POST", "/scans", "{").status, 400);
  EXPECT_EQ(server.call("POST", "/scans", "[1]").status, 400);
}

TEST(ApiCatalogue, EveryTemplateHasAForm) {
  TestServer server;
  const Json list = server.get("/editor/scan/templates");
  ASSERT_GE(list["templates"].size(), 20u);
  for (const Json& entry : list["templates"].items()) {
    const std::string& uuid = entry["uuid"].asString();
    EXPECT_EQ(uuid.size(), 52u) << uuid;
    EXPECT_EQ(server.get("/editor/scan/templates/" + uuid)["name"], entry["name"]);
  }
}

TEST(ApiCatalogue, PolicyIsMadeChangedAndRemoved) {
  TestServer server;
  EXPECT_TRUE(server.get("/policies")["policies"].isNull());
  const Json made = Json::parse(
      server.call("POST", "/policies", R"({"uuid":"x","settings":{"name":"strict"}})").body);
  const std::string path = "/policies/" + std::to_string(made["policy_id"].asInteger());
  EXPECT_EQ(server.call("PUT", path, R"({"settings":{"max_hosts":3}})").status, 200);
  EXPECT_EQ(server.get(path)["settings"]["max_hosts"].asInteger(), 3);
  EXPECT_EQ(server.get("/policies")["policies"].items()[0]["name"].asString(), "strict");
  EXPECT_EQ(server.call("DELETE", path).status, 200);
  EXPECT_EQ(server.call("GET", path).status, 404);
}

TEST(ApiCatalogue, PluginIsDescribedWithRepeatedAttributes) {
  TestServer server;
  const Json plugin = server.get("/plugins/plugin/97833");
  std::size_t cves = 0;
  for (const Json& attribute : plugin["attributes"].items())
    cves += attribute["attribute_name"].asString() == "cve";
  EXPECT_GT(cves, 1u);
  EXPECT_GT(server.get("/plugins/families")["families"].size(), 5u);
}

TEST(ApiScans, ListIsNullWhileThereAreNone) {
  TestServer server;
  EXPECT_TRUE(server.get("/scans")["scans"].isNull());
}

TEST(ApiScans, NameIsKeptToTheLetter) {
  TestServer server;
  const std::string name = "LAN \xC3\xBC [scanhost:0197-ab/3] <b>";
  server.makeScan(name);
  EXPECT_EQ(server.get("/scans")["scans"].items()[0]["name"].asString(), name);
}

TEST(ApiScans, NewScanIsEmptyUntilItIsLaunched) {
  TestServer server;
  const auto id = server.makeScan();
  server.pass(100);
  const Json entry = server.get("/scans")["scans"].items().at(0);
  EXPECT_EQ(entry["status"].asString(), "empty");
  EXPECT_TRUE(entry["uuid"].isNull());
  EXPECT_TRUE(entry["type"].isNull());
  EXPECT_EQ(entry["creation_date"].asInteger(-1), 0);
  EXPECT_EQ(entry["last_modification_date"].asInteger(-1), 0);
  EXPECT_EQ(server.statusOf(id), "empty");
}

TEST(ApiScans, MissingNameTargetsOrTemplateIsRefused) {
  TestServer server;
  const std::string uuid = std::string(R"("uuid":")") + TestServer::basic_template + "\"";
  const Reply no_name = server.call("POST", "/scans", "{" + uuid + R"(,"settings":{}})");
  EXPECT_EQ(no_name.status, 400);
  EXPECT_EQ(errorOf(no_name), "Invalid 'name' field");
  EXPECT_EQ(server.call("POST", "/scans", "{" + uuid + R"(,"settings":{"name":"n"}})").status, 400);
  EXPECT_EQ(
      server.call("POST", "/scans", R"({"settings":{"name":"n","text_targets":"1.1.1.1"}})").status,
      400);
}

TEST(ApiScans, LaunchNowStartsAtOnce) {
  TestServer server;
  const std::string body = std::string(R"({"uuid":")") + TestServer::basic_template +
                           R"(","settings":{"name":"n","text_targets":"10.0.0.1","launch_now":1}})";
  const Reply reply = server.call("POST", "/scans", body);
  EXPECT_EQ(reply.effect, "scan_created_and_launched");
  EXPECT_EQ(server.statusOf(*reply.scan_id), "pending");
}

TEST(ApiScans, LaunchAnswersTheUuidThatTheHistoryShows) {
  TestServer server;
  const auto id = server.makeScan();
  const Json launched = Json::parse(server.call("POST", server.path(id, "/launch"), "{}").body);
  const Json history = server.get(server.path(id))["history"];
  ASSERT_EQ(history.size(), 1u);
  EXPECT_EQ(history.items()[0]["uuid"], launched["scan_uuid"]);
}

TEST(ApiScans, RunsToCompletionWithGrowingProgress) {
  TestServer server;
  const auto id = server.makeScan();
  server.call("POST", server.path(id, "/launch"));
  std::int64_t last = 0;
  for (int second = 0; second < 12; ++second, server.pass(1)) {
    std::int64_t sum = 0;
    const Json details = server.get(server.path(id));
    for (const Json& host : details["hosts"].items())
      sum += host["scanprogresscurrent"].asInteger();
    EXPECT_GE(sum, last);
    last = sum;
  }
  EXPECT_EQ(last, 400);
  EXPECT_EQ(server.statusOf(id), "completed");
}

TEST(ApiScans, SecondLaunchWhileRunningConflicts) {
  TestServer server;
  const auto id = server.makeScan();
  EXPECT_EQ(server.call("POST", server.path(id, "/launch")).status, 200);
  EXPECT_EQ(server.call("POST", server.path(id, "/launch")).status, 409);
  EXPECT_EQ(server.get(server.path(id))["history"].size(), 1u);
}

TEST(ApiScans, SecondRunAddsAHistoryAndKeepsTheFirst) {
  TestServer server;
  const auto id = server.makeScan();
  server.call("POST", server.path(id, "/launch"));
  server.pass(11);
  server.call("POST", server.path(id, "/launch"));
  const Json history = server.get(server.path(id))["history"];
  ASSERT_EQ(history.size(), 2u);
  const auto first = history.items()[0]["history_id"].asInteger();
  const Json pinned = server.get(server.path(id, "?history_id=" + std::to_string(first)));
  EXPECT_EQ(pinned["info"]["status"].asString(), "completed");
  EXPECT_EQ(server.statusOf(id), "pending");
}

TEST(ApiScans, PauseResumeAndStopPassThroughTheirTransitions) {
  TestServer server;
  const auto id = server.makeScan();
  server.call("POST", server.path(id, "/launch"));
  server.pass(2);
  EXPECT_EQ(server.call("POST", server.path(id, "/pause")).status, 200);
  EXPECT_EQ(server.statusOf(id), "pausing");
  server.pass(1);
  EXPECT_EQ(server.statusOf(id), "paused");
  EXPECT_EQ(server.call("POST", server.path(id, "/pause")).status, 409);
  server.call("POST", server.path(id, "/resume"));
  EXPECT_EQ(server.statusOf(id), "resuming");
  server.pass(1);
  EXPECT_EQ(server.statusOf(id), "running");
  const Reply stopped = server.call("POST", server.path(id, "/stop"));
  EXPECT_EQ(stopped.body, "");
  EXPECT_EQ(server.statusOf(id), "stopping");
  server.pass(1);
  EXPECT_EQ(server.statusOf(id), "canceled");
  EXPECT_EQ(server.call("POST", server.path(id, "/stop")).status, 409);
}

TEST(ApiScans, RunningScanCannotBeDeletedAndAFinishedOneCan) {
  TestServer server;
  const auto id = server.makeScan();
  server.call("POST", server.path(id, "/launch"));
  EXPECT_EQ(server.call("DELETE", server.path(id)).status, 409);
  server.pass(11);
  EXPECT_EQ(server.call("DELETE", server.path(id)).status, 200);
  EXPECT_EQ(server.call("GET", server.path(id)).status, 404);
}

TEST(ApiScans, BulkDeleteNamesWhatItDeleted) {
  TestServer server;
  const auto idle = server.makeScan("a");
  const auto busy = server.makeScan("b");
  server.call("POST", server.path(busy, "/launch"));
  const Json ids = Json::object({{"ids", Json::array({idle, busy, 999})}});
  const Json reply = Json::parse(server.call("DELETE", "/scans", ids.dump()).body);
  EXPECT_EQ(reply["deleted"], Json::array({idle}));
}

TEST(ApiScans, DisabledScheduleForbidsLaunch) {
  TestServer server;
  const auto id = server.makeScan();
  server.call("PUT", server.path(id, "/schedule"), R"({"enabled":false})");
  EXPECT_EQ(server.call("POST", server.path(id, "/launch")).status, 403);
}

TEST(ApiScans, ListShowsOnlyWhatChangedSince) {
  TestServer server;
  const auto id = server.makeScan();
  server.call("POST", server.path(id, "/launch"));
  server.pass(11);
  const auto end = server.get("/scans")["scans"].items()[0]["last_modification_date"].asInteger();
  const std::string since = "/scans?last_modification_date=";
  EXPECT_EQ(server.get(since + std::to_string(end))["scans"].size(), 1u);
  EXPECT_TRUE(server.get(since + std::to_string(end + 1))["scans"].isNull());
  EXPECT_TRUE(server.get("/scans?folder_id=2")["scans"].isNull());
}

TEST(ApiScans, HostAndPluginDetailsAreThere) {
  TestServer server;
  const auto id = server.makeScan();
  server.call("POST", server.path(id, "/launch"));
  server.pass(11);
  EXPECT_EQ(server.get(server.path(id, "/hosts/1"))["info"]["host-ip"].asString(), "10.0.0.0");
  const Json output = server.get(server.path(id, "/hosts/1/plugins/19506"));
  EXPECT_THAT(output["outputs"].items()[0]["plugin_output"].asString(),
              HasSubstr("Credentialed checks : no"));
  EXPECT_EQ(server.call("GET", server.path(id, "/hosts/5")).status, 404);
  EXPECT_EQ(server.call("GET", server.path(id, "/hosts/0")).status, 404);
}

class ApiExports : public testing::Test {
 protected:
  ApiExports() {
    id = server.makeScan("weekly");
    server.call("POST", server.path(id, "/launch"));
  }
  Json order(const std::string& format) {
    const Json body = Json::object({{"format", format}});
    return Json::parse(server.call("POST", server.path(id, "/export"), body.dump()).body);
  }
  std::string fileOf(const Json& ordered, const std::string& rest) {
    return server.path(id, "/export/" + std::to_string(ordered["file"].asInteger()) + rest);
  }
  static std::string content(const Reply& reply) {
    std::ostringstream out;
    if (reply.stream) reply.stream(out);
    return out.str();
  }

  TestServer server;
  std::int64_t id = 0;
};

TEST_F(ApiExports, LoadForAMomentAndThenGiveTheSameFileByNumberAndToken) {
  server.pass(11);
  const Json ordered = order("nessus");
  EXPECT_EQ(server.get(fileOf(ordered, "/status"))["status"].asString(), "loading");
  server.pass(1);
  EXPECT_EQ(server.get(fileOf(ordered, "/status"))["status"].asString(), "ready");
  const std::string by_file = content(server.call("GET", fileOf(ordered, "/download")));
  Request anonymous =
      TestServer::request("GET", "/tokens/" + ordered["token"].asString() + "/download");
  anonymous.headers.clear();
  EXPECT_EQ(content(server.api.answer(anonymous)), by_file);
  EXPECT_THAT(by_file, HasSubstr("</NessusClientData_v2>"));
}

TEST_F(ApiExports, RunningScanGivesItsFinishedHosts) {
  server.pass(8.5);
  const Json ordered = order("nessus");
  server.pass(0.5);
  const std::string partial = content(server.call("GET", fileOf(ordered, "/download")));
  EXPECT_THAT(partial, HasSubstr("<ReportHost name=\"10.0.0.0\""));
  EXPECT_THAT(partial, testing::Not(HasSubstr("<ReportHost name=\"10.0.0.3\"")));
}

TEST_F(ApiExports, PdfFailsLikeAServerWithoutJava) {
  server.pass(11);
  const Json ordered = order("pdf");
  const Reply status = server.call("GET", fileOf(ordered, "/status"));
  EXPECT_EQ(status.status, 500);
  EXPECT_EQ(Json::parse(status.body)["status"].asString(), "error");
  EXPECT_EQ(server.call("GET", fileOf(ordered, "/download")).status, 404);
}

TEST_F(ApiExports, AreForgottenAfterAnHour) {
  server.pass(11);
  const Json ordered = order("csv");
  server.pass(3601);
  EXPECT_EQ(server.call("GET", fileOf(ordered, "/download")).status, 404);
}

TEST_F(ApiExports, UnknownFormatIsRefused) {
  EXPECT_EQ(server.call("POST", server.path(id, "/export"), R"({"format":"docx"})").status, 400);
}

}  // namespace
}  // namespace scanhost::simulator
