// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The plugin through the ABI, against a collector that behaves well or badly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <scanhost/testing/exporter.h>
#include <scanhost/trace.h>

#include "tests/support/post_receiver.h"

namespace scanhost::otlp {
namespace {

using namespace std::chrono_literals;
using plugintest::ExporterUnderTest;
using plugintest::OfferedSpan;
using plugintest::TestHost;
using plugintest::TestPlugin;
using testing_support::httpAnswer;
using testing_support::PostReceiver;

class OtlpPlugin : public testing::Test {
 protected:
  Json settings() const {
    return Json::object({{"url", collector_.url()},
                         {"service_name", "scanhost"},
                         {"timeout", "1s"},
                         {"headers", Json::object({{"Authorization", "Bearer canary"}})}});
  }
  static std::vector<OfferedSpan> batch(std::size_t count = 1) {
    OfferedSpan span;
    span.name = "scan.attempt";
    span.trace = *parseTraceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    return std::vector<OfferedSpan>(count, span);
  }
  double counted(const std::string& result) const {
    return host_.metric("scanhost_otlp_spans_total", "result=" + result);
  }
  /// The PluginError by which a batch comes back.
  static PluginError refusal(ExporterUnderTest& exporter) {
    try {
      exporter.spans(batch());
    } catch (const PluginError& error) {
      return error;
    }
    ADD_FAILURE() << "the batch was taken";
    return PluginError(ErrorClass::internal, "");
  }

  PostReceiver collector_;
  TestHost host_;
  TestPlugin plugin_{SCANHOST_PLUGIN_FILE, host_};
};

TEST_F(OtlpPlugin, PostsABatchAsJson) {
  ExporterUnderTest exporter(plugin_, settings());
  exporter.spans(batch(2));
  const auto posts = collector_.received();
  ASSERT_EQ(posts.size(), 1u);
  EXPECT_EQ(posts[0].headers.at("content-type"), "application/json");
  EXPECT_EQ(posts[0].headers.at("authorization"), "Bearer canary");
  EXPECT_TRUE(Json::parse(posts[0].body).has("resourceSpans"));
  EXPECT_EQ(counted("delivered"), 2);
}

TEST_F(OtlpPlugin, TakesNeitherEventsNorMetrics) {
  ExporterUnderTest exporter(plugin_, settings());
  EXPECT_FALSE(exporter.takesEvents());
  EXPECT_EQ(exporter.endpoint(), "");
}

TEST_F(OtlpPlugin, ACollectorThatIsBusyGetsTheBatchAgainAfterTheTimeItAsksFor) {
  collector_.next({httpAnswer(429, "Retry-After: 7\r\n")});
  ExporterUnderTest exporter(plugin_, settings());
  const PluginError error = refusal(exporter);
  EXPECT_EQ(error.errorClass(), ErrorClass::transient);
  EXPECT_EQ(error.retryAfter(), 7s);
  exporter.spans(batch());
  EXPECT_EQ(counted("delivered"), 1);
}

TEST_F(OtlpPlugin, WaitsLongerEachTimeThatItFails) {
  for (int i = 0; i < 3; ++i) collector_.next({httpAnswer(503)});
  ExporterUnderTest exporter(plugin_, settings());
  EXPECT_EQ(refusal(exporter).retryAfter(), 1s);
  EXPECT_EQ(refusal(exporter).retryAfter(), 2s);
  EXPECT_EQ(refusal(exporter).retryAfter(), 4s);
}

TEST_F(OtlpPlugin, ARefusedBatchIsCountedAndNotSentAgain) {
  collector_.next({httpAnswer(400)});
  ExporterUnderTest exporter(plugin_, settings());
  exporter.spans(batch(3));
  EXPECT_EQ(counted("refused"), 3);
  EXPECT_EQ(counted("delivered"), 0);
  EXPECT_EQ(collector_.received().size(), 1u);
}

TEST_F(OtlpPlugin, CountsWhatACollectorTookOnlyInPart) {
  collector_.next(
      {httpAnswer(200, "Content-Type: application/json\r\n",
                  R"({"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}})")});
  ExporterUnderTest exporter(plugin_, settings());
  exporter.spans(batch(3));
  EXPECT_EQ(counted("refused"), 2);
  EXPECT_EQ(counted("delivered"), 1);
}

TEST_F(OtlpPlugin, ACollectorThatIsDownCostsNoSpanAndToldNoSecret) {
  Json elsewhere = settings();
  elsewhere["url"] = "http://127.0.0.1:1/v1/traces";
  ExporterUnderTest exporter(plugin_, elsewhere);
  EXPECT_EQ(refusal(exporter).errorClass(), ErrorClass::transient);
  bool told = false;
  for (const auto& event : host_.events().all()) {
    told = told || event.event == "otlp_collector_unavailable";
    EXPECT_EQ(event.fields.dump().find("canary"), std::string::npos);
  }
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace scanhost::otlp
