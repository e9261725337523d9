// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/runner/wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <scanhost/finding.h>
#include <scanhost/text.h>

#include "host/runner/messages.h"

namespace scanhost::runner {
namespace {

TEST(Wire, AFindingComesOutAsItWentIn) {
  FindingRecord finding;
  finding.host = "10.0.0.7";
  finding.port = "443";
  finding.check_id = "51192";
  finding.severity = Severity::high;
  finding.cve = {"CVE-2021-0001", "CVE-2021-0002"};
  finding.extra = {{"path", "/admin"}, {"path", "/login"}};
  finding.output = std::string("a\0b\xff", 4);
  finding.cvss3_base_score = 9.8;
  finding.truncated = {"output"};
  Encoder encoder;
  const LentFinding lent(finding);
  members(encoder, *lent.abi());

  Decoder decoder(encoder.view());
  scanhost_finding out{};
  members(decoder, out);

  ASSERT_TRUE(decoder.complete());
  const FindingRecord read = FindingRecord::from(out);
  EXPECT_EQ(read.host, finding.host);
  EXPECT_EQ(read.port, finding.port);
  EXPECT_EQ(read.check_id, finding.check_id);
  EXPECT_EQ(read.severity, finding.severity);
  EXPECT_EQ(read.cve, finding.cve);
  EXPECT_EQ(read.extra, finding.extra);
  EXPECT_EQ(read.output, finding.output);
  EXPECT_EQ(read.cvss3_base_score, finding.cvss3_base_score);
  EXPECT_EQ(read.truncated, finding.truncated);
}

TEST(Wire, ARequestWithTargetsAndWithoutCredentialComesOutAsItWentIn) {
  const std::vector<std::string> addresses = {"10.0.0.1", "10.0.0.2"};
  const LentTexts texts(addresses);
  const scanhost_target target{sizeof(scanhost_target), 0, toText("web"), texts, 1, 0};
  const scanhost_target* const targets[] = {&target};
  scanhost_scan_request request{};
  request.launch = 3;
  request.task_id = toText("task-1");
  request.targets = targets;
  request.target_count = 1;
  const std::string body = encoded(request);

  Decoder decoder(body);
  scanhost_scan_request out{};
  members(decoder, out);

  ASSERT_TRUE(decoder.complete());
  EXPECT_EQ(out.struct_size, sizeof(scanhost_scan_request));
  EXPECT_EQ(out.launch, 3u);
  EXPECT_EQ(toView(out.task_id), "task-1");
  ASSERT_EQ(out.target_count, 1u);
  EXPECT_EQ(toStrings(out.targets[0]->addresses), addresses);
  EXPECT_EQ(out.credential, nullptr);
}

TEST(Wire, EveryTruncationIsFound) {
  FindingRecord finding;
  finding.cve = {"CVE-2021-0001"};
  finding.extra = {{"a", "b"}};
  const LentFinding lent(finding);
  Encoder encoder;
  members(encoder, *lent.abi());
  const std::string body = encoder.take();
  for (std::size_t size = 0; size < body.size(); ++size) {
    Decoder decoder(std::string_view(body).substr(0, size));
    scanhost_finding out{};
    members(decoder, out);
    EXPECT_TRUE(decoder.failed()) << size;
  }
}

TEST(Wire, ACountThatTheBodyCannotHoldAsksForNoMemory) {
  Encoder encoder;
  encoder.value(std::uint64_t{1} << 60);
  Decoder decoder(encoder.view());
  scanhost_texts texts{};
  decoder.value(texts);
  EXPECT_TRUE(decoder.failed());
  EXPECT_EQ(texts.count, 0u);
}

TEST(Wire, WhatIsLeftOverIsNotComplete) {
  Decoder decoder("12345678more");
  std::uint64_t number = 0;
  decoder.value(number);
  EXPECT_FALSE(decoder.failed());
  EXPECT_FALSE(decoder.complete());
}

}  // namespace
}  // namespace scanhost::runner
