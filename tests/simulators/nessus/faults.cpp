// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/faults.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "host/base/nearest.h"

namespace scanhost::simulator {
namespace {

struct NamedFault {
  const char* name;
  FaultKind kind;
};

constexpr auto named_faults = std::to_array<NamedFault>({
    {"delay", FaultKind::delay},
    {"delay_after", FaultKind::delay_after},
    {"drop_before", FaultKind::drop_before},
    {"drop_after", FaultKind::drop_after},
    {"status", FaultKind::status},
    {"broken_412", FaultKind::broken_412},
    {"loading", FaultKind::loading},
    {"truncate", FaultKind::truncate},
    {"cut_file", FaultKind::cut_file},
    {"vanish", FaultKind::vanish},
});

std::vector<std::string> faultNames() {
  std::vector<std::string> names;
  for (const NamedFault& fault : named_faults) names.emplace_back(fault.name);
  return names;
}

/// Reads one rule; the first thing wrong with it becomes the error.
class RuleReader {
 public:
  RuleReader(std::size_t number, const Json& rule)
      : place_("fault rule " + std::to_string(number)), rule_(rule) {}

  Result<FaultRule> read() {
    if (!rule_.isObject()) return wrong(std::string("is ") + rule_.typeName() + ", not an object");
    refuseUnknownMembers();
    FaultRule rule;
    rule.method = text("method").value_or("");
    readPath(rule);
    readKind(rule.fault);
    rule.times = number("times", 0, 1'000'000'000).value_or(1);
    rule.after = number("after", 0, 1'000'000'000).value_or(0);
    readReply(rule.fault);
    if (!problem_.empty()) return wrong(problem_);
    return rule;
  }

 private:
  tl::unexpected<Error> wrong(const std::string& what) const {
    return fail(ErrorClass::config, place_ + " " + what);
  }
  void note(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }

  void refuseUnknownMembers() {
    static const std::vector<std::string> known = {
        "method", "path", "times", "after", "fault", "delay_ms", "status", "retry_after", "body"};
    for (const auto& [name, value] : rule_.members())
      if (std::find(known.begin(), known.end(), name) == known.end())
        note("has the unknown member '" + name + "'; known are " + joinNames(known));
  }

  std::optional<std::string> text(const char* name) {
    const Json* value = rule_.find(name);
    if (!value) return {};
    if (!value->isString()) note(std::string("has a '") + name + "' that is no text");
    return value->asString();
  }

  std::optional<std::int64_t> number(const char* name, std::int64_t least, std::int64_t most) {
    const Json* value = rule_.find(name);
    if (!value) return {};
    const std::int64_t found = value->asInteger(least - 1);
    if (found < least || found > most)
      note(std::string("has '") + name + "': " + value->dump() + "; give an integer from " +
           std::to_string(least) + " to " + std::to_string(most));
    return found;
  }

  void readPath(FaultRule& rule) {
    const auto path = text("path");
    if (!path) return note("has no 'path'; give a regular expression, such as \"/scans/.*\"");
    try {
      rule.path = std::make_shared<Poco::RegularExpression>("(?:" + *path + ")\\z");
    } catch (const Poco::Exception& error) {
      note("has a 'path' that is no regular expression: '" + *path + "' (" + error.message() + ")");
    }
  }

  void readKind(Fault& fault) {
    const std::string name = text("fault").value_or("");
    for (const NamedFault& known : named_faults)
      if (name == known.name) {
        fault.kind = known.kind;
        return;
      }
    const std::string nearest = nearestName(name, faultNames());
    note("has 'fault': \"" + name + "\"; " +
         (nearest.empty() ? "known are " + joinNames(faultNames())
                          : "did you mean \"" + nearest + "\"?"));
  }

  void readReply(Fault& fault) {
    fault.delay = std::chrono::milliseconds(number("delay_ms", 0, 3'600'000).value_or(0));
    if ((fault.kind == FaultKind::delay || fault.kind == FaultKind::delay_after) &&
        !rule_.has("delay_ms"))
      note("is a delay without 'delay_ms'");
    fault.status = static_cast<int>(number("status", 400, 599).value_or(0));
    if (fault.kind == FaultKind::status && !rule_.has("status"))
      note("has 'fault': \"status\" without a 'status'");
    if (const auto seconds = number("retry_after", 0, 86'400))
      fault.retry_after = static_cast<int>(*seconds);
    if (const Json* body = rule_.find("body"))
      fault.body = body->isString() ? body->asString() : body->dump();
  }

  std::string place_;
  const Json& rule_;
  std::string problem_;
};

}  // namespace

const char* faultName(FaultKind kind) {
  for (const NamedFault& fault : named_faults)
    if (fault.kind == kind) return fault.name;
  return "unknown";
}

Result<std::vector<FaultRule>> readFaultRules(const Json& document) {
  if (!document.isArray())
    return fail(ErrorClass::config,
                std::string("fault rules are ") + document.typeName() + ", not a list of rules");
  std::vector<FaultRule> rules;
  for (const Json& item : document.items()) {
    auto rule = RuleReader(rules.size() + 1, item).read();
    if (!rule) return tl::unexpected(rule.error());
    rules.push_back(std::move(*rule));
  }
  return rules;
}

Result<std::vector<FaultRule>> readFaultFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorClass::config, "fault file '" + path + "' cannot be opened");
  std::stringstream text;
  text << in.rdbuf();
  std::string why;
  const auto document = Json::tryParse(text.str(), {}, &why);
  if (!document) return fail(ErrorClass::config, "fault file '" + path + "' is no JSON: " + why);
  auto rules = readFaultRules(*document);
  if (!rules)
    return fail(ErrorClass::config, "fault file '" + path + "': " + rules.error().message);
  return rules;
}

void FaultPlan::replace(std::vector<FaultRule> rules) {
  const std::lock_guard lock(mutex_);
  rules_.clear();
  for (FaultRule& rule : rules) rules_.push_back({std::move(rule), 0, 0});
}

std::optional<Fault> FaultPlan::next(std::string_view method, const std::string& path) {
  const std::lock_guard lock(mutex_);
  std::optional<Fault> chosen;
  for (Counted& counted : rules_) {
    const FaultRule& rule = counted.rule;
    if (!rule.method.empty() && rule.method != method) continue;
    if (!rule.path->match(path)) continue;
    const bool live =
        ++counted.matched > rule.after && (rule.times == 0 || counted.applied < rule.times);
    if (!live || chosen) continue;
    ++counted.applied;
    chosen = rule.fault;
  }
  return chosen;
}

}  // namespace scanhost::simulator
