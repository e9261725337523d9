// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Who waits for a webhook hears once of each task that ended, each scanner that was suspended and
/// each scope that was refused.
#include <gmock/gmock.h>

#include <map>
#include <set>
#include <thread>

#include "plugins/exporter/webhook/signing_key.h"
#include "tests/integration/service.h"
#include "tests/support/post_receiver.h"

namespace scanhost::integration {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing_support::NessusSimulator;
using testing_support::PostReceiver;
using testing_support::ReceivedPost;
using webhook::SigningKey;

constexpr const char* secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

std::string webhookTo(const PostReceiver& receiver, const std::string& isolation = "auto") {
  return "  - {plugin: exporter-webhook, isolation: " + isolation + ", config: {url: \"" +
         receiver.url() + "\", secret: " + secret + "}}\n";
}

bool isSigned(const ReceivedPost& post) {
  return post.headers.at("webhook-signature") ==
         SigningKey::read(secret)->sign(post.headers.at("webhook-id"),
                                        std::stoll(post.headers.at("webhook-timestamp")),
                                        post.body);
}

class Webhook : public testing::TestWithParam<const char*> {
 protected:
  PostReceiver receiver;
  NessusSimulator nessus{built("bin/nessus-simulator"), {"--scan-seconds", "60", "--seed", "7"}};
  Service service{{.scanners = nessusScanner(nessus, "scanner1", 4),
                   .extra = "tasks: {poll_interval: 100ms, lease: 2s, retry: {max_attempts: 1}}\n",
                   .exporters = webhookTo(receiver, GetParam())}};
  client::Client client = service.client();

  /// Runs a scan that the scanner ends so: "finish" or "abort".
  std::string scanThat(const std::string& ends) {
    const std::string task = client.submit_scan("10.0.0.1", ends).task_id;
    nessus.call("POST", "/simulator/scans/" + remoteOf(client, task) + "/" + ends);
    waitForEnd(client, task);
    return task;
  }
};

TEST_P(Webhook, TellsOfEachKindOnceSignedAndWithoutSecrets) {
  const std::string completed = scanThat("finish");
  const std::string failed = scanThat("abort");
  EXPECT_THROW(client.submit_scan("192.168.1.1", "out of scope"), client::ServiceError);
  nessus.misbehave(R"([{"path": ".*", "fault": "status", "status": 401, "times": 0}])");
  client.submit_scan("10.0.0.1", "not ours any more");
  ASSERT_TRUE(receiver.waitFor(4));
  std::this_thread::sleep_for(300ms);  // for one too many

  std::map<std::string, Json> told;
  std::set<std::string> ids;
  for (const ReceivedPost& post : receiver.received()) {
    EXPECT_TRUE(isSigned(post)) << post.body;
    EXPECT_THAT(post.body, Not(HasSubstr(NessusSimulator::secret_key)));
    ids.insert(post.headers.at("webhook-id"));
    Json body = Json::parse(post.body);
    told.emplace(body["type"].asString(), std::move(body["data"]));
  }
  EXPECT_EQ(ids.size(), 4u);
  ASSERT_EQ(told.size(), 4u);
  EXPECT_EQ(told["task.completed"]["task_id"].asString(), completed);
  EXPECT_EQ(told["task.completed"]["trace_id"].asString(),
            client.get_status(completed).json["trace_id"].asString());
  EXPECT_EQ(told["task.failed"]["task_id"].asString(), failed);
  EXPECT_EQ(told["task.failed"]["error_type"].asString(), "transient");
  EXPECT_EQ(told["scanner.suspended"]["scanner_instance"].asString(), "scanner1");
  EXPECT_EQ(told["scope.refused"]["stage"].asString(), "submission");

  const std::string receiver_label =
      "receiver=\"http://127.0.0.1:" + std::to_string(receiver.port()) + "\"";
  const auto deliveries = [&](const std::string& result) {
    return service.metric("scanhost_webhook_deliveries_total{" + receiver_label + ",result=\"" +
                          result + "\"}");
  };
  EXPECT_EQ(deliveries("delivered"), 4);
  for (const char* result : {"refused", "expired", "dropped"}) EXPECT_EQ(deliveries(result), 0);
  EXPECT_EQ(service.metric("scanhost_webhook_queue{" + receiver_label + "}"), 0);
  EXPECT_EQ(service.stop(), 0);
  for (const std::string& said : {service.log(), service.allEvents()})
    EXPECT_THAT(said, Not(HasSubstr(std::string(secret).substr(6))));
}

INSTANTIATE_TEST_SUITE_P(InBothPlaces, Webhook, testing::Values("none", "process"),
                         [](const auto& place) {
                           return std::string(place.param) == "none" ? "InTheService"
                                                                     : "InItsOwnProcess";
                         });

TEST(WebhookToASilentReceiver, StallsNoOtherExporterAndNoStop) {
  PostReceiver receiver;
  receiver.always({"", testing_support::PostAnswer::Manner::silent});
  const NessusSimulator nessus(built("bin/nessus-simulator"), {"--scan-seconds", "0.2"});
  Service service({.scanners = nessusScanner(nessus), .exporters = webhookTo(receiver)});
  client::Client client = service.client();
  for (int i = 0; i < 2; ++i)
    waitForEnd(client, client.submit_scan("10.0.0.1", "scan " + std::to_string(i)).task_id);
  ASSERT_TRUE(receiver.waitFor(1));
  for (int i = 0; i < 100 && service.events("scan_completed").size() < 2; ++i)
    std::this_thread::sleep_for(20ms);
  EXPECT_EQ(service.events("scan_completed").size(), 2u);

  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(service.stop(), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
  EXPECT_THAT(service.log() + service.allEvents(), HasSubstr("webhook_notices_dropped"));
}

}  // namespace
}  // namespace scanhost::integration
