// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A simulator without a socket, with a clock that stands still until told otherwise: what the
/// tests of Api and Exchange are made of.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "tests/simulators/nessus/exchange.h"

namespace scanhost::simulator {

class TestServer {
 public:
  static constexpr const char* basic_template =
      "731a8e52-3ea6-a291-ec0a-d2ff0619c19d7bd788d6be818b65";

  explicit TestServer(Licence licence = Licence::manager)
      : api(optionsFor(licence), {}, journal, clock()) {}

  /// A call with the API keys; a body makes it a POST unless `method` says otherwise.
  Reply call(const std::string& method, const std::string& path, const std::string& body = {}) {
    return exchange.answer(request(method, path, body)).reply;
  }
  Json get(const std::string& path) { return Json::parse(call("GET", path).body); }

  static Request request(const std::string& method, const std::string& target,
                         const std::string& body = {}) {
    Request made;
    made.method = method;
    made.path = target.substr(0, target.find('?'));
    if (target.find('?') != std::string::npos) {
      made.query = target.substr(target.find('?') + 1);
      std::istringstream pairs(made.query);
      for (std::string pair; std::getline(pairs, pair, '&');)
        made.params[pair.substr(0, pair.find('='))] = pair.substr(pair.find('=') + 1);
    }
    made.headers = {{"x-apikeys", "accessKey=AK; secretKey=SK"},
                    {"Content-Type", "application/json"}};
    made.body = body;
    return made;
  }

  /// Creates a scan of ten seconds and answers its id.
  std::int64_t makeScan(const std::string& name = "nightly") {
    const Json body = Json::object(
        {{"uuid", basic_template},
         {"settings", Json::object({{"name", name}, {"text_targets", "10.0.0.0/30"}})}});
    return Json::parse(call("POST", "/scans", body.dump()).body)["scan"]["id"].asInteger();
  }
  std::string path(std::int64_t scan_id, const std::string& rest = {}) const {
    return "/scans/" + std::to_string(scan_id) + rest;
  }
  std::string statusOf(std::int64_t scan_id) {
    return get(path(scan_id))["info"]["status"].asString();
  }
  void pass(double seconds) { now.micros += static_cast<std::int64_t>(seconds * 1e6); }

  Timestamp now{1'700'000'000'000'000};
  Journal journal;
  Api api;
  FaultPlan faults;
  std::vector<std::chrono::milliseconds> slept;
  Exchange exchange{api, faults, journal, clock(),
                    [this](std::chrono::milliseconds time) { slept.push_back(time); }};

 private:
  Api::Clock clock() {
    return [this] { return now; };
  }
  static Api::Options optionsFor(Licence licence) {
    Api::Options options;
    options.access.keys = {"AK", "SK"};
    options.access.username = "admin";
    options.access.password = "pw";
    options.scans.pace = Pace::ofTotal(std::chrono::seconds(10));
    options.licence = licence;
    return options;
  }
};

}  // namespace scanhost::simulator
