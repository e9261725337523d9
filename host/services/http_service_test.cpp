// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/services/http_service.h"

#include <gtest/gtest.h>
#include <scanhost/http.h>

#include <atomic>
#include <future>
#include <optional>
#include <thread>

#include "host/abi/plugin_host.h"
#include "host/http/test_client.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;

constexpr const char* ask = "GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A plugin's route whose handler waits until its call is cancelled, or five seconds.
class PluginRoute : public testing::Test {
 protected:
  PluginRoute()
      : listener_(options(), hooks()),
        service_(std::make_unique<HttpService>(std::vector{&listener_})),
        registry_(std::make_unique<ServiceRegistry>()) {
    service_->registerIn(*registry_);
    const PluginHost& host =
        PluginHost::make({.plugin = "transport-test", .services = registry_.get()});
    HostCall call;
    Call context(call.abi());
    route_ = HttpRoute(Host(host.abi()), context, {"GET"}, "/wait", SCANHOST_ROUTE_OPEN,
                       [this](HttpRequest& request, HttpResponse& response) {
                         entered_.set_value();
                         const Call own = request.call();
                         for (int i = 0; i < 500 && !own.cancelled(); ++i)
                           std::this_thread::sleep_for(10ms);
                         cancelled_.set_value(own.cancelled());
                         response.send(200, {}, "done");
                       });
    const Status started = listener_.start();
    EXPECT_TRUE(started) << started.error().message;
  }

  ~PluginRoute() override { listener_.stop(0ms); }

  static http::ListenOptions options() {
    http::ListenOptions made;
    made.listen = "127.0.0.1:0";
    return made;
  }
  http::Hooks hooks() {
    http::Hooks made;
    made.on_turn = [this] { service_->cancelAbandoned(); };
    return made;
  }

  http::Listener listener_;
  std::unique_ptr<HttpService> service_;
  std::unique_ptr<ServiceRegistry> registry_;
  HttpRoute route_;
  std::promise<void> entered_;
  std::promise<bool> cancelled_;
};

TEST_F(PluginRoute, ItsCallIsCancelledWhenTheClientGoesAway) {
  {
    http::TestClient client(listener_.port());
    client.send(ask);
    entered_.get_future().wait();
  }
  EXPECT_TRUE(cancelled_.get_future().get());
}

TEST_F(PluginRoute, ItsCallIsCancelledWhenTheNodeStops) {
  http::TestClient client(listener_.port());
  client.send(ask);
  entered_.get_future().wait();
  service_->cancelAll();
  EXPECT_TRUE(cancelled_.get_future().get());
  EXPECT_EQ(http::statusOf(client.response()), 200) << "its answer still arrives";
}

TEST(PluginRequest, HeadersOfOneNameAreJoined) {
  http::ListenOptions options;
  options.listen = "127.0.0.1:0";
  http::Listener listener(options);
  HttpService service({&listener});
  ServiceRegistry registry;
  service.registerIn(registry);
  const PluginHost& host = PluginHost::make({.plugin = "transport-test", .services = &registry});
  HostCall call;
  Call context(call.abi());
  const HttpRoute route(Host(host.abi()), context, {"GET"}, "/", SCANHOST_ROUTE_OPEN,
                        [](HttpRequest& request, HttpResponse& response) {
                          response.send(
                              200, {},
                              std::string(request.header("accept").value_or("none")) + "|" +
                                  std::string(request.header("X").value_or("none")) + "|" +
                                  std::string(request.header("Y").value_or("none")));
                        });
  ASSERT_TRUE(listener.start());
  http::TestClient client(listener.port());
  EXPECT_EQ(http::bodyOf(client.ask("GET / HTTP/1.1\r\nHost: localhost\r\nAccept: a/b\r\n"
                                    "X:\r\nACCEPT: c/d\r\nAccept: e/f\r\n\r\n")),
            "a/b, c/d, e/f||none");
}

/// A plugin's route that is a resource of its own.
class PluginResource : public testing::Test {
 protected:
  PluginResource()
      : listener_(options(), {},
                  [](const http::Request&) {
                    return Result<http::Caller>(http::Caller{"alice", {"client", "metrics"}, {}});
                  }),
        service_(std::vector{&listener_}, [](const std::string& path) {
          http::Route described{
              {"GET"}, "/about" + path, "", [](http::Request&, http::Response& response) {
                response.send(200, {}, "described");
              }};
          return std::vector{described};
        }) {
    service_.registerIn(registry_);
    const PluginHost& host = PluginHost::make({.plugin = "transport-test", .services = &registry_});
    HostCall call;
    Call context(call.abi());
    for (const auto& [path, flags] :
         {std::pair("/resource", SCANHOST_ROUTE_RESOURCE), std::pair("/plain", 0u)})
      routes_.emplace_back(Host(host.abi()), context, std::vector<std::string>{"GET"}, path, flags,
                           [](HttpRequest& request, HttpResponse& response) {
                             std::string scopes;
                             for (const std::string& scope : toStrings(request.caller().scopes))
                               scopes += scope + ";";
                             if (request.query() == "forbid")
                               return response.forbid({"scanhost:admin"}, {}, scopes);
                             response.send(200, {}, scopes);
                           });
    const Status started = listener_.start();
    EXPECT_TRUE(started) << started.error().message;
  }
  ~PluginResource() override {
    listener_.stop(0ms);
    routes_.clear();
  }
  std::string get(const std::string& target) {
    return http::TestClient(listener_.port())
        .ask("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  static http::ListenOptions options() {
    http::ListenOptions made;
    made.listen = "127.0.0.1:0";
    return made;
  }

  http::Listener listener_;
  HttpService service_;
  ServiceRegistry registry_;
  std::vector<HttpRoute> routes_;
};

TEST_F(PluginResource, ItsCallerHasTheScopesOfItsRoles) {
  EXPECT_EQ(http::bodyOf(get("/plain")), "scanhost:scan;scanhost:metrics;");
}

TEST_F(PluginResource, IsDescribedAsLongAsItIsMounted) {
  EXPECT_EQ(http::bodyOf(get("/about/resource")), "described");
  EXPECT_EQ(http::statusOf(get("/about/plain")), 404);
  routes_.clear();
  EXPECT_EQ(http::statusOf(get("/about/resource")), 404);
}

TEST_F(PluginResource, ItsHandlerForbidsWithAChallenge) {
  const std::string refused = get("/resource?forbid");
  EXPECT_EQ(http::statusOf(refused), 403);
  EXPECT_NE(refused.find("scope=\"scanhost:admin\""), std::string::npos);
}

/// A plugin's route whose answers come later.
class PluginDeferral : public testing::Test {
 protected:
  PluginDeferral() : listener_(options()), service_(std::vector{&listener_}) {
    service_.registerIn(registry_);
    const PluginHost& host = PluginHost::make({.plugin = "transport-test", .services = &registry_});
    HostCall call;
    Call context(call.abi());
    route_ = HttpRoute(Host(host.abi()), context, {"GET"}, "/wait", SCANHOST_ROUTE_OPEN,
                       [this](HttpRequest&, HttpResponse& response) {
                         due_.set_value(response.defer([this] {
                           ++times_gone_;
                           gone_.set_value();
                         }));
                       });
    const Status started = listener_.start();
    EXPECT_TRUE(started) << started.error().message;
  }
  static http::ListenOptions options() {
    http::ListenOptions made;
    made.listen = "127.0.0.1:0";
    return made;
  }
  std::optional<HttpDeferred> waitForDue() { return due_.get_future().get(); }

  http::Listener listener_;
  HttpService service_;
  ServiceRegistry registry_;
  std::promise<std::optional<HttpDeferred>> due_;
  std::promise<void> gone_;
  std::atomic<int> times_gone_{0};
  HttpRoute route_;
};

TEST_F(PluginDeferral, TheAnswerComesLaterAndEndsIt) {
  http::TestClient client(listener_.port());
  client.send(ask);
  auto due = waitForDue();
  EXPECT_TRUE(due->send(201, {{"X-Kind", "late"}}, "done"));
  const std::string response = client.response();
  EXPECT_EQ(http::statusOf(response), 201);
  EXPECT_TRUE(http::has(response, "X-Kind: late"));
  EXPECT_EQ(http::bodyOf(response), "done");
  EXPECT_FALSE(due->send(200, {}, "again"));
  due.reset();
  EXPECT_EQ(times_gone_, 1);
}

TEST_F(PluginDeferral, IsToldWhenTheClientGoesAway) {
  std::optional<HttpDeferred> due;
  {
    http::TestClient client(listener_.port());
    client.send(ask);
    due = waitForDue();
  }
  gone_.get_future().wait();
  EXPECT_FALSE(due->send(200, {}, "too late"));
  due.reset();
  EXPECT_EQ(times_gone_, 1);
}

TEST_F(PluginDeferral, MayBecomeAStream) {
  http::TestClient client(listener_.port());
  client.send(ask);
  auto due = waitForDue();
  std::promise<void> closed;
  {
    const auto stream = due->stream(200, {}, {[&] { closed.set_value(); }});
    ASSERT_TRUE(stream);
    due.reset();
    EXPECT_EQ(times_gone_, 1);
    EXPECT_TRUE(stream->write("piece"));
  }
  closed.get_future().wait();
  EXPECT_TRUE(http::has(client.receiveAll(), "piece"));
}

TEST_F(PluginDeferral, ReleasedWithoutAnAnswerIs500) {
  http::TestClient client(listener_.port());
  client.send(ask);
  waitForDue().reset();
  EXPECT_EQ(http::statusOf(client.response()), 500);
  EXPECT_EQ(times_gone_, 1);
}

}  // namespace
}  // namespace scanhost
