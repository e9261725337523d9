// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/services/operations_service.h"

#include <gtest/gtest.h>
#include <scanhost/host_operations.h>

#include "host/abi/plugin_host.h"
#include "host/operations/operations.h"

namespace scanhost {
namespace {

/// The host's operations as a transport invokes them.
class OperationsThroughAbi : public testing::Test {
 protected:
  OperationsThroughAbi() {
    Operation count;
    count.name = "count";
    count.input_schema = count.output_schema = Json::object();
    count.run = [this](const Json& arguments, const OperationContext& context) -> OperationResult {
      ++runs_;
      if (context.progress) context.progress(1, 2, "half");
      if (arguments["fail"].asBool()) return tl::unexpected(ServiceError::internal());
      if (arguments["throw"].asBool()) throw std::runtime_error("hunter2");
      return OperationAnswer{Json::object({{"runs", runs_}})};
    };
    operations_.add(std::move(count));
    catalogue_.use(keys_);
    EXPECT_TRUE(catalogue_.add(operations_));
    service_.registerIn(registry_);
  }

  /// Every call of the reply, in order.
  std::vector<std::string> invoke(const char* name, const char* arguments) {
    const PluginHost& host = PluginHost::make({.plugin = "transport-test", .services = &registry_});
    const OperationsClient client{Host(host.abi())};
    const scanhost_text role = toText("client");
    const scanhost_caller caller{sizeof caller, 0, toText("me"), {&role, 1}, 0, {}};
    std::vector<std::string> told;
    const std::uint64_t handle =
        client.invoke(name, arguments, caller, {}, INT64_MAX,
                      {.progress =
                           [&told](double, double, std::string_view text) {
                             told.push_back("progress " + std::string(text));
                           },
                       .done =
                           [&told](InvocationResult result) {
                             told.push_back(result.refused    ? "refused " + *result.refused
                                            : result.is_error ? "error " + result.text
                                                              : "result " + result.text);
                           }});
    client.cancel(handle);
    return told;
  }

  EventLog events_;
  Metrics metrics_;
  Operations operations_{events_, metrics_};
  const Keyring keys_ = Keyring::fresh();
  Catalogue catalogue_;
  OperationsService service_{catalogue_};
  ServiceRegistry registry_;
  int runs_ = 0;
};

TEST_F(OperationsThroughAbi, ProgressThenExactlyOneResult) {
  EXPECT_EQ(invoke("count", "{}"),
            (std::vector<std::string>{"progress half", R"(result {"runs":1})"}));
}

TEST_F(OperationsThroughAbi, CancellingAfterwardsTakesNothingBack) {
  invoke("count", "{}");
  EXPECT_EQ(invoke("count", "{}").back(), R"(result {"runs":2})");
}

TEST_F(OperationsThroughAbi, AnUnknownOperationIsRefused) {
  EXPECT_EQ(invoke("nothing", "{}"), std::vector<std::string>{"refused unknown"});
}

TEST_F(OperationsThroughAbi, ArgumentsThatAreNoJsonAreRefusedUnread) {
  EXPECT_EQ(invoke("count", "{"), std::vector<std::string>{"refused invalid_arguments"});
  EXPECT_EQ(runs_, 0);
}

TEST_F(OperationsThroughAbi, AFailureIsAnErrorOfTheOneShape) {
  const std::string told = invoke("count", R"({"fail":true})").back();
  EXPECT_EQ(told.rfind(R"(error {"error":"Internal error")", 0), 0u) << told;
}

TEST_F(OperationsThroughAbi, WhatAnOperationThrowsStaysInTheLog) {
  const std::string told = invoke("count", R"({"throw":true})").back();
  EXPECT_EQ(told.rfind("error ", 0), 0u) << told;
  EXPECT_EQ(told.find("hunter2"), std::string::npos) << told;
}

}  // namespace
}  // namespace scanhost
