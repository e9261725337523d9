// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/wapiti/run_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace scanhost::wapiti {
namespace {

using testing::HasSubstr;

class WapitiRunLog : public testing::Test {
 protected:
  void say(std::string_view text, std::size_t step = 7) {
    for (std::size_t at = 0; at < text.size(); at += step) log.feedOutput(text.substr(at, step));
  }

  double share = -1;
  std::string module;
  RunLog log{3, [this](double done, std::string_view at) {
               share = done;
               module = at;
             }};
};

TEST_F(WapitiRunLog, ARunWithoutComplaintLeavesNothingUndone) {
  say("[*] Wapiti found 4 URLs and forms during the scan\n[*] Loading modules:\n\t a, b\n"
      "[*] Launching module csp\nCSP is not set\n[*] Launching module xss\n");
  log.finish();
  EXPECT_EQ(log.pages(), 4u);
  EXPECT_EQ(log.undone(), "");
  EXPECT_DOUBLE_EQ(share, 0.5);
  EXPECT_EQ(module, "xss");
}

TEST_F(WapitiRunLog, ARunThatDiedBeforeItCrawledIsUndone) {
  say("Wapiti-3.0.4\n");
  log.finish();
  EXPECT_EQ(log.pages(), 0u);
  EXPECT_THAT(log.undone(), HasSubstr("did not say"));
}

TEST_F(WapitiRunLog, TellsEachReasonOnce) {
  say("[!] Connection error with URL http://10.0.0.7/a\nMax scan time was reached, stopping.\n"
      "[!] Connection error with URL http://10.0.0.7/b\n[*] Wapiti found 9 URLs and forms during "
      "the scan\n"
      "3 requests were skipped due to network issues\n"
      "Max attack time was reached for module xss, stopping.\n");
  log.feedErrors("Traceback\n  File \"/x.py\", line 1\n");
  log.finish();
  EXPECT_EQ(
      log.undone(),
      "a page could not be fetched; crawl_time was over before every page was found; "
      "answers did not come, or led to another host; module_time was over before a module was "
      "done; a module of wapiti's failed");
}

TEST_F(WapitiRunLog, ALineWithoutEndIsNotHeld) {
  const std::string piece(1u << 16, 'x');
  for (int i = 0; i < 64; ++i) log.feedOutput(piece);
  say("\n[*] Wapiti found 1 URLs and forms during the scan\n");
  EXPECT_EQ(log.pages(), 1u);
}

TEST_F(WapitiRunLog, ALaterClaimDoesNotReplaceWhatWasFound) {
  say("[*] Wapiti found 4 URLs\n[*] Wapiti found 0 URLs\n");
  EXPECT_EQ(log.pages(), 4u);
}

}  // namespace
}  // namespace scanhost::wapiti
