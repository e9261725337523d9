// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace scanhost {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// How a request ended, as text, and what a client would have been given to hand back.
struct Ending {
  std::string text;
  std::string given;
};

class Recorder final : public ReplySink {
 public:
  explicit Recorder(Ending& ending) : ending_(ending) {}
  void progress(double, double, std::string_view) override {}
  void log(std::int32_t, std::string_view, std::string_view) override {}
  bool content(const ContentHead&, std::string_view, bool) override { return true; }
  void result(std::string_view structured, bool) override {
    ending_ = {"result " + std::string(structured), ""};
  }
  void ask(std::string_view requests, std::string_view state) override {
    ending_ = {"ask " + std::string(requests), std::string(state)};
  }
  void task(const TaskInfo& task) override { ending_ = {"task", task.handle}; }
  void completion(const std::vector<std::string>&, std::int64_t, bool) override {
    ending_ = {"completion", ""};
  }
  void refused(std::string_view reason, std::string_view, std::string_view data) override {
    ending_ = {"refused " + std::string(reason) + std::string(data), ""};
  }

 private:
  Ending& ending_;
};

/// Offers operations of the names it is given; what they do is told by the test.
class ToyProvider final : public Provider {
 public:
  using Serve = std::function<void(const ProviderCall&, std::unique_ptr<ReplySink>)>;

  ToyProvider(std::string name, std::vector<std::string> operations, Serve serve)
      : name_(std::move(name)), operations_(std::move(operations)), serve_(std::move(serve)) {}

  std::string_view name() const override { return name_; }
  Status list(ListKind what, const Caller&, std::string_view cursor, ListedPage& page) override {
    if (what != ListKind::operations) return {};
    const std::size_t at = cursor.empty() ? 0 : std::stoul(std::string(cursor));
    page.operations.push_back({operations_.at(at), {}, {}, {}, {}, 0});
    if (at + 1 < operations_.size()) page.next = std::to_string(at + 1);
    return {};
  }
  void request(const ProviderCall& call, std::unique_ptr<ReplySink> sink) override {
    serve_(call, std::move(sink));
  }

 private:
  const std::string name_;
  const std::vector<std::string> operations_;
  const Serve serve_;
};

class CatalogueTest : public testing::Test {
 protected:
  CatalogueTest() { catalogue_.use(keys_); }

  Ending request(RequestKind kind, std::string_view name, const Caller& caller,
                 const std::function<void(OperationRequest&)>& change = {}) {
    OperationRequest asked;
    asked.kind = kind;
    asked.name = name;
    asked.client = R"({"elicitation":{}})";
    const scanhost_caller abi{sizeof abi, 0, toText(caller.subject), {}, 0, {}};
    asked.caller = &abi;
    if (change) change(asked);
    Ending ending{"nothing", ""};
    catalogue_.request(asked, caller, TraceContext::random(), INT64_MAX,
                       std::make_unique<Recorder>(ending));
    return ending;
  }

  const Caller alice{"alice", {Role::client}, {}};
  const Caller mallory{"mallory", {Role::client}, {}};
  const Keyring keys_ = Keyring::fresh();
  Catalogue catalogue_;
};

TEST_F(CatalogueTest, ACallIsASpanThatWhatItDoesIsPartOf) {
  SpanLog spans;
  const auto exported = spans.subscribe("test");
  catalogue_.traceWith(spans);
  std::string within;
  ToyProvider toy("toy", {"greet"}, [&](const ProviderCall& call, std::unique_ptr<ReplySink> sink) {
    within = spanIdOf(call.trace.abi());
    sink->result(R"({"code":"policy_denied","message":"not there"})", true);
  });
  ASSERT_TRUE(catalogue_.add(toy));
  request(RequestKind::operation, "greet", alice);
  request(RequestKind::operation, "no-such-operation", alice);

  const auto ended = exported->waitBatch(10, std::chrono::milliseconds(0));
  ASSERT_EQ(ended.size(), 1u) << "a name of a client's is no span's";
  EXPECT_EQ(ended[0]->name, "greet");
  EXPECT_EQ(spanIdOf(ended[0]->trace), within);
  EXPECT_EQ(ended[0]->attributes["scanhost.caller"].asString(), "alice");
  EXPECT_EQ(ended[0]->attributes["error.type"].asString(), "policy_denied");
  EXPECT_TRUE(ended[0]->failed);
  EXPECT_EQ(ended[0]->message, "not there");
}

TEST_F(CatalogueTest, AnOperationThatACallerMayNotKnowIsToldOfByTheBeginningOfItsName) {
  std::vector<std::string> told;
  catalogue_.tellUnknown(
      [&](std::string_view operation, const std::string& caller, const TraceContext&) {
        told.push_back(caller + " " + std::string(operation));
      });
  ToyProvider toy("toy", {"greet", "hidden"},
                  [](const ProviderCall& call, std::unique_ptr<ReplySink> sink) {
                    if (call.request.name == "greet") return sink->result("{}", false);
                    sink->refused("unknown", "there is no such operation", {});
                  });
  ASSERT_TRUE(catalogue_.add(toy));
  request(RequestKind::operation, "greet", alice);
  request(RequestKind::operation, "hidden", alice);
  request(RequestKind::operation, std::string(10'000, 'x'), mallory);
  request(RequestKind::prompt, "no-such-prompt", alice);
  EXPECT_THAT(told, ElementsAre("alice hidden", "mallory " + std::string(64, 'x')));
}

constexpr std::string_view ask_name = R"({"name":{"method":"elicitation/create","params":{}}})";

/// Asks once, then tells the state that came back.
ToyProvider asking(std::string_view questions = ask_name) {
  return {"toy", {"greet"}, [questions](const ProviderCall& call, std::unique_ptr<ReplySink> sink) {
            if (call.request.answers.empty()) return sink->ask(questions, "round 1");
            sink->result(call.request.state, false);
          }};
}

TEST_F(CatalogueTest, AStateComesBackToTheOneWhoWasGivenIt) {
  ToyProvider toy = asking();
  ASSERT_TRUE(catalogue_.add(toy));
  const Ending asked = request(RequestKind::operation, "greet", alice);
  EXPECT_EQ(asked.text, "ask " + std::string(ask_name));
  EXPECT_EQ(asked.given.find("round 1"), std::string::npos) << "sealed";
  const auto retry = [&](OperationRequest& again) {
    again.answers = "{}";
    again.state = asked.given;
  };
  EXPECT_EQ(request(RequestKind::operation, "greet", alice, retry).text, "result round 1");
  EXPECT_EQ(request(RequestKind::operation, "greet", mallory, retry).text, "refused invalid_state");
}

TEST_F(CatalogueTest, AStateIsBoundToTheArgumentsAndCannotBeAltered) {
  ToyProvider toy = asking();
  ASSERT_TRUE(catalogue_.add(toy));
  const std::string state = request(RequestKind::operation, "greet", alice).given;
  EXPECT_EQ(request(RequestKind::operation, "greet", alice,
                    [&](OperationRequest& again) {
                      again.state = state;
                      again.arguments = R"({"other":1})";
                    })
                .text,
            "refused invalid_state");
  const std::string altered = state + "-TAMPERED";
  EXPECT_EQ(request(RequestKind::operation, "greet", alice,
                    [&](OperationRequest& again) { again.state = altered; })
                .text,
            "refused invalid_state");
}

TEST_F(CatalogueTest, NobodyIsAskedWhatTheyCannotAnswer) {
  ToyProvider toy = asking(R"({"q":{"method":"sampling/createMessage","params":{}}})");
  ASSERT_TRUE(catalogue_.add(toy));
  EXPECT_EQ(request(RequestKind::operation, "greet", alice).text,
            R"(refused missing_capability{"requiredCapabilities":{"sampling":{}}})");
}

TEST_F(CatalogueTest, ATasksHandleIsGoodForItsOwnerAlone) {
  std::string asked_for;
  ToyProvider toy("toy", {"work"}, [&](const ProviderCall& call, std::unique_ptr<ReplySink> sink) {
    if (call.request.kind == RequestKind::task) asked_for = call.request.name;
    sink->task({.handle = "job 7"});
  });
  ASSERT_TRUE(catalogue_.add(toy));
  const std::string handle = request(RequestKind::operation, "work", alice).given;
  EXPECT_EQ(handle.find("job"), std::string::npos);
  EXPECT_EQ(request(RequestKind::task, handle, alice).given, handle) << "told as it was given";
  EXPECT_EQ(asked_for, "job 7");
  EXPECT_EQ(request(RequestKind::task, handle, mallory).text, "refused unknown");
  EXPECT_EQ(request(RequestKind::task, "job 7", alice).text, "refused unknown");
}

TEST_F(CatalogueTest, ACursorGoesOnWhereItsListEndedForItsOwner) {
  const auto serve = [](const ProviderCall&, std::unique_ptr<ReplySink> sink) {
    sink->result("{}", false);
  };
  ToyProvider first("first", {"a", "b"}, serve), second("second", {"c"}, serve);
  ASSERT_TRUE(catalogue_.add(first));
  ASSERT_TRUE(catalogue_.add(second));
  const auto page = catalogue_.list(ListKind::operations, alice, {});
  ASSERT_TRUE(page && page->next);
  EXPECT_EQ(page->operations.size(), 1u);
  const auto rest = catalogue_.list(ListKind::operations, alice, *page->next);
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->operations.size(), 2u) << "b, and all of the next provider";
  EXPECT_FALSE(rest->next);
  for (const auto& [caller, cursor] :
       {std::pair(mallory, *page->next), std::pair(alice, std::string("1"))})
    EXPECT_FALSE(catalogue_.list(ListKind::operations, caller, cursor));
  EXPECT_FALSE(catalogue_.list(ListKind::prompts, alice, *page->next));
}

TEST_F(CatalogueTest, TwoProvidersCannotOfferOneName) {
  const auto serve = [](const ProviderCall&, std::unique_ptr<ReplySink> sink) {
    sink->result("{}", false);
  };
  ToyProvider first("first", {"scan"}, serve), second("second", {"scan"}, serve);
  ASSERT_TRUE(catalogue_.add(first));
  const Status taken = catalogue_.add(second);
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().message, HasSubstr("offered by first"));
}

TEST_F(CatalogueTest, WhatTheFirstDoesNotKnowTheNextIsAsked) {
  std::vector<std::string> asked;
  const auto serving = [&asked](const char* own) {
    return [&asked, own](const ProviderCall& call, std::unique_ptr<ReplySink> sink) {
      asked.push_back(own);
      if (call.request.name == own) return sink->result("{}", false);
      sink->refused("unknown", "", {});
    };
  };
  ToyProvider first("first", {"a"}, serving("toy://first"));
  ToyProvider second("second", {"b"}, serving("toy://second"));
  ASSERT_TRUE(catalogue_.add(first));
  ASSERT_TRUE(catalogue_.add(second));
  EXPECT_EQ(request(RequestKind::resource, "toy://second", alice).text, "result {}");
  EXPECT_THAT(asked, ElementsAre("toy://first", "toy://second"));
  EXPECT_EQ(request(RequestKind::resource, "toy://third", alice).text, "refused unknown");
}

TEST_F(CatalogueTest, ChangesAreToldToThoseWhoWatch) {
  std::vector<std::string> told;
  const std::uint64_t watch =
      catalogue_.watch(SCANHOST_CHANGED_RESOURCE | SCANHOST_CHANGED_PROMPTS, {"toy://a"}, {}, alice,
                       [&](std::uint32_t kind, std::string_view name) {
                         told.push_back(std::to_string(kind) + " " + std::string(name));
                       });
  ASSERT_NE(watch, 0u);
  catalogue_.changed("toy", SCANHOST_CHANGED_RESOURCE, "toy://a");
  catalogue_.changed("toy", SCANHOST_CHANGED_RESOURCE, "toy://b");
  catalogue_.changed("toy", SCANHOST_CHANGED_PROMPTS, {});
  catalogue_.unwatch(watch);
  catalogue_.changed("toy", SCANHOST_CHANGED_PROMPTS, {});
  EXPECT_THAT(told, ElementsAre("8 toy://a", "4 "));
}

}  // namespace
}  // namespace scanhost
