// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a plugin does with the call context, and how it tells events and errors.
#include <thread>

#include "tests/conformance/check_case.h"
#include "tests/conformance/process_state.h"
#include "tests/conformance/subject.h"

namespace scanhost::conformance {
namespace {

using std::chrono::milliseconds;

/// A life with what goes well, and what a host may do wrong to a plugin on purpose.
void talk(Subject& subject, CheckHost& host, const std::string& id) {
  {
    Instance instance(subject, host, id);
    instance.work();
    exercise(instance);
    instance.stop();
  }
  {
    Instance cancelled(subject, host, id);
    if (cancelled.create().ok() && cancelled.self()) cancelled.startCancelled();
  }
  InstanceShape shape;
  shape.settings = Json::object();
  for (const auto& [name, property] : subject.manifest().config_schema["properties"].members())
    (*shape.settings)[name] = property["type"].asString() == "string" ? Json(17) : Json("x");
  Instance refused(subject, host, id, std::move(shape));
  refused.create();
}

void mustBeWithout(Subject& subject, const std::vector<std::string>& obligations,
                   const std::string& expected, const std::string& remedy) {
  for (const std::string& id : subject.interfaces()) {
    CheckHost host({}, subject.programs);
    talk(subject, host, id);
    const std::vector<std::string> found = host.transcript().misuses(obligations);
    if (!found.empty()) throw Breach(joined(found), expected, remedy);
  }
}

void tellsEventsWell(Subject& subject) {
  mustBeWithout(subject, {"SH-P-03", "SH-P-04", "SH-P-17"},
                "a name of [a-z][a-z0-9_]*, and fields that are one JSON object, in UTF-8",
                "name events as docs/reference/events.md does");
}

void tellsErrorsWell(Subject& subject) {
  mustBeWithout(
      subject, {"SH-P-07", "SH-P-19", "SH-P-20", "SH-P-21", "SH-P-22"},
      "a failure calls fail with a known class and a message, and returns what that returns",
      "return call->fail(call, &error), or throw PluginError");
}

void namesMetricsWell(Subject& subject) {
  mustBeWithout(subject, {"SH-P-53", "SH-P-54"},
                "names of scanhost_[a-z0-9_]+, and each handle used by its own function",
                "begin the name with scanhost_ and the plugin's own name");
}

void forgetsTheCall(Subject& subject) {
  for (const std::string& id : subject.interfaces()) {
    CheckHost host({}, subject.programs);
    Instance instance(subject, host, id);
    instance.work();
    exercise(instance);
    subject.step("waiting, while nothing that was passed to it can be read");
    std::this_thread::sleep_for(milliseconds(120));
    exercise(instance);
    instance.stop();
    instance.destroy();
  }
}

void comesBackWhenCancelled(Subject& subject) {
  constexpr milliseconds limit{2'000};
  for (const std::string& id : subject.interfaces()) {
    CheckHost host({}, subject.programs);
    Instance instance(subject, host, id);
    mustDo(instance.create(), "make an instance of valid settings");
    const Outcome outcome = instance.startCancelled();
    if (outcome.took > limit)
      throw Breach(
          "start came back " +
              std::to_string(std::chrono::duration_cast<milliseconds>(outcome.took).count()) +
              " ms after it was cancelled",
          "an answer within a second or two",
          "look at is_cancelled while waiting, or poll(2) cancel_fd too");
  }
}

}  // namespace

std::vector<Case> callCases() {
  return {
      {"call.events",
       "Its events have stable names and fields that can be read.",
       {"SH-P-03", "SH-P-04", "SH-P-17"},
       tellsEventsWell},
      {"call.errors",
       "What fails says so, with a class and a message.",
       {"SH-P-07", "SH-P-19", "SH-P-20", "SH-P-21", "SH-P-22"},
       tellsErrorsWell},
      {"call.metrics",
       "Its metrics are its own, and used as what they are.",
       {"SH-P-53", "SH-P-54"},
       namesMetricsWell},
      {"call.borrowed",
       "Nothing that was lent for a call is touched after it.",
       {"SH-P-01", "SH-P-16"},
       forgetsTheCall},
      {"call.cancelled",
       "A start that is cancelled comes back at once.",
       {"SH-P-14"},
       comesBackWhenCancelled},
  };
}

std::vector<Case> allCases() {
  std::vector<Case> cases;
  for (auto* part : {&fileCases, &entryCases, &settingsCases, &lifeCases, &callCases, &scannerCases,
                     &exporterCases, &transportCases, &operationsCases})
    for (Case& one : (*part)()) cases.push_back(std::move(one));
  return cases;
}

}  // namespace scanhost::conformance
