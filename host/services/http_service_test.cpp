// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/services/http_service.h"

#include <gtest/gtest.h>
#include <scanhost/http.h>

#include <future>
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

}  // namespace
}  // namespace scanhost
