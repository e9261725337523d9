// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/watch.h"

#include <iostream>

#include "host/base/escape.h"
#include "host/ctl/exit_code.h"
#include "host/ctl/interrupt.h"
#include "host/ctl/output.h"
#include "host/ctl/progress.h"
#include "host/ctl/terminal.h"

namespace scanhost::ctl {
namespace {

/// Longer than any scan, short enough to be added to a clock.
constexpr std::chrono::hours no_deadline{24 * 365};

const std::vector<Column>& statusColumns() {
  static const std::vector<Column> columns = {
      {"task", "task_id"},
      {"name", "name"},
      {"status", "status"},
      {"progress", "progress"},
      {"targets", "targets"},
      {"type", "scan_type"},
      {"pool", "scanner_pool"},
      {"scanner", "scanner_instance"},
      {"queue position", "queue_position"},
      {"created", "created_at"},
      {"started", "started_at"},
      {"completed", "completed_at"},
      {"attempt", "attempt"},
      {"error", "error_message"},
      {"error class", "error_class"},
      {"scanner error", "scanner_error"},
      {"next attempt", "next_attempt_at"},
      {"cancel requested", "cancel_requested"},
      {"authentication", "authentication_status"},
      {"warnings", "validation_warnings"},
      {"hosts answered", "coverage.hosts_answered"},
      {"hosts silent", "coverage.hosts_silent"},
      {"vulnerabilities", "results_summary.total_vulnerabilities"},
      {"critical", "results_summary.severity_breakdown.critical"},
      {"high", "results_summary.severity_breakdown.high"},
      {"medium", "results_summary.severity_breakdown.medium"},
      {"low", "results_summary.severity_breakdown.low"},
      {"info", "results_summary.severity_breakdown.info"},
      {"likely cause", "troubleshooting.likely_cause"},
      {"next steps", "troubleshooting.next_steps"},
      {"trace", "trace_id"}};
  return columns;
}

std::string progressText(const client::ScanStatus& status) {
  std::string text;
  const Json& position = status.json["queue_position"];
  if (status.progress)
    text = progressBar(*status.progress) + " " + std::to_string(*status.progress) + "%";
  else if (position.isInteger())
    text = "position " + std::to_string(position.asInteger()) + " in the queue";
  if (!status.scanner_status.empty() && status.scanner_status != status.status)
    text += "  scanner: " + forTerminal(status.scanner_status);
  if (const Json& error = status.json["scanner_error"]; error.isString())
    text += "  " + forTerminal(error.asString());
  return text;
}

}  // namespace

void writeStatus(const Json& status, Format format) {
  writeRecord(std::cout, format, statusColumns(), status);
}

int followScan(client::Client& client, const std::string& task_id, const CommonOptions& common) {
  const bool lines = common.watch && common.format == Format::jsonl;
  const bool shown = common.watch && !lines;
  client::WaitOptions wait;
  wait.timeout = common.deadline.value_or(no_deadline);
  wait.poll = common.interval;

  const std::string id = forTerminal(task_id);
  const InterruptNotice notice("the scan goes on; see it with: scanhostctl status " + id +
                               ", end it with: scanhostctl cancel " + id);
  ProgressLine progress(std::cerr,
                        {canRedraw(Stream::standard_error), canColour(Stream::standard_error)});
  const auto status = client.wait_for_completion(
      task_id,
      [&](const client::ScanStatus& now) {
        if (lines) writeStatus(now.json, Format::jsonl);
        if (shown) progress.show(forTerminal(now.status), progressText(now));
      },
      wait);
  progress.end();
  if (!lines) writeStatus(status.json, common.format);
  if (status.completed()) return exit_done;
  std::cerr << "scanhostctl: the scan ended " << forTerminal(status.status);
  if (!status.error_message.empty()) std::cerr << ": " << forTerminal(status.error_message);
  std::cerr << '\n';
  return exit_scan_not_done;
}

}  // namespace scanhost::ctl
