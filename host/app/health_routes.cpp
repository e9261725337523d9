// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/health_routes.h"

#include <utility>

#include "host/app/request_trace.h"

namespace scanhost {
namespace {

const http::Headers json_headers = {{"Content-Type", "application/json"},
                                    {"Cache-Control", "no-store"}};
const http::Headers text_headers = {{"Content-Type", "text/plain; charset=utf-8"},
                                    {"Cache-Control", "no-store"}};

http::Route openRoute(std::string path, std::string name, http::Handler handler) {
  http::Route route;
  route.methods = {"GET"};
  route.path = std::move(path);
  route.name = std::move(name);
  route.handler = std::move(handler);
  route.open = true;
  route.check_origin = false;
  route.essential = true;
  return route;
}

void serveHealth(Health& health, EventLog& events, const http::Request& request,
                 http::Response& response) {
  const HealthReport report = health.checkAllDependencies();
  Json body = health.body(report);
  Json fields = Json::object({{"filesystem_healthy", body["filesystem_healthy"]},
                              {"overall_status", body["overall_status"]},
                              {"response_code", report.responseCode()}});
  if (body.has("redis_healthy")) fields["redis_healthy"] = body["redis_healthy"];
  events.emit(report.changed ? Level::info : Level::debug, "health", "health_check_performed",
              traceUuidOf(request), std::move(fields));
  response.send(report.responseCode(), json_headers, body.dump());
}

void serveReadiness(Health& health, http::Response& response) {
  const auto reasons = health.notReadyReasons();
  response.send(reasons.empty() ? 200 : 503, json_headers, Health::readyBody(reasons).dump());
}

void serveLiveness(Health& health, http::Response& response) {
  const auto stalled = health.stalledLoops();
  if (stalled.empty()) return response.send(200, text_headers, "ok");
  std::string text = "stalled:";
  for (const std::string& loop : stalled) text += " " + loop;
  response.send(503, text_headers, text);
}

}  // namespace

std::vector<http::Route> healthRoutes(Health& health, EventLog& events) {
  std::vector<http::Route> routes;
  routes.push_back(
      openRoute("/health", "health", [&](http::Request& request, http::Response& response) {
        serveHealth(health, events, request, response);
      }));
  routes.push_back(openRoute("/readyz", "readyz", [&](http::Request&, http::Response& response) {
    serveReadiness(health, response);
  }));
  routes.push_back(openRoute("/livez", "livez", [&](http::Request&, http::Response& response) {
    serveLiveness(health, response);
  }));
  return routes;
}

}  // namespace scanhost
