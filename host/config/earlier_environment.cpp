// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/earlier_environment.h"

#include <sstream>
#include <string_view>
#include <utility>

#include "host/base/result.h"
#include "host/config/references.h"
#include "host/config/value_text.h"

namespace scanhost {
namespace {

tl::unexpected<Error> refuse(std::string message) {
  return fail(ErrorClass::config, std::move(message));
}

/// In quotes. What stands in the value is in no message: it may be a secret.
Result<std::string> quotedValue(std::string_view text) {
  const char quote = text.front();
  std::string out;
  std::size_t at = 1;
  for (; at < text.size() && text[at] != quote; ++at) {
    const bool escapes = quote == '"' && text[at] == '\\' && at + 1 < text.size();
    out += text[escapes ? ++at : at];
  }
  if (at >= text.size())
    return refuse("has a quote without its end; a value stands in one line, with both quotes");
  const std::string_view rest = trimmed(text.substr(at + 1));
  if (!rest.empty() && rest.front() != '#')
    return refuse("has text behind the quote; put all of the value between the quotes");
  return out;
}

Result<std::string> plainValue(std::string_view text) {
  for (std::size_t at = 1; at < text.size(); ++at)
    if (text[at] == '#' && (text[at - 1] == ' ' || text[at - 1] == '\t')) text = text.substr(0, at);
  text = trimmed(text);
  if (!text.empty() && text.back() == '\\')
    return refuse("goes on in the next line; write the value in one line");
  return std::string(text);
}

Result<std::pair<std::string, std::string>> readAssignment(std::string_view line) {
  constexpr std::string_view exported = "export ";
  if (line.substr(0, exported.size()) == exported)
    line = trimmedFront(line.substr(exported.size()));
  const std::size_t equals = line.find('=');
  if (equals == line.npos) return refuse("is no NAME=VALUE; a comment begins with '#'");
  std::string name(line.substr(0, equals));
  if (!isVariableName(name))
    return refuse("names no variable before its '='; names are letters, digits and '_'");
  const std::string_view written = line.substr(equals + 1), text = trimmedFront(written);
  const bool quoted = !text.empty() && (text.front() == '"' || text.front() == '\'');
  Result<std::string> value = quoted ? quotedValue(text) : plainValue(written);
  if (!value) return refuse(name + " " + value.error().message);
  return std::pair(std::move(name), std::move(*value));
}

}  // namespace

Place EarlierVariable::place() const {
  return at.file.empty() ? Place{name + " in the environment", 0} : at;
}

std::string EarlierVariable::where() const {
  return at.file.empty() ? name : name + " (" + placeText(at) + ")";
}

const EarlierVariable* EarlierEnvironment::find(const std::string& name) const {
  const auto found = variables.find(name);
  return found == variables.end() || found->second.value.empty() ? nullptr : &found->second;
}

Environment EarlierEnvironment::values() const {
  Environment out;
  for (const auto& [name, variable] : variables) out.emplace(name, variable.value);
  return out;
}

EarlierEnvironment earlierEnvironment(const Environment& of_process) {
  EarlierEnvironment out;
  for (const auto& [name, value] : of_process)
    if (isVariableName(name)) out.variables[name] = {name, value, {}};
  return out;
}

EarlierEnvironment readEnvironmentFile(const std::string& text, const std::string& file,
                                       MigrationNotes& notes, Problems& problems) {
  EarlierEnvironment out;
  out.of_service = true;
  std::istringstream lines(text);
  Place at{file, 0};
  for (std::string line; ++at.line, std::getline(lines, line);) {
    const std::string_view written = trimmed(line);
    if (written.empty() || written.front() == '#' || written.front() == ';') continue;
    auto assignment = readAssignment(written);
    if (!assignment) {
      problems.error(at, {}, assignment.error().message);
      continue;
    }
    auto& [name, value] = *assignment;
    EarlierVariable variable{name, std::move(value), at};
    const auto [set, added] = out.variables.try_emplace(name, variable);
    if (added) continue;
    notes.dropped(set->second.where(), "it is set again at " + placeText(at) + ", which counts");
    set->second = std::move(variable);
  }
  return out;
}

}  // namespace scanhost
