// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What operators do with scans that were given up: look, try again, delete.
#include <gmock/gmock.h>
#include <signal.h>

#include <atomic>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "host/base/time.h"
#include "host/plugins/queue_client.h"
#include "tests/integration/service.h"
#include "tests/suites/loaded_plugin.h"

namespace scanhost::integration {
namespace {

using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::Pair;
using testing::SizeIs;
using testing_support::ChildProcess;
using testing_support::Finished;
using testing_support::NessusSimulator;
using namespace std::chrono_literals;

class DeadLetters : public testing::Test {
 protected:
  NessusSimulator nessus{built("bin/nessus-simulator"), {"--scan-seconds", "60", "--seed", "7"}};
  Service service{
      {.scanners = nessusScanner(nessus, "scanner1", 50),
       .extra = "tasks: {poll_interval: 100ms, lease: 2s, retry: {max_attempts: 1}}\n"}};
  client::Client client = service.client();
  client::Client operator_client = service.operatorClient();

  std::string remoteOf(const std::string& task) { return integration::remoteOf(client, task); }

  /// Tasks whose scans were aborted by the scanner, in their last attempt.
  std::vector<std::string> deadLetters(int count) {
    std::vector<std::string> tasks;
    for (int i = 0; i < count; ++i)
      tasks.push_back(client.submit_scan("10.0.0.1", "LAN " + std::to_string(i)).task_id);
    for (const std::string& task : tasks)
      nessus.call("POST", "/simulator/scans/" + remoteOf(task) + "/abort");
    for (const std::string& task : tasks) EXPECT_EQ(waitForEnd(client, task).status, "failed");
    return tasks;
  }

  std::int64_t total() {
    return operator_client.call_tool("list_dead_letters")["total"].asInteger();
  }
  Json redrive(const std::string& task, bool relaunch = false) {
    return operator_client.call_tool("redrive_task",
                                     Json::object({{"task_id", task}, {"relaunch", relaunch}}));
  }
};

TEST_F(DeadLetters, AreListedWithWhatAnOperatorNeeds) {
  const std::string task = deadLetters(1).front();
  const Json listed = operator_client.call_tool("list_dead_letters");
  EXPECT_EQ(listed["total"], Json(1));
  EXPECT_TRUE(listed["next_cursor"].isNull());
  const Json& letter = listed["dead_letters"].items().at(0);
  EXPECT_EQ(letter["task_id"].asString(), task);
  EXPECT_EQ(letter["scanner_pool"].asString(), "nessus");
  EXPECT_EQ(letter["scanner_instance"].asString(), "scanner1");
  EXPECT_EQ(letter["scan_type"].asString(), "untrusted");
  EXPECT_EQ(letter["name"].asString(), "LAN 0");
  EXPECT_EQ(letter["attempts"], Json(1));
  EXPECT_EQ(letter["error_class"].asString(), "transient");
  EXPECT_FALSE(letter["error_message"].asString().empty());
  EXPECT_FALSE(letter["failed_at"].isNull());
  EXPECT_TRUE(letter.has("remote_ref"));
  EXPECT_THAT(service.operatorCtl({"dlq", "list"}).out, AllOf(HasSubstr(task), HasSubstr("LAN 0")));
  EXPECT_THAT(service.operatorCtl({"dlq", "show", task}).out, HasSubstr("transient"));
}

TEST_F(DeadLetters, ARedrivenOneCompletes) {
  const std::string task = deadLetters(1).front();
  const Finished redriven = service.operatorCtl({"dlq", "redrive", task});
  EXPECT_EQ(redriven.exit_code, 0) << redriven.err;
  nessus.call("POST", "/simulator/scans/" + remoteOf(task) + "/finish");
  const auto status = waitForEnd(client, task);
  EXPECT_EQ(status.status, "completed") << status.json.dump();
  EXPECT_EQ(status.json["attempt"], Json(2));
  EXPECT_EQ(total(), 0);
  EXPECT_EQ(service.metric("scanhost_redrives_total{pool=\"nessus\"}"), 1);
}

TEST_F(DeadLetters, TwoRedrivesAtOnceRequeueOnce) {
  const std::string task = deadLetters(1).front();
  std::atomic<int> taken{0}, refused{0};
  std::vector<std::thread> operators;
  for (int i = 0; i < 2; ++i)
    operators.emplace_back([&] {
      client::Client own = service.operatorClient();
      try {
        own.call_tool("redrive_task", Json::object({{"task_id", task}}));
        ++taken;
      } catch (const client::ServiceError& error) {
        if (error.code() == "invalid_state") ++refused;
      }
    });
  for (std::thread& one : operators) one.join();
  EXPECT_EQ(taken, 1);
  EXPECT_EQ(refused, 1);
  remoteOf(task);
  EXPECT_EQ(client.get_status(task).json["attempt"], Json(2));
  EXPECT_EQ(nessus.count("scan_launched"), 2) << "once for each attempt";
}

TEST_F(DeadLetters, ALostOneNeedsRelaunch) {
  const std::string task = client.submit_scan("10.0.0.1", "LAN").task_id;
  nessus.call("POST", "/simulator/scans/" + remoteOf(task) + "/vanish");
  EXPECT_EQ(waitForEnd(client, task).json["error_class"].asString(), "lost");
  try {
    redrive(task);
    ADD_FAILURE() << "it was redriven without relaunch";
  } catch (const client::ServiceError& error) {
    EXPECT_EQ(error.code(), "invalid_state");
    EXPECT_THAT(error.hint(), HasSubstr("relaunch: true"));
  }
  EXPECT_THAT(service.operatorCtl({"dlq", "redrive", "--all"}).err,
              AllOf(HasSubstr("0 redriven"), HasSubstr("1 left")));
  redrive(task, true);
  nessus.call("POST", "/simulator/scans/" + remoteOf(task) + "/finish");
  EXPECT_EQ(waitForEnd(client, task).status, "completed");
}

TEST_F(DeadLetters, ARedriveOfManyThatIsCutShortLeavesEachRedrivenOnce) {
  constexpr int count = 12;
  deadLetters(count);
  {
    ChildProcess cut({{built("bin/scanhostctl"), "--socket", service.socket(), "dlq", "redrive",
                       "--all", "--rate", "8", "--output", "jsonl"},
                      {},
                      {}});
    for (int i = 0; i < 200 && service.events("task_redriven").size() < 3; ++i)
      std::this_thread::sleep_for(20ms);
    cut.signal(SIGKILL);
    cut.wait();
  }
  EXPECT_GT(total(), 0) << "the rate was not kept";
  EXPECT_EQ(service.operatorCtl({"dlq", "redrive", "--class", "transient"}).exit_code, 0);
  EXPECT_EQ(total(), 0);
  ASSERT_EQ(service.stop(), 0);
  std::map<std::string, int> redriven;
  for (const Json& event : service.events("task_redriven")) ++redriven[event["task_id"].asString()];
  EXPECT_THAT(redriven, AllOf(SizeIs(count), Each(Pair(testing::_, 1))));
}

/// A queue that was filled before its node started. Nobody works on what is redriven.
class ManyDeadLetters : public testing::Test {
 protected:
  static constexpr int meant = 2000, others = 200;

  void fill(const std::filesystem::path& data) {
    const auto folder = data / "queue-sqlite" / "queue";
    std::filesystem::create_directories(folder);
    suites::LoadedPlugin plugin(built("plugins/queue-sqlite.so"), SCANHOST_QUEUE_ID,
                                R"({"synchronous": "normal"})", folder.string());
    ASSERT_TRUE(plugin.start());
    const QueueClient queue("queue-sqlite", plugin.table(), plugin.self());
    for (int i = 0; i < meant + others; ++i) submit(queue, i);
    for (;;) {
      const auto held = queue.lease({500, "worker", 60s, 1, 0ns, {{"nessus", "one", 5000}}}, {});
      ASSERT_TRUE(held);
      if (held->empty()) return;
      for (const QueuedTask& task : *held) {
        Finish finish;
        finish.state = TaskState::failed;
        finish.dead_letter = true;
        finish.error_class = is_meant[task.id] ? ErrorClass::transient : ErrorClass::internal;
        finish.completed_us = Timestamp::now().micros;
        ASSERT_TRUE(queue.finish(task.lease(), finish, {}));
      }
    }
  }

  void submit(const QueueClient& queue, int number) {
    char id[64];
    std::snprintf(id, sizeof id, "ne_on_20261124_195240_%08x", number);
    Submission submission;
    submission.id = id;
    submission.trace_id = "550e8400-e29b-41d4-a716-446655440000";
    submission.pool = "nessus";
    submission.submission = R"({"version":1,"name":"LAN","targets":"10.0.0.1"})";
    submission.created_us = Timestamp::now().micros;
    submission.cap = 10'000;
    ASSERT_TRUE(queue.submit(submission, {}));
    is_meant[id] = number % ((meant + others) / others) != 0;
  }

  /// How many attempts each has had.
  std::map<std::string, std::int64_t> attempts() {
    std::map<std::string, std::int64_t> found;
    client::Client client = service->operatorClient();
    for (const auto& [id, meant_one] : is_meant)
      found[id] = client.get_status(id).json["attempt"].asInteger();
    return found;
  }

  NessusSimulator nessus{built("bin/nessus-simulator"), {}};
  std::map<std::string, bool> is_meant;
  std::optional<Service> service;
};

TEST_F(ManyDeadLetters, ARedriveCutShortByTheNodesEndRedrivesNoneTwiceAndTheNextOneTheRest) {
  service.emplace(ServiceOptions{.scanners = nessusScanner(nessus, "one"),
                                 .node = ", roles: [api]",
                                 .before_start = [this](const auto& data) { fill(data); }});
  const std::vector<std::string> words = {"dlq",       "redrive",  "--class",
                                          "transient", "--output", "jsonl"};
  std::vector<std::string> command = {built("bin/scanhostctl"), "--socket", service->socket()};
  command.insert(command.end(), words.begin(), words.end());
  ChildProcess cut({command, {}, {}});
  for (int i = 0; i < 2000 && service->events("task_redriven").size() < 300; ++i)
    std::this_thread::sleep_for(5ms);
  ::kill(service->pid(), SIGKILL);
  EXPECT_NE(cut.wait(), 0) << "it was not cut short";
  service->killAndRestart();

  std::set<std::string> rest;
  for (const auto& [id, attempt] : attempts()) {
    EXPECT_LE(attempt, is_meant[id] ? 2 : 1) << id;
    if (is_meant[id] && attempt == 1) rest.insert(id);
  }
  EXPECT_LT(rest.size(), meant - 200u);
  ASSERT_GT(rest.size(), 0u);
  const auto total = [&] {
    return service->operatorClient().call_tool("list_dead_letters")["total"].asInteger();
  };
  EXPECT_EQ(total(), static_cast<std::int64_t>(rest.size()) + others);

  const Finished next = service->operatorCtl(words);
  EXPECT_EQ(next.exit_code, 0) << next.err;
  std::set<std::string> redriven;
  std::istringstream lines(next.out);
  for (std::string line; std::getline(lines, line);)
    EXPECT_TRUE(redriven.insert(Json::parse(line)["task_id"].asString()).second) << line;
  EXPECT_EQ(redriven, rest);
  EXPECT_EQ(total(), others);
  for (const auto& [id, attempt] : attempts()) EXPECT_EQ(attempt, is_meant[id] ? 2 : 1) << id;
}

TEST_F(DeadLetters, ALimitLeavesTheRest) {
  deadLetters(3);
  EXPECT_THAT(service.operatorCtl({"dlq", "redrive", "--pool", "nessus", "--limit", "2"}).err,
              HasSubstr("2 redriven"));
  EXPECT_EQ(total(), 1);
  EXPECT_THAT(service.operatorCtl({"dlq", "redrive", "--older-than", "1h"}).err,
              HasSubstr("0 redriven"));
}

TEST_F(DeadLetters, APurgeWithoutConfirmationIsRefused) {
  deadLetters(1);
  for (const Json& arguments : {Json::object(), Json::object({{"confirm", false}})}) try {
      operator_client.call_tool("purge_dead_letters", arguments);
      ADD_FAILURE() << "purged by " << arguments.dump();
    } catch (const client::ServiceError& error) {
      EXPECT_EQ(error.code(), "invalid_argument");
      EXPECT_EQ(error.details()["param"].asString(), "confirm");
    }
  EXPECT_EQ(service.operatorCtl({"dlq", "purge"}).exit_code, 2) << "nobody can be asked";
  EXPECT_EQ(total(), 1);
}

TEST_F(DeadLetters, APurgeDeletesWhatIsOldEnoughAndNothingElse) {
  const std::vector<std::string> tasks = deadLetters(2);
  const std::string kept = client.submit_scan("10.0.0.1", "under way").task_id;
  remoteOf(kept);
  EXPECT_EQ(
      operator_client.call_tool("purge_dead_letters",
                                Json::object({{"confirm", true}, {"older_than", "1h"}}))["purged"],
      Json(0));
  EXPECT_EQ(operator_client.call_tool(
                "purge_dead_letters",
                Json::object({{"confirm", true}, {"task_id", tasks.front()}}))["purged"],
            Json(1));
  EXPECT_EQ(Json::parse(service.operatorCtl({"dlq", "purge", "--yes", "--output", "json"}).out),
            Json::object({{"purged", 1}}));
  EXPECT_EQ(total(), 0);
  EXPECT_EQ(client.get_status(kept).status, "running");
  EXPECT_THROW(client.get_status(tasks.back()), client::ServiceError);
  ASSERT_EQ(service.stop(), 0);
  EXPECT_THAT(service.events("dead_letters_purged"), SizeIs(2));
}

}  // namespace
}  // namespace scanhost::integration
