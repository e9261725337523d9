// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Scans asked for through the operations, as far as their submission goes.
#include "host/operations/test_operations.h"
#include "host/tasks/launch.h"

namespace scanhost {
namespace {

using testing::HasSubstr;
using testing::Not;

class Submissions : public OperationsTest {
 protected:
  Submissions() {
    addScanner("far", ScannerKind::remote);
    ScanTemplate deep;
    deep.name = "deep";
    deep.pool = "far";
    deep.config = Json::object({{"depth", 3}, {"token", "canary-of-a-template"}});
    ScanTemplate elsewhere;
    elsewhere.name = "elsewhere";
    elsewhere.pool = "near";
    config.scan_templates = {deep, elsewhere};
    config.tasks.idempotency_ttl = std::chrono::hours(1);
    config.limits.queued_per_pool = 100;
    config.limits.queued_per_client = 100;
  }

  Json ask(const Json& extra = Json::object()) {
    Json arguments =
        Json::object({{"targets", "10.0.0.1"}, {"name", "LAN"}, {"scanner_pool", "far"}});
    for (const Json::Member& member : extra.members()) arguments[member.first] = member.second;
    return call("run_untrusted_scan", arguments, owner);
  }
  Json askFor(const std::string& scan_template, const std::string& key = "monday") {
    return ask(Json::object({{"scan_template", scan_template}, {"idempotency_key", key}}));
  }
  Result<ScanRequest> requestOf(const std::string& id) {
    const QueuedTask found = task(id);
    return makeScanRequest(work(), {found, *SubmissionDocument::parse(found.submission, id),
                                    (*work().scanners.get()).all().front(), nullptr});
  }
};

TEST_F(Submissions, AScanIsLaunchedWithWhatItsTemplateStoodForWhenItWasAskedFor) {
  const std::string id = askFor("deep")["task_id"].asString();
  config.scan_templates.clear();  // as on a node with another configuration
  const auto request = requestOf(id);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->settings["depth"].asInteger(), 3);
}

TEST_F(Submissions, ATemplatesSettingsLieInTheQueueSealed) {
  const std::string id = askFor("deep")["task_id"].asString();
  EXPECT_THAT(task(id).submission, HasSubstr("deep"));
  EXPECT_THAT(task(id).submission, Not(HasSubstr("canary")));
}

TEST_F(Submissions, ATaskThatOnlyNamesATemplateNobodyKnowsIsNotLaunchedWithoutIt) {
  const std::string id = askFor("deep")["task_id"].asString();
  QueuedTask found = task(id);
  auto submission = *SubmissionDocument::parse(found.submission, id);
  submission.sealed_settings.clear();  // of the version before
  config.scan_templates.clear();
  const auto request =
      makeScanRequest(work(), {found, submission, (*work().scanners.get()).all().front(), nullptr});
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().error_class, ErrorClass::unsupported);
  EXPECT_THAT(request.error().message, HasSubstr("'deep'"));
}

TEST_F(Submissions, AnotherTemplateIsAnotherRequest) {
  EXPECT_EQ(askFor("deep")["status"].asString(), "queued");
  EXPECT_TRUE(askFor("deep")["idempotent"].asBool());
  EXPECT_EQ(ask(Json::object({{"idempotency_key", "monday"}}))["code"].asString(), "conflict");
}

TEST_F(Submissions, AnUnknownTemplateOrOneOfAnotherPoolIsRefusedWithThoseOfThePool) {
  for (const char* name : {"shallow", "elsewhere"}) {
    const Json refused = askFor(name);
    EXPECT_EQ(refused["code"].asString(), "invalid_argument") << name;
    EXPECT_EQ(refused["error"].asString(), "Invalid scan_template") << name;
    EXPECT_EQ(refused["hint"].asString(), "Known templates: deep") << name;
  }
}

}  // namespace
}  // namespace scanhost
