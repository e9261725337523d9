// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `scanhostctl token`: the file of bearer tokens on this machine. A token is shown once, when it
/// is made; the file holds nothing that would give it back.
#include <iostream>

#include "host/auth/token_file.h"
#include "host/base/nearest.h"
#include "host/config/load.h"
#include "host/ctl/exit_code.h"
#include "host/ctl/output.h"
#include "host/ctl/terminal.h"
#include "host/ctl/verbs.h"

namespace scanhost::ctl {
namespace {

/// The file, from the command line or from a configuration.
std::filesystem::path fileOf(const TokenPlace& place) {
  if (!place.file.empty()) return place.file;
  const PathOutcome named = loadPath(place.config, processEnvironment(), "auth.tokens_file");
  if (!named.path) {
    std::vector<std::string> errors;
    for (const Problem& problem : named.problems)
      if (problem.severity == ProblemSeverity::error) errors.push_back(formatProblem(problem));
    throw UsageError(place.config + " cannot be used; name the tokens file by --file, or mend: " +
                     joinNames(errors, "; "));
  }
  if (named.path->empty()) throw UsageError(place.config + " names no auth.tokens_file");
  return *named.path;
}

std::string rolesOf(const TokenRecord& record) {
  std::vector<std::string> names;
  for (const Role role : record.roles) names.emplace_back(roleName(role));
  return joinNames(names);
}

std::string expiryOf(Timestamp expires) {
  return expires.micros == 0 ? "never" : formatTimestamp(expires);
}

Json recordOf(const TokenRecord& record, Timestamp now) {
  Json roles = Json::array();
  for (const Role role : record.roles) roles.push(roleName(role));
  const bool expired = record.expires.micros != 0 && record.expires <= now;
  return Json::object(
      {{"name", record.name},
       {"roles", std::move(roles)},
       {"created", formatTimestamp(record.created)},
       {"expires", record.expires.micros == 0 ? Json() : formatTimestamp(record.expires)},
       {"state", expired ? "expired" : "valid"}});
}

/// What stands in the way of the file, as a message and an exit code.
template <class T>
T require(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

}  // namespace

int tokenCreate(const TokenCreateCommand& command) {
  const std::filesystem::path file = fileOf(command.place);
  NewToken wanted{command.name, {}, command.lifetime};
  for (const std::string& name : command.roles) wanted.roles.insert(roleNamed(name).value());
  const std::string token = require(createToken(file, wanted));
  std::cout << token << std::endl;
  for (const TokenRecord& record : require(readTokenFile(file)))
    if (record.name == command.name)
      std::cerr << "token " << record.name << " in " << file.string() << ", " << rolesOf(record)
                << ", expires " << expiryOf(record.expires)
                << "; it is shown this once, so keep it now\n";
  return exit_done;
}

int tokenList(const TokenListCommand& command, const CommonOptions& common) {
  const Timestamp now = Timestamp::now();
  std::vector<Json> records;
  for (const TokenRecord& record : require(readTokenFile(fileOf(command.place))))
    records.push_back(recordOf(record, now));
  writeListing(std::cout, common.format,
               {{"name", "name"},
                {"roles", "roles"},
                {"created", "created"},
                {"expires", "expires"},
                {"state", "state"}},
               records, terminalWidth());
  return exit_done;
}

int tokenRevoke(const TokenRevokeCommand& command) {
  const std::filesystem::path file = fileOf(command.place);
  if (const Status revoked = revokeToken(file, command.name); !revoked)
    throw std::runtime_error(revoked.error().message);
  std::cerr << "revoked " << command.name << "; a running service refuses it within a second\n";
  return exit_done;
}

}  // namespace scanhost::ctl
