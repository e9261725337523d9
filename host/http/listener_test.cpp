// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Routes, callers, bodies, start and stop, over real sockets.
#include "host/http/listener.h"

#include <gtest/gtest.h>
#include <sys/un.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>

#include "host/http/test_client.h"

namespace scanhost::http {
namespace {

using namespace std::chrono_literals;

ListenOptions freePort() {
  ListenOptions options;
  options.listen = "127.0.0.1:0";
  return options;
}

std::string get(const std::string& path, const std::string& headers = {}) {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
}
std::string post(const std::string& path, const std::string& body,
                 const std::string& headers = {}) {
  return "POST " + path +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         headers + "\r\n" + body;
}

Handler echo() {
  return [](Request& request, Response& response) {
    const auto body = request.readBody(1 << 20);
    if (body)
      response.send(200, {{"Content-Type", "text/plain"}},
                    request.method() + " " + request.path() + " " + *body);
  };
}

struct Served {
  explicit Served(ListenOptions options = freePort(), Hooks hooks = {},
                  CallerResolver resolver = {})
      : listener(std::move(options), std::move(hooks), std::move(resolver)) {
    mount({{"GET", "POST"}, "/echo", "echo", echo()});
    const Status started = listener.start();
    EXPECT_TRUE(started) << started.error().message;
  }
  void mount(Route route) {
    auto mounted = listener.route(std::move(route));
    ASSERT_TRUE(mounted) << mounted.error().message;
    routes.push_back(std::move(*mounted));
  }
  TestClient client() const { return TestClient(listener.port()); }

  Listener listener;
  std::vector<RouteHandle> routes;
};

TEST(Listener, AnswersWithTheHeadersOfEveryAnswer) {
  Served served;
  const std::string response = served.client().ask(post("/echo?q=1", "hi"));
  EXPECT_EQ(statusOf(response), 200);
  EXPECT_EQ(bodyOf(response), "POST /echo hi");
  for (const char* header :
       {"X-Content-Type-Options: nosniff", "Content-Security-Policy: default-src 'none'",
        "X-Frame-Options: DENY", "Referrer-Policy: no-referrer", "Cache-Control: no-store",
        "Date: ", "Connection: keep-alive"})
    EXPECT_TRUE(has(response, header)) << header;
  EXPECT_FALSE(has(response, "Server:"));
}

TEST(Listener, KeepsTheConnectionForManyRequests) {
  Served served;
  auto client = served.client();
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(bodyOf(client.ask(post("/echo", std::to_string(i)))),
              "POST /echo " + std::to_string(i));
}

TEST(Listener, PipelinedRequestsAreAnsweredInOrder) {
  Served served;
  auto client = served.client();
  client.send(post("/echo", "1") + get("/echo") + post("/echo", "3"));
  EXPECT_EQ(bodyOf(client.response()), "POST /echo 1");
  EXPECT_EQ(bodyOf(client.response()), "GET /echo ");
  EXPECT_EQ(bodyOf(client.response()), "POST /echo 3");
}

TEST(Listener, UnknownPathIs404AndWrongMethod405) {
  Served served;
  auto client = served.client();
  const std::string unknown = client.ask(get("/nowhere"));
  EXPECT_EQ(statusOf(unknown), 404);
  EXPECT_TRUE(has(bodyOf(unknown), R"("code":"not_found")"));
  const std::string wrong = client.ask("DELETE /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(statusOf(wrong), 405);
  EXPECT_TRUE(has(wrong, "Allow: GET, HEAD, POST"));
}

TEST(Listener, HeadIsGetWithoutItsBody) {
  Served served;
  auto client = served.client();
  client.send("HEAD /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const std::string response = client.receiveAll();
  EXPECT_TRUE(has(response, "Content-Length: 11"));
  EXPECT_EQ(bodyOf(response), "");
}

TEST(Listener, LongestPrefixServesWhatIsBelow) {
  Served served;
  const auto answer = [](const char* text) {
    return [text](Request& request, Response& response) {
      response.send(200, {}, text + request.path());
    };
  };
  served.mount({{"GET"}, "/files/*", "", answer("short ")});
  served.mount({{"GET"}, "/files/deep/*", "", answer("long ")});
  auto client = served.client();
  EXPECT_EQ(bodyOf(client.ask(get("/files/a/b"))), "short /files/a/b");
  EXPECT_EQ(bodyOf(client.ask(get("/files/deep/x"))), "long /files/deep/x");
  EXPECT_EQ(statusOf(client.ask(get("/files"))), 404);
}

TEST(Listener, RoutesConflictOnlyInPathAndMethod) {
  Served served;
  const auto conflict = served.listener.route({{"POST"}, "/echo", "", echo()});
  ASSERT_FALSE(conflict);
  EXPECT_TRUE(has(conflict.error().message, "/echo"));
  EXPECT_TRUE(served.listener.route({{"DELETE"}, "/echo", "", echo()}));
  for (const char* path : {"", "x", "/a/../b", "/a*", "/*/a"})
    EXPECT_FALSE(served.listener.route({{"GET"}, path, "", echo()})) << path;
}

TEST(Listener, UnroutingWaitsForTheCallInFlight) {
  Served served;
  std::promise<void> entered, release;
  std::atomic<bool> returned{false};
  auto mounted = served.listener.route({{"GET"}, "/slow", "", [&](Request&, Response& response) {
                                          entered.set_value();
                                          release.get_future().wait();
                                          returned = true;
                                          response.send(200, {}, "done");
                                        }});
  ASSERT_TRUE(mounted);
  auto client = served.client();
  client.send(get("/slow"));
  entered.get_future().wait();
  auto unrouted = std::async(std::launch::async, [&] {
    mounted->reset();
    return returned.load();
  });
  EXPECT_EQ(unrouted.wait_for(50ms), std::future_status::timeout);
  EXPECT_EQ(statusOf(served.client().ask(get("/slow"))), 404);
  release.set_value();
  EXPECT_TRUE(unrouted.get());
  EXPECT_EQ(bodyOf(client.response()), "done");
}

TEST(Listener, AHandlerThatThrowsOrIsSilentIs500AndReported) {
  std::mutex mutex;
  std::vector<std::string> failures;
  Hooks hooks;
  hooks.on_handler_failure = [&](const std::string& route, const std::string& what) {
    const std::lock_guard lock(mutex);
    failures.push_back(route + ": " + what);
  };
  Served served(freePort(), hooks);
  served.mount({{"GET"}, "/throws", "throws", [](Request&, Response&) {
                  throw std::runtime_error("secret detail");
                }});
  served.mount({{"GET"}, "/silent", "silent", [](Request&, Response&) {}});
  auto client = served.client();
  const std::string response = client.ask(get("/throws"));
  EXPECT_EQ(statusOf(response), 500);
  EXPECT_FALSE(has(response, "secret detail"));
  EXPECT_EQ(statusOf(served.client().ask(get("/silent"))), 500);
  const std::lock_guard lock(mutex);
  EXPECT_EQ(failures.at(0), "throws: secret detail");
  EXPECT_EQ(failures.size(), 2u);
}

TEST(Listener, HeadersOfAHandlerCannotBreakTheFraming) {
  Served served;
  served.mount(
      {{"GET"}, "/odd", "", [](Request&, Response& response) {
         response.send(
             200, {{"X-Split", "a\r\nInjected: yes"}, {"Content-Length", "999"}, {"X-Fine", "ok"}},
             "body");
       }});
  const std::string response = served.client().ask(get("/odd"));
  EXPECT_FALSE(has(response, "Injected"));
  EXPECT_TRUE(has(response, "Content-Length: 4"));
  EXPECT_TRUE(has(response, "X-Fine: ok"));
}

TEST(Listener, ResolverDecidesWhoCalls) {
  std::atomic<int> failures{0};
  Hooks hooks;
  hooks.on_auth_failure = [&](const Request& request, const std::string& reason) {
    EXPECT_EQ(request.remoteAddress(), "127.0.0.1");
    EXPECT_EQ(reason, "no such token");
    ++failures;
  };
  const CallerResolver resolver = [](const Request& request) -> Result<Caller> {
    if (request.header("Authorization") == "Bearer good") return Caller{"alice", {"operator"}, {}};
    return fail(ErrorClass::auth, "no such token");
  };
  Served served(freePort(), hooks, resolver);
  served.mount({{"GET"}, "/who", "", [](Request& request, Response& response) {
                  response.send(200, {},
                                request.caller().subject +
                                    (request.caller().roles.count("operator") ? "!" : ""));
                }});
  served.mount({{"GET"},
                "/open",
                "",
                [](Request& request, Response& response) {
                  response.send(200, {}, request.caller().subject);
                },
                true});
  const std::string refused = served.client().ask(get("/who"));
  EXPECT_EQ(statusOf(refused), 401);
  EXPECT_TRUE(has(refused, "WWW-Authenticate: Bearer realm=\"scanhost\"\r\n"));
  EXPECT_FALSE(has(refused, "no such token"));
  EXPECT_TRUE(has(served.client().ask(get("/who", "Authorization: Bearer bad\r\n")),
                  "error=\"invalid_token\""));
  EXPECT_EQ(bodyOf(served.client().ask(get("/who", "Authorization: Bearer good\r\n"))), "alice!");
  EXPECT_EQ(bodyOf(served.client().ask(get("/open"))), "anonymous");
  EXPECT_EQ(failures, 2);
}

TEST(Listener, CallerIsRefusedBeforeTheBodyIsRead) {
  Served served(freePort(), {},
                [](const Request&) -> Result<Caller> { return fail(ErrorClass::auth, "no"); });
  auto client = served.client();
  EXPECT_EQ(statusOf(client.ask(
                "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")),
            401);
}

TEST(Listener, WhoAsksTooOftenHearsHowLongToWait) {
  int failures = 0;
  Hooks hooks;
  hooks.on_auth_failure = [&](const Request&, const std::string&) { ++failures; };
  Served served(freePort(), hooks, [](const Request&) -> Result<Caller> {
    Error error{ErrorClass::busy, "too often"};
    error.retry_after = 1500ms;
    return tl::unexpected<Error>(error);
  });
  const std::string answer = served.client().ask(get("/echo"));
  EXPECT_EQ(statusOf(answer), 429);
  EXPECT_TRUE(has(answer, "Retry-After: 2\r\n"));
  EXPECT_EQ(failures, 0) << "it is known who asks";
}

TEST(Listener, ARouteMayDemandARoleAndSaysWhichScopeGrantsIt) {
  Served served(freePort(), {}, [](const Request& request) -> Result<Caller> {
    const auto role = request.header("X-Role");
    return Caller{
        "someone", role ? std::set<std::string>{std::string(*role)} : std::set<std::string>{}, {}};
  });
  Route route{
      {"GET"}, "/figures", "", [](Request&, Response& response) { response.send(200, {}, "1"); }};
  route.roles = {"metrics", "viewer"};
  served.mount(route);
  const auto ask = [&](const std::string& headers) {
    return served.client().ask("GET /figures HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
  };
  EXPECT_EQ(statusOf(ask("X-Role: viewer\r\n")), 200);
  const std::string refused = ask("X-Role: client\r\n");
  EXPECT_EQ(statusOf(refused), 403);
  EXPECT_TRUE(
      has(refused, "error=\"insufficient_scope\", scope=\"scanhost:metrics scanhost:read\""));
  EXPECT_EQ(statusOf(ask("")), 403) << "a caller without any role may do nothing";
}

TEST(Listener, AHandlerForbidsWithTheScopesThatWouldBeNeeded) {
  Served served;
  served.mount({{"POST"}, "/scan", "", [](Request&, Response& response) {
                  response.forbid({"scanhost:scan"}, {{"Content-Type", "application/json"}}, "{}");
                }});
  const std::string answer =
      served.client().ask("POST /scan HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(statusOf(answer), 403);
  EXPECT_TRUE(has(answer,
                  "WWW-Authenticate: Bearer realm=\"scanhost\", "
                  "error=\"insufficient_scope\", scope=\"scanhost:scan\"\r\n"));
  EXPECT_EQ(bodyOf(answer), "{}");
}

TEST(Listener, HostAndOriginAreCheckedWhereAsked) {
  Served served;
  served.mount({{"GET"},
                "/probe",
                "",
                [](Request&, Response& response) { response.send(200, {}, "ok"); },
                true,
                false});
  const auto ask = [&](const std::string& path, const std::string& host,
                       const std::string& headers) {
    return statusOf(served.client().ask("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" +
                                        headers + "\r\n"));
  };
  EXPECT_EQ(ask("/echo", "localhost:1", ""), 200);
  EXPECT_EQ(ask("/echo", "evil.example.com", ""), 421);
  EXPECT_EQ(ask("/echo", "localhost:1", "Origin: http://evil.example.com\r\n"), 403);
  EXPECT_EQ(ask("/echo", "localhost:1", "Origin: null\r\n"), 403);
  EXPECT_EQ(ask("/echo", "localhost:1", "Origin: http://localhost:1\r\n"), 200);
  EXPECT_EQ(ask("/probe", "10.1.2.3", ""), 200);
}

TEST(Listener, HookSeesEveryResponse) {
  std::mutex mutex;
  std::vector<Exchange> seen;
  Hooks hooks;
  hooks.on_response = [&](const Exchange& exchange) {
    const std::lock_guard lock(mutex);
    seen.push_back(exchange);
  };
  Served served(freePort(), hooks);
  auto client = served.client();
  client.ask(get("/echo"));
  client.ask(get("/none"));
  client.ask("junk\r\n\r\n");
  const std::lock_guard lock(mutex);
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].route, "echo");
  EXPECT_EQ(seen[0].method, "GET");
  EXPECT_EQ(seen[0].code, 200);
  EXPECT_GE(seen[0].seconds, 0);
  EXPECT_EQ(seen[1].route, "none");
  EXPECT_EQ(seen[1].code, 404);
  EXPECT_EQ(seen[2].code, 400);
}

TEST(Listener, PortInUseNamesAddressAndRemedy) {
  Served served;
  ListenOptions options;
  options.listen = "127.0.0.1:" + std::to_string(served.listener.port());
  Listener second(options);
  const Status started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().error_class, ErrorClass::config);
  EXPECT_TRUE(has(started.error().message, options.listen));
  EXPECT_TRUE(has(started.error().message, "choose another port")) << started.error().message;
}

TEST(Listener, BadAddressesAreErrors) {
  for (const char* listen : {"", "127.0.0.1", "127.0.0.1:99999", "192.0.2.1:0", "unix:"}) {
    ListenOptions options;
    options.listen = listen;
    Listener listener(options);
    const Status started = listener.start();
    ASSERT_FALSE(started) << listen;
    EXPECT_TRUE(has(started.error().message, std::string(listen) + ": "))
        << started.error().message;
  }
}

TEST(Listener, StopLetsARunningRequestFinish) {
  Served served;
  std::promise<void> entered;
  served.mount({{"GET"}, "/slow", "", [&](Request&, Response& response) {
                  entered.set_value();
                  std::this_thread::sleep_for(200ms);
                  response.send(200, {}, "done");
                }});
  auto client = served.client();
  client.send(get("/slow"));
  entered.get_future().wait();
  served.listener.stop(5s);
  const std::string response = client.response();
  EXPECT_EQ(bodyOf(response), "done");
  EXPECT_TRUE(has(response, "Connection: close"));
  EXPECT_FALSE(served.client().connected());
}

TEST(Listener, StopCutsWhatOutlastsItsGrace) {
  Served served;
  std::promise<void> entered;
  served.mount({{"POST"}, "/reads", "", [&](Request& request, Response&) {
                  entered.set_value();
                  EXPECT_FALSE(request.readBody(1 << 20));
                }});
  auto client = served.client();
  client.send("POST /reads HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n");
  entered.get_future().wait();
  const auto start = std::chrono::steady_clock::now();
  served.listener.stop(50ms);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
}

TEST(Listener, LocalSocketThatCannotBeMadeNamesARemedyForPaths) {
  const auto file =
      std::filesystem::temp_directory_path() / ("scanhost_http_test." + std::to_string(getpid()));
  std::ofstream(file) << "not a socket";
  for (const auto& [path, remedy] :
       {std::pair{file, "another file is there; remove it"},
        std::pair{file / "x", "its folder is not there; make it"},
        std::pair{std::filesystem::path("/nonexistent/x"), "its folder is not there; make it"},
        std::pair{std::filesystem::path("/sys/x"), "this user may not write in its folder"}}) {
    ListenOptions options;
    options.listen = "unix:" + path.string();
    Listener listener(options);
    const Status started = listener.start();
    ASSERT_FALSE(started) << path;
    EXPECT_TRUE(has(started.error().message, remedy)) << started.error().message;
  }
  EXPECT_TRUE(std::filesystem::remove(file));
}

TEST(Listener, LocalSocketServesAndTellsThePeer) {
  const auto path =
      std::filesystem::temp_directory_path() / ("scanhost_http_test." + std::to_string(getpid()));
  ListenOptions options;
  options.listen = "unix:" + path.string();
  {
    Served served(options);
    served.mount({{"GET"}, "/who", "", [](Request& request, Response& response) {
                    response.send(200, {},
                                  request.remoteAddress() + " " +
                                      std::to_string(request.peerCredentials()->uid));
                  }});
    Listener second(options);
    EXPECT_FALSE(second.start()) << "a living listener keeps its socket";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const std::string request = get("/who", "Connection: close\r\n");
    ASSERT_EQ(write(fd, request.data(), request.size()), static_cast<ssize_t>(request.size()));
    std::string response;
    char buffer[4096];
    for (ssize_t count; (count = read(fd, buffer, sizeof buffer)) > 0;)
      response.append(buffer, static_cast<std::size_t>(count));
    close(fd);
    EXPECT_EQ(bodyOf(response), "local " + std::to_string(getuid()));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace scanhost::http
