// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/examination.h"

#include <functional>

#include "host/ctl/exit_code.h"
#include "host/ctl/output.h"
#include "host/ctl/sibling.h"
#include "host/ctl/verbs.h"

namespace scanhost::ctl {
namespace {

/// One line for one row of the table.
std::string oneLine(const std::string& text) {
  std::string line;
  for (const char c : text) line += c == '\n' ? std::string("; ") : std::string(1, c);
  while (!line.empty() && (line.back() == ' ' || line.back() == ';')) line.pop_back();
  return line;
}

/// The findings so far and the worst exit code among them.
class Checks {
 public:
  void good(const std::string& check, const std::string& detail) { add(check, "ok", detail); }
  void warn(const std::string& check, const std::string& detail) { add(check, "warning", detail); }
  void bad(const std::string& check, const std::string& detail, int exit_code = exit_refused) {
    add(check, "FAILED", detail);
    if (exit_code_ == exit_done || exit_code_ == exit_refused) exit_code_ = exit_code;
  }

  /// Runs `body`; what it throws is the check's failure. Answers whether it went well.
  bool attempt(const std::string& check, const std::function<void()>& body) {
    try {
      body();
      return true;
    } catch (const std::exception& error) {
      const Outcome outcome = outcomeOf(error);
      bad(check, outcome.message, outcome.exit_code);
      return false;
    }
  }

  Examination take() { return {std::move(records_), exit_code_}; }

 private:
  void add(const std::string& check, const char* result, const std::string& detail) {
    records_.push_back(
        Json::object({{"check", check}, {"result", result}, {"detail", oneLine(detail)}}));
  }

  std::vector<Json> records_;
  int exit_code_ = exit_done;
};

std::string componentsOf(const Json& health) {
  std::string text;
  for (const Json& component : health["components"].items())
    text += (text.empty() ? "" : ", ") + component["name"].asString() + " " +
            component["state"].asString();
  return text;
}

void checkHealth(client::Client& client, Checks& checks) {
  checks.attempt("health", [&] {
    const client::ProbeAnswer answer = client.probe("/health");
    const Json body = Json::tryParse(answer.body).value_or(Json());
    const std::string detail =
        body["status"].asString("HTTP " + std::to_string(answer.http_status)) +
        (body.has("components") ? ": " + componentsOf(body) : "");
    if (answer.http_status != 200)
      checks.bad("health", detail);
    else
      checks.good("health", detail);
  });
}

void checkReadiness(client::Client& client, Checks& checks) {
  checks.attempt("ready", [&] {
    const client::ProbeAnswer answer = client.probe("/readyz");
    if (answer.http_status == 200) return checks.good("ready", "takes requests");
    const Json body = Json::tryParse(answer.body).value_or(Json());
    const std::string reasons = plainText(body["reasons"]);
    checks.bad("ready", reasons.empty() ? "HTTP " + std::to_string(answer.http_status) : reasons);
  });
}

void checkQueue(client::Client& client, const std::string& pool, Checks& checks) {
  checks.attempt("queue " + pool, [&] {
    const Json queue = client.get_queue_status(pool);
    const std::int64_t dead = queue["dlq_size"].asInteger();
    const std::string detail = std::to_string(queue["queue_depth"].asInteger()) + " waiting, " +
                               std::to_string(queue["running"].asInteger()) + " running, " +
                               std::to_string(dead) + " dead";
    if (dead > 0)
      checks.warn("queue " + pool, detail);
    else
      checks.good("queue " + pool, detail);
  });
}

void checkScanner(const Json& scanner, Checks& checks) {
  const std::string check = "scanner " + scanner["instance_key"].asString();
  const std::string& state = scanner["state"].asString();
  const std::string reason = plainText(scanner["reason"]);
  const std::string detail = state + (reason.empty() ? "" : ": " + reason);
  if (state == "ready")
    checks.good(check, detail);
  else if (state == "disabled")
    checks.warn(check, detail);
  else
    checks.bad(check, detail);
}

void checkScanners(client::Client& client, const std::string& pool, Checks& checks) {
  checks.attempt("scanners", [&] {
    const Json answer = client.list_scanners(pool);
    if (answer["scanners"].size() == 0)
      checks.bad("scanners", "none is configured; add one under scanners: in the configuration");
    for (const Json& scanner : answer["scanners"].items()) checkScanner(scanner, checks);
  });
}

void checkPools(client::Client& client, const std::string& pool, Checks& checks) {
  if (!pool.empty()) return checkQueue(client, pool, checks);
  checks.attempt("pools", [&] {
    const Json answer = client.list_pools();
    for (const Json& name : answer["pools"].items()) checkQueue(client, name.asString(), checks);
  });
}

/// What follows needs what came before: an unreachable service is one finding, not seven.
void checkService(const CommonOptions& common, Checks& checks) {
  client::Client client = connectToExamine(common);
  const bool reachable = checks.attempt("reachable", [&] {
    const client::ProbeAnswer answer = client.probe("/livez");
    if (answer.http_status == 200)
      checks.good("reachable", client.url());
    else
      checks.bad("reachable", client.url() + ": /livez answers HTTP " +
                                  std::to_string(answer.http_status) + "; is it a scanhost?");
  });
  if (!reachable) return;
  checkHealth(client, checks);
  checkReadiness(client, checks);
  const bool allowed = checks.attempt("session", [&] {
    client.ping();
    checks.good("session", std::to_string(client.list_tools().size()) + " tools for this caller");
  });
  if (!allowed) return;
  checkPools(client, common.pool, checks);
  checkScanners(client, common.pool, checks);
}

void checkConfiguration(const std::string& file, Checks& checks) {
  const std::string check = "configuration " + file;
  const ChildOutcome outcome = runSibling("scanhost", {"check", "--config", file});
  if (!outcome.started)
    checks.bad(check, outcome.output);
  else if (outcome.timed_out)
    checks.bad(check, "scanhost check did not end in time: " + outcome.output);
  else if (outcome.exit_code != 0)
    checks.bad(check, "scanhost check ended with " + std::to_string(outcome.exit_code) + ": " +
                          outcome.output);
  else
    checks.good(check, outcome.output);
}

}  // namespace

Examination examine(const std::string& config, const CommonOptions& common) {
  Checks checks;
  if (!config.empty()) checkConfiguration(config, checks);
  checkService(common, checks);
  return checks.take();
}

}  // namespace scanhost::ctl
