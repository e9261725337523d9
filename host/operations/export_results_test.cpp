// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "host/base/digest.h"
#include "host/base/random.h"
#include "host/operations/completed_scans_test.h"

namespace scanhost {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ExportedResults : public CompletedScansTest {
 protected:
  Json exportOf(const std::string& task, const std::string& format,
                const Json& more = Json::object(), const Caller& caller = owner) {
    Json arguments = Json::object({{"task_id", task}, {"format", format}});
    for (const Json::Member& member : more.members()) arguments[member.first] = member.second;
    return call("export_results", arguments, caller);
  }
  /// What its link leads that caller to; empty when to nothing.
  std::string download(const Json& answer, const Caller& caller = owner) {
    const std::string& url = answer["url"].asString();
    const auto found = exports().open(url.substr(url.rfind('/') + 1), caller.subject);
    if (!found) return "";
    std::string text(static_cast<std::size_t>(found->bytes), '\0');
    EXPECT_EQ(read(found->file.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    return text;
  }
};

TEST_F(ExportedResults, ALinkLeadsToAllFindingsOfTheScan) {
  const std::string task = completed({{finding("a"), finding("b")}});
  const Json answer = exportOf(task, "csv");
  const std::string text = download(answer);
  EXPECT_EQ(answer["format"].asString(), "csv") << answer.dump();
  EXPECT_THAT(answer["media_type"].asString(), StartsWith("text/csv"));
  EXPECT_THAT(text, HasSubstr("Check a"));
  EXPECT_THAT(text, HasSubstr("Check b"));
  EXPECT_EQ(answer["bytes"].asInteger(), static_cast<std::int64_t>(text.size()));
  EXPECT_EQ(answer["sha256"].asString(), toHex(sha256(text)));
  EXPECT_GT(answer["expires_at"].asString(), formatTimestamp(Timestamp::now()));
}

TEST_F(ExportedResults, ALinkIsOfNoUseToAnotherCaller) {
  const Json answer = exportOf(completed({{finding("a")}}), "jsonl");
  EXPECT_EQ(download(answer, stranger), "");
  EXPECT_THAT(download(answer), HasSubstr("\"plugin_id\":\"a\""));
}

TEST_F(ExportedResults, AFilterAndAProfileChooseWhatIsExported) {
  const Json more = Json::object(
      {{"filters", Json::object({{"severity", "critical"}})}, {"schema_profile", "minimal"}});
  const std::string text = download(exportOf(
      completed({{finding("a", Severity::critical), finding("b", Severity::low)}}), "jsonl", more));
  EXPECT_THAT(text, HasSubstr("\"plugin_id\":\"a\""));
  EXPECT_THAT(text, Not(HasSubstr("\"plugin_id\":\"b\"")));
  EXPECT_THAT(text, Not(HasSubstr("description")));
}

TEST_F(ExportedResults, SarifNamesEachCheckOnce) {
  const Json sarif = Json::parse(download(
      exportOf(completed({{finding("b"), finding("a"), finding("b", Severity::high, "10.0.0.2")}}),
               "sarif")));
  const Json& run = sarif["runs"].items().at(0);
  EXPECT_EQ(run["tool"]["driver"]["rules"].size(), 2u);
  EXPECT_EQ(run["results"].size(), 3u);
}

TEST_F(ExportedResults, AreRefusedAsResultsAre) {
  addScanner("far", ScannerKind::remote);
  const std::string done = completed({}), waiting = submit("far");
  EXPECT_EQ(exportOf(done, "pdf")["code"].asString(), "invalid_argument");
  EXPECT_EQ(exportOf(waiting, "csv")["code"].asString(), "not_completed");
  EXPECT_EQ(exportOf(done, "csv", {}, stranger)["code"].asString(), "task_not_found");
  EXPECT_EQ(exportOf(done, "csv", Json::object({{"filters", Json::object({{"x", 1}})}}))["code"]
                .asString(),
            "invalid_filter");
}

}  // namespace
}  // namespace scanhost
