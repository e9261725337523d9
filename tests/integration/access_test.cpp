// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Who may ask: a service over TLS that wants to know its callers, by tokens made with scanhostctl,
/// by access tokens of an authorization server, and by client certificates.
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/StreamCopier.h>
#include <gmock/gmock.h>
#include <scanhost/client/errors.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "host/auth/test_issuer.h"
#include "tests/integration/service.h"
#include "tests/support/certificate.h"

namespace scanhost::integration {
namespace {

using namespace std::chrono_literals;
using Poco::Net::Context;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

struct Answer {
  int status = 0;
  std::string challenge, location, body;
};

/// A folder of the service's files, before it starts.
void writeFiles(const std::filesystem::path& folder, const TestIssuer& issuer) {
  std::filesystem::create_directories(folder);
  const auto certificate = testing_support::makeSelfSigned("127.0.0.1");
  ASSERT_TRUE(certificate);
  std::ofstream(folder / "cert.pem") << certificate->chain_pem;
  std::ofstream(folder / "key.pem") << certificate->key_pem;
  std::ofstream(folder / "jwks.json") << issuer.jwks();
}

testing_support::Finished token(const std::filesystem::path& folder,
                                std::vector<std::string> words) {
  words.insert(words.begin(), {built("bin/scanhostctl"), "token"});
  words.insert(words.end(), {"--file", (folder / "tokens").string()});
  return testing_support::run({std::move(words), {}, folder.string()});
}

class Access : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    issuer = new TestIssuer;
    service = new Service({.scanners = nmapScanner("9"),
                           .extra = "auth:\n"
                                    "  mode: token\n"
                                    "  tokens_file: tokens\n"
                                    "  oauth: {issuer: \"https://login.example.org\", audience: "
                                    "\"https://scan.example.org/mcp\", jwks_file: jwks.json}\n",
                           .http = ", tls: {certificate: cert.pem, key: key.pem}, public_url: "
                                   "\"https://scan.example.org\"",
                           .before_start = [](const std::filesystem::path& data) {
                             const auto folder = data.parent_path();
                             writeFiles(folder, *issuer);
                             for (const char* name : {"viewer", "client", "operator", "metrics"})
                               tokens[name] = made(folder, name, name);
                             tokens["other"] = made(folder, "other", "client");
                           }});
  }
  static void TearDownTestSuite() {
    delete service;
    delete issuer;
  }

  static std::string made(const std::filesystem::path& folder, const std::string& name,
                          const std::string& role) {
    auto created = token(folder, {"create", name, "--role", role, "--expires", "1h"});
    EXPECT_EQ(created.exit_code, 0) << created.err;
    created.out.pop_back();
    return created.out;
  }
  static client::Client clientWith(const std::string& token) {
    client::ClientOptions options;
    options.url = service->url();
    options.ca_file = (service->folder() / "cert.pem").string();
    options.token = token;
    return client::Client(options);
  }
  static Answer ask(const std::string& path, const std::string& authorization = {},
                    const std::string& method = "GET", const std::string& origin = {}) {
    const Context::Ptr context(new Context(Context::TLS_CLIENT_USE, "", "",
                                           (service->folder() / "cert.pem").string(),
                                           Context::VERIFY_STRICT, 9, false));
    Poco::Net::HTTPSClientSession session("127.0.0.1", service->port(), context);
    Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPRequest::HTTP_1_1);
    if (!authorization.empty()) request.set("Authorization", authorization);
    if (!origin.empty()) request.set("Origin", origin);
    request.setContentLength(method == "POST" ? 2 : 0);
    std::ostream& out = session.sendRequest(request);
    if (method == "POST") out << "{}";
    Poco::Net::HTTPResponse response;
    std::istream& in = session.receiveResponse(response);
    Answer answer{static_cast<int>(response.getStatus()), response.get("WWW-Authenticate", ""),
                  response.get("Location", ""), ""};
    Poco::StreamCopier::copyToString(in, answer.body);
    return answer;
  }
  static std::string codeOf(const std::function<void()>& call) {
    try {
      call();
    } catch (const client::ServiceError& error) {
      return error.code();
    } catch (const client::AccessError& error) {
      return std::to_string(error.http_status());
    } catch (const client::ProtocolError&) {
      return "protocol";
    }
    return "done";
  }
  static std::string submitAs(const std::string& token) {
    client::Client client = clientWith(token);
    return client.submit_scan("127.0.0.1", "access").task_id;
  }

  static inline TestIssuer* issuer = nullptr;
  static inline Service* service = nullptr;
  static inline std::map<std::string, std::string> tokens;
};

TEST_F(Access, WithoutAGoodTokenNothingIsAnswered) {
  const std::string where =
      "resource_metadata=\"https://scan.example.org/.well-known/"
      "oauth-protected-resource/mcp\"";
  const Answer none = ask("/mcp", "", "POST");
  EXPECT_EQ(none.status, 401);
  EXPECT_THAT(none.challenge, HasSubstr(where));
  EXPECT_THAT(none.challenge, Not(HasSubstr("error=")));
  const Answer wrong = ask("/mcp", "Bearer scanhost_wrong", "POST");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_THAT(wrong.challenge, HasSubstr("error=\"invalid_token\""));
  EXPECT_THAT(wrong.challenge, HasSubstr(where));
  EXPECT_EQ(ask("/mcp", "Bearer", "POST").status, 400);
  EXPECT_EQ(ask("/mcp?access_token=" + tokens["client"], "", "POST").status, 401)
      << "a token in the address counts for nothing";
  EXPECT_EQ(ask("/metrics").status, 401);
  EXPECT_EQ(ask("/health").status, 200);
  EXPECT_FALSE(service->events("client_authentication_failed").empty());
  EXPECT_THAT(service->allEvents(), Not(HasSubstr("scanhost_wrong")));
}

TEST_F(Access, AForeignOriginIsRefusedBeforeTheTokenIsLookedAt) {
  for (const char* origin :
       {"null", "https://evil.example", "https://scan.example.org.evil.example"})
    EXPECT_EQ(ask("/mcp", "Bearer " + tokens["client"], "POST", origin).status, 403) << origin;
  EXPECT_NE(ask("/mcp", "Bearer " + tokens["client"], "POST", "https://scan.example.org").status,
            403);
}

TEST_F(Access, AViewerLooksAndChangesNothing) {
  client::Client viewer = clientWith(tokens["viewer"]);
  EXPECT_EQ(codeOf([&] { viewer.list_pools(); }), "done");
  EXPECT_EQ(codeOf([&] { viewer.submit_scan("127.0.0.1", "no"); }), "forbidden");
  EXPECT_EQ(codeOf([&] { viewer.cancel("ne_scan_20251201_143022_a1b2c3d4"); }), "forbidden");
}

TEST_F(Access, OperatorToolsAreForOperators) {
  const auto namesFor = [](const std::string& token) {
    std::vector<std::string> names;
    client::Client client = clientWith(token);
    for (const Json& tool : client.list_tools()) names.push_back(tool["name"].asString());
    return names;
  };
  EXPECT_THAT(namesFor(tokens["operator"]), Contains("reload"));
  EXPECT_THAT(namesFor(tokens["client"]), Not(Contains("reload")));
  client::Client client = clientWith(tokens["client"]);
  EXPECT_EQ(codeOf([&] { client.call_tool("reload"); }), "protocol");
}

TEST_F(Access, MetricsNeedARoleThatReadsThem) {
  for (const char* name : {"metrics", "viewer", "operator"})
    EXPECT_EQ(ask("/metrics", "Bearer " + tokens[name]).status, 200) << name;
  const Answer refused = ask("/metrics", "Bearer " + tokens["client"]);
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.challenge, HasSubstr("error=\"insufficient_scope\""));
  EXPECT_THAT(refused.challenge, HasSubstr("scanhost:metrics"));
  client::Client metrics = clientWith(tokens["metrics"]);
  EXPECT_TRUE(metrics.list_tools().empty()) << "and are all that such a token reads";
}

TEST_F(Access, ATaskIsItsOwnersAndOthersDoNotKnowIt) {
  const std::string id = submitAs(tokens["client"]);
  client::Client other = clientWith(tokens["other"]), viewer = clientWith(tokens["viewer"]);
  EXPECT_EQ(codeOf([&] { other.get_status(id); }), "task_not_found");
  EXPECT_EQ(codeOf([&] { other.cancel(id); }), "task_not_found");
  EXPECT_EQ(codeOf([&] { viewer.get_status(id); }), "done");
}

TEST_F(Access, ARevokedTokenEndsWithoutAReload) {
  const std::string shortly = made(service->folder(), "shortly", "client");
  std::string code;
  const auto until = [&](const std::string& wanted) {
    for (int i = 0; i < 60 && code != wanted; ++i) {
      code = codeOf([&] { clientWith(shortly).list_pools(); });
      if (code != wanted) std::this_thread::sleep_for(50ms);
    }
    return code;
  };
  EXPECT_EQ(until("done"), "done");
  EXPECT_EQ(token(service->folder(), {"revoke", "shortly"}).exit_code, 0);
  EXPECT_EQ(until("401"), "401");
}

TEST_F(Access, AccessTokensOfTheIssuerAreTakenForWhatTheirScopesAllow) {
  const std::string scan = issuer->token(TestIssuer::claims("scanhost:scan"));
  const std::string id = submitAs(scan);
  Json bob = TestIssuer::claims("scanhost:scan");
  bob["sub"] = "bob";
  client::Client other = clientWith(issuer->token(bob));
  EXPECT_EQ(codeOf([&] { other.get_status(id); }), "task_not_found");
  EXPECT_EQ(codeOf([&] {
              clientWith(issuer->token(TestIssuer::claims("scanhost:read")))
                  .submit_scan("127.0.0.1", "no");
            }),
            "forbidden");
  Json elsewhere = TestIssuer::claims();
  elsewhere["aud"] = "https://another.example.org";
  EXPECT_EQ(ask("/mcp", "Bearer " + issuer->token(elsewhere), "POST").status, 401);
  const Answer nothing =
      ask("/mcp", "Bearer " + issuer->token(TestIssuer::claims("openid")), "POST");
  EXPECT_EQ(nothing.status, 403);
  EXPECT_THAT(nothing.challenge, HasSubstr("error=\"insufficient_scope\", scope=\"scanhost:read "
                                           "scanhost:scan\", resource_metadata="));
}

TEST_F(Access, ClientsAreToldWhereTokensAreHad) {
  for (const char* path :
       {"/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"}) {
    const Answer answer = ask(path);
    EXPECT_EQ(answer.status, 200) << path;
    const Json document = Json::parse(answer.body);
    EXPECT_EQ(document["resource"].asString(), "https://scan.example.org/mcp");
    EXPECT_EQ(document["authorization_servers"].items()[0].asString(), "https://login.example.org");
    EXPECT_EQ(document["scopes_supported"].dump(), R"(["scanhost:read","scanhost:scan"])");
  }
  const Answer older = ask("/.well-known/oauth-authorization-server");
  EXPECT_EQ(older.status, 307);
  EXPECT_EQ(older.location, "https://login.example.org/.well-known/oauth-authorization-server");
}

TEST_F(Access, TokensAreListedWithoutThemselves) {
  const auto listed = token(service->folder(), {"list", "--output", "jsonl"});
  EXPECT_EQ(listed.exit_code, 0);
  EXPECT_THAT(listed.out, HasSubstr(R"("name":"viewer","roles":["viewer"])"));
  for (const auto& [name, text] : tokens) {
    EXPECT_THAT(listed.out, Not(HasSubstr(text)));
    EXPECT_THAT(service->allEvents(), Not(HasSubstr(text)));
  }
  EXPECT_EQ(token(service->folder(), {"create", "viewer", "--role", "viewer"}).exit_code, 1);
  EXPECT_EQ(token(service->folder(), {"create", "root", "--role", "root"}).exit_code, 2);
}

TEST(AccessAtStart, ATokensFileThatOthersMayReadKeepsTheServiceFromStarting) {
  try {
    const Service service({.scanners = nmapScanner("9"),
                           .extra = "auth: {mode: token, tokens_file: tokens}\n",
                           .before_start = [](const std::filesystem::path& data) {
                             const auto folder = data.parent_path();
                             token(folder, {"create", "ci", "--role", "client"});
                             chmod((folder / "tokens").c_str(), 0644);
                           }});
    FAIL() << "it started";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("auth.tokens_file: tokens file"));
    EXPECT_THAT(error.what(), HasSubstr("chmod 600"));
  }
}

TEST(AccessByCertificate, TheNameInItIsTheCaller) {
  const TestIssuer issuer;
  const Service service(
      {.scanners = nmapScanner("9"),
       .extra = "auth: {mode: token, certificates: {agent: {subject: \"DNS:localhost\", roles: "
                "[metrics]}}}\n",
       .http = ", tls: {certificate: cert.pem, key: key.pem, client_ca: cert.pem}",
       .before_start = [&](const std::filesystem::path& data) {
         writeFiles(data.parent_path(), issuer);
       }});
  const std::string certificate = (service.folder() / "cert.pem").string();
  const std::string key = (service.folder() / "key.pem").string();
  const Context::Ptr context(new Context(Context::TLS_CLIENT_USE, key, certificate, certificate,
                                         Context::VERIFY_STRICT, 9, false));
  const auto statusOf = [&](const std::string& path, const std::string& method) {
    Poco::Net::HTTPSClientSession session("127.0.0.1", service.port(), context);
    Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPRequest::HTTP_1_1);
    request.setContentLength(0);
    session.sendRequest(request);
    Poco::Net::HTTPResponse response;
    session.receiveResponse(response);
    return static_cast<int>(response.getStatus());
  };
  EXPECT_EQ(statusOf("/metrics", "GET"), 200);
  EXPECT_NE(statusOf("/mcp", "POST"), 401);
}

}  // namespace
}  // namespace scanhost::integration
