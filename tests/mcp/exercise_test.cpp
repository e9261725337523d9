// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The official clients of both generations over both transports, which exercise.mjs drives, and
/// the Inspector's command line.
#include <gmock/gmock.h>

#include "tests/mcp/fixture_service.h"

namespace scanhost::integration {
namespace {

using testing::HasSubstr;
using testing_support::Finished;

struct Client {
  const char* name;
  const char* generation;
  const char* transport;
  const char* path;

  friend void PrintTo(const Client& client, std::ostream* out) { *out << client.name; }
};

class OfficialClient : public testing::TestWithParam<Client> {};

TEST_P(OfficialClient, DoesAllThatItCan) {
  // A stream that is closed early is one of the things to be able to.
  FixtureService service("{}", "{poll_ms: 1000, sse: {enabled: true}}");
  const Finished exercised =
      testing_support::run({{SCANHOST_NODE, "exercise.mjs", GetParam().generation,
                             GetParam().transport, service->url() + GetParam().path},
                            {},
                            SCANHOST_MCP_FOLDER});
  EXPECT_EQ(exercised.exit_code, 0) << exercised.out << exercised.err;
}

INSTANTIATE_TEST_SUITE_P(
    Mcp, OfficialClient,
    testing::Values(Client{"Sdk1OverStreamableHttp", "sdk1", "http", "/mcp"},
                    Client{"Sdk1OverSse", "sdk1", "sse", "/sse"},
                    Client{"Client2Stateless", "client2", "http", "/mcp"},
                    Client{"Client2InASession", "client2-session", "http", "/mcp"},
                    Client{"Client2OverSse", "client2-session", "sse", "/sse"}),
    [](const auto& client) { return client.param.name; });

/// One service for all of them.
class Inspector : public testing::Test {
 protected:
  static void SetUpTestSuite() { service = std::make_unique<FixtureService>(); }
  static void TearDownTestSuite() { service.reset(); }

  static inline std::unique_ptr<FixtureService> service;
  const testing_support::Folder home;

  std::string says(std::vector<std::string> words) const {
    words.insert(words.begin(),
                 {SCANHOST_NODE,
                  "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js",
                  "--cli", (*service)->url() + "/mcp", "--transport", "http", "--method"});
    const Finished said = testing_support::run(
        {std::move(words), {{"HOME", home.path().string()}}, SCANHOST_MCP_FOLDER});
    EXPECT_EQ(said.exit_code, 0) << said.err;
    return said.out;
  }
};

TEST_F(Inspector, ListsTools) {
  EXPECT_THAT(says({"tools/list", "--strict"}), HasSubstr("\"run_untrusted_scan\""));
}

TEST_F(Inspector, CallsATool) {
  EXPECT_THAT(says({"tools/call", "--tool-name", "echo", "--tool-arg", "message=hi"}),
              HasSubstr("\"text\": \"hi\""));
}

TEST_F(Inspector, ListsResources) {
  EXPECT_THAT(says({"resources/list"}), HasSubstr("\"test://static-text\""));
}

TEST_F(Inspector, ReadsAResource) {
  EXPECT_THAT(says({"resources/read", "--uri", "test://static-text"}),
              HasSubstr("\"This is the content of the static text resource.\""));
}

TEST_F(Inspector, ListsPrompts) {
  EXPECT_THAT(says({"prompts/list"}), HasSubstr("\"test_prompt_with_arguments\""));
}

TEST_F(Inspector, GetsAPrompt) {
  EXPECT_THAT(says({"prompts/get", "--prompt-name", "test_prompt_with_arguments", "--prompt-args",
                    "arg1=one", "arg2=two"}),
              HasSubstr("arg1='one', arg2='two'"));
}

}  // namespace
}  // namespace scanhost::integration
