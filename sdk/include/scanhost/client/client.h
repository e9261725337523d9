// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A scanhost service, as an object: submit scans, follow them, read their findings.
///
///     scanhost::client::Client client;                 // SCANHOST_URL, SCANHOST_TOKEN
///     auto scan = client.submit_scan("10.0.0.0/24", "LAN");
///     auto status = client.wait_for_completion(scan.task_id);
///     for (const scanhost::Json& finding : client.get_critical_vulnerabilities(scan.task_id))
///       std::cout << finding["host"].asString() << '\n';
///
/// It speaks MCP (revision 2025-11-25) over Streamable HTTP. A session is opened by the first
/// call, opened again when the service has forgotten it, and ended by the destructor. Calls bear
/// the names of the service's client contract, the same in every language.
///
/// Safe to use from any thread; the calls of one client run one after another. Handlers run on
/// the calling thread, inside the call, and must not use the client. Failures are the exceptions
/// of errors.h.
#ifndef SCANHOST_CLIENT_CLIENT_H
#define SCANHOST_CLIENT_CLIENT_H

#include <scanhost/client/answers.h>
#include <scanhost/client/errors.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scanhost::client {
inline namespace v1 {

/// `level` as in MCP: debug, info, warning, error, ...
using LogHandler = std::function<void(const std::string& level, const std::string& message)>;

/// What a running call says of its own progress.
struct CallProgress {
  double progress = 0;
  std::optional<double> total;
  std::string message;
};
using ProgressHandler = std::function<void(const CallProgress&)>;

struct ClientOptions {
  /// `http://host:8835`, with or without `/mcp`, or `unix:/path` of a local control socket. Empty:
  /// SCANHOST_URL, else MCP_SERVER_URL, else `http://127.0.0.1:8835`.
  std::string url;
  /// Empty: SCANHOST_TOKEN; when that is empty too, none is sent.
  std::string token;
  /// For one call, from connecting to the last byte of its answer.
  std::chrono::milliseconds timeout = std::chrono::seconds(30);
  LogHandler log;
  ProgressHandler progress;
  /// PEM file with the authorities to trust; empty: those of the system.
  std::string ca_file;
  /// A larger answer is refused.
  std::size_t max_response_bytes = 64u << 20;
};

/// What a submission may say beyond targets and name. Absent members take the service's default.
struct ScanOptions {
  std::string description;
  std::string schema_profile = "brief";
  /// Absent: the library makes one for this call, so that repeating it after a lost reply cannot
  /// make a second scan.
  std::optional<std::string> idempotency_key;
  std::optional<std::string> scanner_pool;
  std::optional<std::string> scanner_instance;
  std::optional<std::string> scan_template;
  std::optional<std::string> plan_digest;
};

/// How the scanner logs in to the targets: a credential that the service holds, or an SSH login.
struct ScanLogin {
  std::optional<std::string> credential;  ///< "cred:web-prod"
  std::string ssh_username;
  std::string ssh_password;
  std::string elevate_privileges_with = "Nothing";
  std::string escalation_account;
  std::string escalation_password;
};

struct ResultsQuery {
  std::string schema_profile = "brief";
  int page = 1;  ///< 0: everything in one answer
  int page_size = 40;
  std::vector<std::string> custom_fields;  ///< with the profile "brief" only
  Json filters;                            ///< object, or null for none
  std::string sort;
  std::string cursor;  ///< replaces page
  std::string group_by;
  std::optional<int> max_bytes;
  bool partial = false;
};

struct PlanOptions {
  std::string scan_type = "untrusted";
  std::string scanner_pool;
  std::string scanner_instance;
};

struct CompareQuery {
  Json filters;  ///< object, or null for none
  std::string schema_profile = "brief";
  int page = 1;
  int page_size = 40;
};

struct ExportQuery {
  std::string schema_profile = "full";
  Json filters;  ///< object, or null for none
  bool partial = false;
};

struct TaskQuery {
  int limit = 100;
  std::string scanner_pool;
  std::string target_filter;
  std::string cursor;
};

struct WaitOptions {
  std::chrono::milliseconds timeout = std::chrono::seconds(600);
  std::chrono::milliseconds poll = std::chrono::seconds(10);
};

using StatusHandler = std::function<void(const ScanStatus&)>;

class Client {
 public:
  explicit Client(ClientOptions options = {});
  Client(std::string url, std::string token,
         std::chrono::milliseconds timeout = std::chrono::seconds(30), LogHandler log = {},
         ProgressHandler progress = {});
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  /// Returns when the service answers, with this token, within the timeout; else throws.
  void ping();
  /// The descriptions of all tools that this caller may use.
  std::vector<Json> list_tools();
  /// Calls a tool by name. Its answer is an object, or a string for tools that answer with text.
  /// Never repeated by the library, for it cannot know whether that is safe.
  Json call_tool(const std::string& name, const Json& arguments = Json::object());

  /// Repeated by the library, under one idempotency key, when the connection breaks.
  SubmittedScan submit_scan(const std::string& targets, const std::string& scan_name,
                            const ScanOptions& options = {});
  /// `scan_type`: "authenticated" or "authenticated_privileged".
  SubmittedScan submit_authenticated_scan(const std::string& targets, const std::string& scan_name,
                                          const std::string& scan_type, const ScanLogin& login,
                                          const ScanOptions& options = {});

  ScanStatus get_status(const std::string& task_id);
  /// The state after the request: cancelled, or still running with `cancel_requested`.
  Json cancel(const std::string& task_id, const std::string& reason = "");

  ResultsPage get_results(const std::string& task_id, const ResultsQuery& query = {});
  /// Gives each page in order to `page`, from the query's own to the last.
  void for_each_page(const std::string& task_id, ResultsQuery query,
                     const std::function<void(const ResultsPage&)>& page);

  /// What a scan would do: verdict, addresses, overlaps, and a digest for ScanOptions::plan_digest.
  Json plan_scan(const std::string& targets, const PlanOptions& options = {});
  /// One page of what changed from one completed scan to a later one.
  Json compare_scans(const std::string& base_task_id, const std::string& task_id,
                     const CompareQuery& query = {});
  /// Has the service write all findings to a file, gives its bytes to `piece` as they come, and
  /// returns what the service said of it. `format`: "jsonl", "csv" or "sarif". Throws ProtocolError
  /// when fewer bytes came.
  Json export_results(const std::string& task_id, const std::string& format,
                      const ExportQuery& query, const std::function<void(std::string_view)>& piece);

  Json list_scanners(const std::string& pool = "");
  Json list_pools();
  Json get_pool_status(const std::string& pool = "");
  Json get_queue_status(const std::string& pool = "");
  /// `{"tasks": [...], "total": n, "next_cursor": ...}`, newest first.
  Json list_tasks(const std::string& status = "", const TaskQuery& query = {});

  /// Asks until the scan has ended, in whatever way; `callback` gets every status. A service that
  /// cannot be reached meanwhile is asked again. Throws WaitTimeoutError when the time is up.
  ScanStatus wait_for_completion(const std::string& task_id, const StatusHandler& callback = {},
                                 const WaitOptions& options = {});
  /// submit_scan(), then wait_for_completion().
  ScanStatus scan_and_wait(const std::string& targets, const std::string& scan_name,
                           const ScanOptions& options = {}, const StatusHandler& callback = {},
                           const WaitOptions& wait = {});

  /// All findings of severity 4, in the profile "brief".
  std::vector<Json> get_critical_vulnerabilities(const std::string& task_id);
  SeverityCounts get_vulnerability_summary(const std::string& task_id);

  /// GET of a path beside the MCP endpoint: /health, /livez, /readyz, /metrics; the token is not
  /// sent.
  ProbeAnswer probe(const std::string& path);

  /// The MCP endpoint in use, for messages.
  const std::string& url() const noexcept;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace v1
}  // namespace scanhost::client

#endif
