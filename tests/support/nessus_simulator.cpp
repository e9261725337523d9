// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/nessus_simulator.h"

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/StreamCopier.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <stdexcept>

namespace scanhost::testing_support {
namespace {

Command commandOf(const std::string& program, const std::vector<std::string>& more) {
  Command command{{program, "--listen", "127.0.0.1:0", "--access-key", NessusSimulator::access_key,
                   "--secret-key", NessusSimulator::secret_key},
                  {},
                  {}};
  command.words.insert(command.words.end(), more.begin(), more.end());
  return command;
}

int countIf(const Json& journal, const auto& matches) {
  const auto& entries = journal["entries"].items();
  return static_cast<int>(std::count_if(entries.begin(), entries.end(), matches));
}

}  // namespace

NessusSimulator::NessusSimulator(const std::string& program, const std::vector<std::string>& more)
    : process_(commandOf(program, more)) {
  if (!process_.waitFor("fingerprint sha256:"))
    throw std::runtime_error("nessus-simulator did not start: " + process_.err());
  while (process_.out().back() != '\n') process_.waitFor("\n");
  const std::string said = process_.out();
  const std::size_t port = said.find("127.0.0.1:") + 10, print = said.find("sha256:") + 7;
  port_ = static_cast<unsigned short>(std::stoi(said.substr(port)));
  fingerprint_ = said.substr(print, said.find('\n', print) - print);
}

void NessusSimulator::hang() const {
  process_.signal(SIGSTOP);
  siginfo_t stopped{};
  waitid(P_PID, static_cast<id_t>(pid()), &stopped, WSTOPPED);
}

Json NessusSimulator::call(const std::string& method, const std::string& path,
                           const std::string& body) const {
  const Poco::Net::Context::Ptr context = new Poco::Net::Context(
      Poco::Net::Context::TLS_CLIENT_USE, "", "", "", Poco::Net::Context::VERIFY_NONE, 9, false);
  Poco::Net::HTTPSClientSession session("127.0.0.1", port_, context);
  session.setTimeout(Poco::Timespan(20, 0));
  Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPMessage::HTTP_1_1);
  request.set("X-ApiKeys", std::string("accessKey=") + access_key + "; secretKey=" + secret_key);
  request.setContentLength(static_cast<std::streamsize>(body.size()));
  session.sendRequest(request) << body;
  Poco::Net::HTTPResponse response;
  std::string content;
  Poco::StreamCopier::copyToString(session.receiveResponse(response), content);
  return Json::tryParse(content).value_or(Json());
}

int NessusSimulator::count(const std::string& effect) const {
  return countIf(call("GET", "/simulator/journal"),
                 [&](const Json& entry) { return entry["effect"].asString() == effect; });
}

int NessusSimulator::countRequests(const std::string& method, const std::string& path) const {
  return countIf(call("GET", "/simulator/journal"), [&](const Json& entry) {
    return entry["method"].asString() == method && entry["path"].asString() == path;
  });
}

int NessusSimulator::running() const {
  const Json state = call("GET", "/simulator/scans");
  int under_way = 0;
  for (const Json& scan : state["scans"].items())
    for (const Json& run : scan["runs"].items()) under_way += run["ended"].isNull();
  return under_way;
}

bool NessusSimulator::hasScan(const std::string& id) const {
  return call("GET", "/scans/" + id).has("info");
}

std::string NessusSimulator::addForeignScan(const std::string& name) const {
  const Json made = call(
      "POST", "/scans",
      Json::object({{"uuid", "731a8e52-3ea6-a291-ec0a-d2ff0619c19d7bd788d6be818b65"},
                    {"settings", Json::object({{"name", name}, {"text_targets", "10.0.0.9"}})}})
          .dump());
  return std::to_string(made["scan"]["id"].asInteger());
}

}  // namespace scanhost::testing_support
