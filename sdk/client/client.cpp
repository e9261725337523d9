// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <scanhost/client/client.h>

#include <cstdlib>

#include "sdk/client/arguments.h"
#include "sdk/client/mcp_session.h"
#include "sdk/client/results_lines.h"

namespace scanhost::client {
inline namespace v1 {
namespace {

constexpr const char* default_url = "http://127.0.0.1:8835";
constexpr int submit_attempts = 3;
constexpr std::chrono::milliseconds first_submit_delay{500};
constexpr int largest_page = 100;
constexpr std::chrono::milliseconds shortest_poll{20};

std::string fromEnvironment(std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const char* value = std::getenv(name); value && *value) return value;
  return "";
}

ClientOptions withEnvironment(ClientOptions options) {
  if (options.url.empty()) options.url = fromEnvironment({"SCANHOST_URL", "MCP_SERVER_URL"});
  if (options.url.empty()) options.url = default_url;
  if (options.token.empty()) options.token = fromEnvironment({"SCANHOST_TOKEN"});
  return options;
}

/// A service may be set to send refusals as successful results.
bool isErrorObject(const Json& value) {
  return value["error"].isString() && value["code"].isString() && value["status_code"].isInteger();
}

const std::string& firstText(const Json& result) {
  static const std::string none;
  for (const Json& block : result["content"].items())
    if (block["type"].asString() == "text") return block["text"].asString();
  return none;
}

/// An export lies on the service that was asked, whatever name that gives itself.
std::string pathOf(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t path = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  return path == std::string::npos ? "/" : url.substr(path);
}

/// The object (or, for a tool that answers with text, the string) inside a tools/call result.
Json toolAnswer(const Json& result) {
  Json answer = result["structuredContent"];
  if (!answer.isObject()) {
    const std::string& text = firstText(result);
    const auto json = Json::tryParse(text);
    answer = json && json->isObject() ? *json : Json(text);
  }
  if (isErrorObject(answer)) throw ServiceError(std::move(answer));
  if (result["isError"].asBool()) {
    const std::string text = answer.isString() ? answer.asString() : answer.dump();
    throw ServiceError(Json::object({{"error", "Internal error"},
                                     {"message", text},
                                     {"code", "internal"},
                                     {"status_code", 500}}));
  }
  if (answer.size() == 1 && answer["result"].isString()) return answer["result"];
  return answer;
}

}  // namespace

bool ScanStatus::terminal() const noexcept {
  return status == "completed" || status == "failed" || status == "timeout" ||
         status == "cancelled";
}

struct Client::Parts {
  explicit Parts(const ClientOptions& options) : session(options) {}

  Json call(const std::string& name, const Json& arguments, Repeat repeat = Repeat::safe) {
    return toolAnswer(session.request(
        "tools/call", Json::object({{"name", name}, {"arguments", arguments}}), repeat));
  }

  Json callForPool(const std::string& name, const std::string& pool) {
    return call(name, pool.empty() ? Json::object() : Json::object({{"scanner_pool", pool}}));
  }

  SubmittedScan submit(const std::string& tool, Json arguments);
  ScanStatus statusWhenReachable(const std::string& task_id, const WaitOptions& options,
                                 const Deadline& deadline, const ScanStatus& last);

  McpSession session;
};

Client::Client(ClientOptions options)
    : parts_(std::make_unique<Parts>(withEnvironment(std::move(options)))) {}

Client::Client(std::string url, std::string token, std::chrono::milliseconds timeout,
               LogHandler log, ProgressHandler progress)
    : Client([&] {
        ClientOptions options;
        options.url = std::move(url);
        options.token = std::move(token);
        options.timeout = timeout;
        options.log = std::move(log);
        options.progress = std::move(progress);
        return options;
      }()) {}

Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

const std::string& Client::url() const noexcept {
  return parts_->session.url();
}

void Client::ping() {
  parts_->session.request("ping", Json(), Repeat::safe);
}

std::vector<Json> Client::list_tools() {
  std::vector<Json> tools;
  std::string cursor;
  do {
    const Json params = cursor.empty() ? Json::object() : Json::object({{"cursor", cursor}});
    const Json result = parts_->session.request("tools/list", params, Repeat::safe);
    for (const Json& tool : result["tools"].items()) tools.push_back(tool);
    const std::string& next = result["nextCursor"].asString();
    if (!next.empty() && next == cursor)
      throw ProtocolError(url() + ": tools/list gives the same cursor for ever");
    cursor = next;
  } while (!cursor.empty());
  return tools;
}

Json Client::call_tool(const std::string& name, const Json& arguments) {
  return parts_->call(name, arguments, Repeat::never);
}

SubmittedScan Client::submit_scan(const std::string& targets, const std::string& scan_name,
                                  const ScanOptions& options) {
  return parts_->submit("run_untrusted_scan", untrustedScanArguments(targets, scan_name, options));
}

SubmittedScan Client::submit_authenticated_scan(const std::string& targets,
                                                const std::string& scan_name,
                                                const std::string& scan_type,
                                                const ScanLogin& login,
                                                const ScanOptions& options) {
  return parts_->submit("run_authenticated_scan",
                        authenticatedScanArguments(targets, scan_name, scan_type, login, options));
}

SubmittedScan Client::Parts::submit(const std::string& tool, Json arguments) {
  if (!arguments.has("idempotency_key")) arguments["idempotency_key"] = randomKey();
  const std::string key = arguments["idempotency_key"].asString();
  const std::string advice = " (if the scan was accepted, idempotency_key '" + key + "' finds it)";
  auto delay = first_submit_delay;
  for (int attempt = 1;; ++attempt) {
    try {
      return readSubmittedScan(call(tool, arguments), key);
    } catch (const TimeoutError& error) {
      throw TimeoutError(error.what() + advice);
    } catch (const UnreachableError& error) {
      if (attempt == submit_attempts)
        throw UnreachableError(error.what() + advice, error.retry_after());
      session.log("warning", std::string(error.what()) + "; submitting again under the same key");
    }
    std::this_thread::sleep_for(delay);
    delay *= 2;
  }
}

ScanStatus Client::get_status(const std::string& task_id) {
  return readScanStatus(parts_->call("get_scan_status", Json::object({{"task_id", task_id}})));
}

Json Client::cancel(const std::string& task_id, const std::string& reason) {
  Json arguments = Json::object({{"task_id", task_id}});
  if (!reason.empty()) arguments["reason"] = reason;
  return parts_->call("cancel_scan", arguments);
}

ResultsPage Client::get_results(const std::string& task_id, const ResultsQuery& query) {
  Json answer = parts_->call("get_scan_results", resultsArguments(task_id, query));
  return readResultsLines(answer.isString() ? answer.asString() : answer["result"].asString());
}

void Client::for_each_page(const std::string& task_id, ResultsQuery query,
                           const std::function<void(const ResultsPage&)>& page) {
  for (;;) {
    const ResultsPage current = get_results(task_id, query);
    page(current);
    if (!current.next_cursor().empty()) {
      if (current.next_cursor() == query.cursor)
        throw ProtocolError("scan results: the same cursor comes back for ever");
      query.cursor = current.next_cursor();
    } else if (current.pagination["has_next"].asBool()) {
      query.cursor.clear();
      const auto next = current.pagination["next_page"].asInteger();
      if (next <= query.page) throw ProtocolError("scan results: the pages do not advance");
      query.page = static_cast<int>(next);
    } else {
      return;
    }
  }
}

Json Client::plan_scan(const std::string& targets, const PlanOptions& options) {
  return parts_->call("plan_scan", planArguments(targets, options));
}

Json Client::compare_scans(const std::string& base_task_id, const std::string& task_id,
                           const CompareQuery& query) {
  return parts_->call("compare_scans", compareArguments(base_task_id, task_id, query));
}

Json Client::export_results(const std::string& task_id, const std::string& format,
                            const ExportQuery& query,
                            const std::function<void(std::string_view)>& piece) {
  Json answer = parts_->call("export_results", exportArguments(task_id, format, query));
  std::int64_t bytes = 0;
  parts_->session.download(pathOf(answer["url"].asString()), [&](std::string_view part) {
    bytes += static_cast<std::int64_t>(part.size());
    piece(part);
  });
  if (bytes != answer["bytes"].asInteger())
    throw ProtocolError(url() + ": the export has " + std::to_string(answer["bytes"].asInteger()) +
                        " bytes, and " + std::to_string(bytes) + " came");
  return answer;
}

Json Client::list_scanners(const std::string& pool) {
  return parts_->callForPool("list_scanners", pool);
}
Json Client::list_pools() {
  return parts_->call("list_pools", Json::object());
}
Json Client::get_pool_status(const std::string& pool) {
  return parts_->callForPool("get_pool_status", pool);
}
Json Client::get_queue_status(const std::string& pool) {
  return parts_->callForPool("get_queue_status", pool);
}
Json Client::list_tasks(const std::string& status, const TaskQuery& query) {
  return parts_->call("list_tasks", taskListArguments(status, query));
}

namespace {

/// Refusals that pass by themselves; a scan is not lost because its status was not to be had.
bool isPassing(const ServiceError& error) {
  return error.code() == "unavailable" || error.code() == "rate_limited" ||
         error.code() == "deadline" || error.code() == "internal";
}

}  // namespace

/// Asks until there is an answer; an outage shorter than the wait is only logged.
ScanStatus Client::Parts::statusWhenReachable(const std::string& task_id,
                                              const WaitOptions& options, const Deadline& deadline,
                                              const ScanStatus& last) {
  auto delay = std::max(shortest_poll, std::min(options.poll, std::chrono::milliseconds(500)));
  for (;;) {
    std::string why;
    std::chrono::milliseconds asked_for{0};
    try {
      return readScanStatus(call("get_scan_status", Json::object({{"task_id", task_id}})));
    } catch (const UnreachableError& error) {
      why = error.what();
      asked_for = error.retry_after().value_or(std::chrono::seconds(0));
    } catch (const TimeoutError& error) {
      why = error.what();
    } catch (const ServiceError& error) {
      if (!isPassing(error)) throw;
      why = error.what();
      asked_for = error.retry_after_s().value_or(std::chrono::seconds(0));
    }
    session.log("warning", why + "; the scan goes on, asking again");
    if (deadline.passed())
      throw WaitTimeoutError("gave up waiting for " + task_id + ": " + why + "; the scan goes on",
                             task_id, last.json);
    deadline.sleep(std::max(delay, asked_for));
    delay = std::min(delay * 2, std::max(options.poll, shortest_poll));
  }
}

ScanStatus Client::wait_for_completion(const std::string& task_id, const StatusHandler& callback,
                                       const WaitOptions& options) {
  const Deadline deadline(options.timeout);
  ScanStatus status;
  for (;;) {
    status = parts_->statusWhenReachable(task_id, options, deadline, status);
    if (callback) callback(status);
    if (status.terminal()) return status;
    if (deadline.passed())
      throw WaitTimeoutError(
          "gave up waiting for " + task_id + ", which is " + status.status + "; the scan goes on",
          task_id, status.json);
    deadline.sleep(std::max(options.poll, shortest_poll));
  }
}

ScanStatus Client::scan_and_wait(const std::string& targets, const std::string& scan_name,
                                 const ScanOptions& options, const StatusHandler& callback,
                                 const WaitOptions& wait) {
  return wait_for_completion(submit_scan(targets, scan_name, options).task_id, callback, wait);
}

std::vector<Json> Client::get_critical_vulnerabilities(const std::string& task_id) {
  ResultsQuery query;
  query.page_size = largest_page;
  query.filters = Json::object({{"severity", "4"}});
  std::vector<Json> findings;
  for_each_page(task_id, query, [&findings](const ResultsPage& page) {
    findings.insert(findings.end(), page.findings.begin(), page.findings.end());
  });
  return findings;
}

SeverityCounts Client::get_vulnerability_summary(const std::string& task_id) {
  SeverityCounts counts = {{"1", 0}, {"2", 0}, {"3", 0}, {"4", 0}};
  const Json breakdown = get_status(task_id).json["results_summary"]["severity_breakdown"];
  if (breakdown.isObject()) {
    counts["1"] = static_cast<long>(breakdown["low"].asInteger());
    counts["2"] = static_cast<long>(breakdown["medium"].asInteger());
    counts["3"] = static_cast<long>(breakdown["high"].asInteger());
    counts["4"] = static_cast<long>(breakdown["critical"].asInteger());
    return counts;
  }
  // No summary: the scan has not ended or its findings are gone, and this call says which.
  ResultsQuery query;
  query.schema_profile = "minimal";
  query.page_size = largest_page;
  query.filters = Json::object({{"severity", ">=1"}});
  for_each_page(task_id, query, [&counts](const ResultsPage& page) {
    for (const Json& finding : page.findings) ++counts[finding["severity"].asString()];
  });
  return counts;
}

ProbeAnswer Client::probe(const std::string& path) {
  return parts_->session.probe(path);
}

}  // namespace v1
}  // namespace scanhost::client
