// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/abi/process_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <scanhost/text.h>

#include "host/abi/host_call.h"
#include "host/abi/plugin_host.h"

namespace scanhost {
namespace {

using testing::HasSubstr;

/// A call of the service as a plugin makes it.
class ProcessServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    service_.registerIn(services_);
    host_ = PluginHost::make({.plugin = "scanner-test", .services = &services_}).abi();
    table_ = static_cast<const scanhost_process*>(
        host_->get_service(host_, toText(SCANHOST_PROCESS_ID)));
    spec_.struct_size = sizeof spec_;
    spec_.program = toText("/bin/sh");
    spec_.context = this;
    spec_.output = [](void* context, scanhost_bytes chunk) {
      auto& self = *static_cast<ProcessServiceTest*>(context);
      self.output_.append(reinterpret_cast<const char*>(chunk.data), chunk.size);
      return self.answer_;
    };
  }

  Status run(const std::string& script, CallOptions options = {}) {
    const std::vector<std::string> arguments = {"-c", script};
    const LentTexts lent(arguments);
    spec_.arguments = lent;
    HostCall call(std::move(options));
    return call.outcome(table_->run(host_, call.abi(), &spec_, &end_), "run");
  }

  ServiceRegistry& services_ = *new ServiceRegistry;
  ProcessService service_;
  const scanhost_host* host_ = nullptr;
  const scanhost_process* table_ = nullptr;
  scanhost_process_spec spec_{};
  scanhost_process_end end_{sizeof(scanhost_process_end), 0, 0, 0};
  scanhost_status answer_ = SCANHOST_OK;
  std::string output_;
};

TEST_F(ProcessServiceTest, GivesOutputAndExitCodeOfWhatFailed) {
  std::string event;
  const PluginEventSink events = [&](int, std::string_view name, std::string_view fields,
                                     const auto&) {
    event = std::string(name) + std::string(fields);
  };
  EXPECT_TRUE(run("echo out; echo why >&2; exit 3", {.events = &events}));
  EXPECT_EQ(output_, "out\n");
  EXPECT_EQ(end_.exit_code, 3);
  EXPECT_THAT(event, HasSubstr("program_failed"));
  EXPECT_THAT(event, HasSubstr("why"));
}

TEST_F(ProcessServiceTest, TellsCancellationFromTheDeadline) {
  const auto cancel = std::make_shared<CancelSource>();
  cancel->cancel();
  const Status cancelled = run("sleep 100", {.cancel = cancel});
  const Status late =
      run("echo last words >&2; sleep 100", {.timeout = std::chrono::milliseconds(300)});
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().error_class, ErrorClass::cancelled);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().error_class, ErrorClass::timeout);
  EXPECT_THAT(late.error().message, HasSubstr("last words"));
}

TEST_F(ProcessServiceTest, ReturnsWhatTheOutputsTakerAnswered) {
  answer_ = SCANHOST_ERROR_TARGET;
  const Status refused = run("yes");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error_class, ErrorClass::target);
}

TEST_F(ProcessServiceTest, RefusesAProgramThatIsNotThere) {
  spec_.program = toText("/no/such/program");
  const Status refused = run("true");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error_class, ErrorClass::config);
  EXPECT_EQ(refused.error().subject, ErrorSubject::backend);
}

TEST_F(ProcessServiceTest, RefusesADescriptionThatIsTooShort) {
  spec_.struct_size = 40;
  EXPECT_EQ(run("true").error().error_class, ErrorClass::config);
}

}  // namespace
}  // namespace scanhost
