// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Transports: what they mount, how they answer, and how they end.
#include <scanhost/abi/transport.h>

#include "tests/conformance/check_case.h"
#include "tests/conformance/process_state.h"
#include "tests/conformance/subject.h"

namespace scanhost::conformance {
namespace {

/// A transport at work.
struct Working {
  explicit Working(Subject& subject)
      : host({}, subject.programs), instance(subject, host, SCANHOST_TRANSPORT_ID) {
    instance.work();
    if (host.listener().routes().empty())
      throw Breach("after start it has mounted no route", "at least one",
                   "mount routes in start with scanhost.host.http/1");
  }
  void drain() {
    instance.call("drain", [&](const scanhost_call* call) {
      instance.table<scanhost_transport>().drain(instance.self(), call);
      return SCANHOST_OK;
    });
  }
  /// Every route with every method and each of these bodies.
  template <class Visit>
  void ask(Subject& subject, const Visit& visit) {
    static const std::vector<std::string> bodies = {
        "",
        "{}",
        "[]",
        "null",
        "{",
        std::string(2000, '['),
        std::string("\xFF\x00\xFE", 3),
        std::string(100'000, 'x'),
        R"({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}})",
        R"({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "echo", "arguments": {}}})"};
    for (const auto& route : host.listener().routes())
      for (const std::string& method : route->methods)
        for (const std::string& body : bodies) {
          FakeRequest request;
          request.method = method;
          request.path = route->path;
          request.headers = {{"Content-Type", "application/json"},
                             {"Accept", "application/json, text/event-stream"},
                             {"Host", "127.0.0.1"}};
          request.body = body;
          subject.step(method + " " + route->path + " with a body of " +
                       std::to_string(body.size()) + " bytes");
          visit(request, host.listener().ask(route, request));
        }
  }

  CheckHost host;
  Instance instance;
};

void mustKeep(Working& transport, const std::vector<std::string>& obligations,
              const std::string& expected, const std::string& remedy) {
  const std::vector<std::string> found = transport.host.transcript().misuses(obligations);
  if (!found.empty()) throw Breach(joined(found), expected, remedy);
}

void answersEveryRequestOnce(Subject& subject) {
  Working transport(subject);
  transport.ask(subject, [](const FakeRequest& request, const FakeAnswer& answer) {
    if (answer.code < 100 || answer.code > 599)
      throw Breach("it answered " + request.method + " " + request.path + " with " +
                       std::to_string(answer.code),
                   "one status from 100 to 599", "answer what is not understood with 400");
  });
  mustKeep(transport, {"SH-P-57", "SH-P-58", "SH-P-59", "SH-P-100"}, "each request answered once",
           "call exactly one of send, stream and defer, within the handler");
}

void passesTheCallerOn(Subject& subject) {
  Working transport(subject);
  transport.ask(subject, [](const FakeRequest&, const FakeAnswer&) {});
  for (const std::string& invoker : transport.host.listener().invokers())
    if (invoker != FakeRequest().caller)
      throw Breach("it invoked an operation as \"" + invoker + "\"", "as the request's caller",
                   "pass on the caller that came with the request");
  if (transport.host.listener().invokers().empty())
    throw Skipped("no request that the checker knows makes it invoke an operation");
}

void takesItsRoutesDown(Subject& subject) {
  Working transport(subject);
  std::vector<std::shared_ptr<FakeStream>> streams;
  std::vector<std::shared_ptr<FakeDeferred>> deferred;
  transport.ask(subject, [&](const FakeRequest&, const FakeAnswer& answer) {
    if (answer.stream) streams.push_back(answer.stream);
    if (answer.deferred) deferred.push_back(answer.deferred);
  });
  transport.drain();
  transport.instance.stop();
  if (const auto left = transport.host.listener().routes(); !left.empty())
    throw Breach("after stop " + left.front()->path + " is still mounted", "no route",
                 "take every route down in stop");
  for (const auto& stream : streams) stream->drop();
  transport.instance.destroy();
  for (const auto& stream : streams)
    if (!stream->released())
      throw Breach("a stream was never released", "each released once",
                   "call release when a stream is done with, at the latest in stop");
  for (const auto& answer : deferred)
    if (!answer->released())
      throw Breach("a deferred answer was never released", "each released once",
                   "call release after send, or when gone was called");
  mustKeep(transport, {"SH-P-59", "SH-P-62", "SH-P-100"}, "nothing is called on what was released",
           "forget a stream when it is released");
}

void answersWhileItDrains(Subject& subject) {
  Working transport(subject);
  transport.drain();
  transport.ask(subject, [](const FakeRequest& request, const FakeAnswer& answer) {
    if (answer.code == 0)
      throw Breach(
          "while it drains it leaves " + request.method + " " + request.path + " without an answer",
          "an answer, if only 503", "let requests finish until stop");
  });
}

}  // namespace

std::vector<Case> transportCases() {
  const std::vector<std::string> transport = {SCANHOST_TRANSPORT_ID};
  return {
      {"transport.answers",
       "It answers every request once, whatever is in it.",
       {"SH-P-57", "SH-P-58", "SH-P-100"},
       answersEveryRequestOnce,
       transport},
      {"transport.caller",
       "It invokes operations as the caller of the request.",
       {"SH-P-61"},
       passesTheCallerOn,
       transport},
      {"transport.stop",
       "Stopping takes its routes down, and every stream and deferred answer is released.",
       {"SH-P-59", "SH-P-62", "SH-P-100"},
       takesItsRoutesDown,
       transport},
      {"transport.drain",
       "While it drains, requests are still answered.",
       {},
       answersWhileItDrains,
       transport},
  };
}

}  // namespace scanhost::conformance
