// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/collect.h"

#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "host/base/fault_points.h"
#include "host/findings/authentication.h"
#include "host/findings/intake.h"
#include "host/policy/targets.h"
#include "host/tasks/reached_hosts.h"
#include "host/tasks/task_id.h"

namespace scanhost {
namespace {

constexpr std::chrono::hours collect_timeout{6};
constexpr std::string_view nothing_answered = "No target answered; nothing was tested";
constexpr std::string_view login_failed = "No target let the scan log in";

constexpr std::chrono::minutes timeout_slack{1};

void failOfStore(CollectOutcome& outcome, const Error& error) {
  outcome.error = storeError(error);
  outcome.store_failed = true;
}

/// Stores what a scanner tells, batch by batch.
class ResultsIntake : public ScanSinkHandler {
 public:
  ResultsIntake(const Work& work, const TaskContext& context, std::uint64_t addresses,
                ProgressHandler progress)
      : work_(work),
        context_(context),
        progress_(std::move(progress)),
        tally_(addresses, context.submission.scan_type != "untrusted") {}

  Status open() {
    auto name =
        work_.results.openGeneration({context_.task.id, context_.task.attempt, context_.task.epoch,
                                      context_.task.token, work_.time.wall().micros},
                                     storeCall());
    if (!name) return tl::unexpected<Error>(name.error());
    generation_ = std::move(*name);
    killPoint("after_generation");
    return {};
  }

  Status onFindings(std::span<const scanhost_finding* const> findings) override {
    std::vector<Finding> batch;
    batch.reserve(findings.size());
    std::array<std::uint64_t, 5> by_severity{};
    for (const scanhost_finding* raw : findings) {
      Finding& finding = batch.emplace_back(Finding::from(*raw));
      takeIn(finding, context_.instance->description().family,
             {.text = static_cast<std::size_t>(work_.config->limits.text_field)});
      summary_.add(finding);
      ++by_severity[static_cast<std::size_t>(finding.severity)];
    }
    const Status stored = work_.results.append(generation_, batch, storeCall());
    killPoint("during_collect");
    if (!stored) {
      store_error_ = storeError(stored.error());
      return stored;
    }
    for (std::size_t i = 0; i < by_severity.size(); ++i)
      if (by_severity[i] > 0)
        work_.metrics.recordFindingsStored(context_.task.pool,
                                           severityName(static_cast<Severity>(i)), by_severity[i]);
    return {};
  }

  Status onHosts(std::span<const scanhost_host_report* const> hosts) override {
    for (const scanhost_host_report* host : hosts)
      if (host->state == SCANHOST_HOST_ANSWERED) tally_.answered(toView(host->host), host->login);
    return {};
  }

  Status onProgress(int percent, std::string_view status) override {
    if (progress_) progress_(percent, status);
    return {};
  }

  Status onSummary(const Summary& summary) override {
    scanner_summary_ = summary;
    return {};
  }

  /// Seals what was stored and tells all that was learnt.
  void seal(CollectOutcome& outcome) {
    outcome.coverage = tally_.coverage(
        scanner_summary_ ? std::optional(scanner_summary_->hosts_silent) : std::nullopt);
    outcome.authentication = overallAuthentication(outcome.coverage.authentication);
    outcome.complete = scanner_summary_ && scanner_summary_->complete;
    if (scanner_summary_) {
      outcome.incomplete_reason = scanner_summary_->reason;
      summary_.file_size_kb = kilobytes(scanner_summary_->report_bytes);
      summary_.auth_plugins_found = scanner_summary_->login_findings;
    }
    summary_.hosts_scanned = outcome.coverage.hosts_answered;
    outcome.summary = summary_;
    if (generation_.empty()) return;
    const Json document =
        Json::object({{"version", 1},
                      {"results_summary", summary_.toJson()},
                      {"coverage", outcome.coverage.toJson()},
                      {"authentication_status", authenticationName(outcome.authentication)},
                      {"complete", outcome.complete},
                      {"hosts", hosts()},
                      {"scanner_settings", scannerSettings()}});
    killPoint("before_seal");
    const Status sealed = work_.results.seal(generation_, document.dump(), storeCall());
    killPoint("after_seal");
    if (sealed)
      outcome.generation = generation_;
    else if (!outcome.error)
      failOfStore(outcome, sealed.error());
  }

  /// How the scanner's part went; what the store refused is the store's.
  void note(CollectOutcome& outcome, const Status& scanned) const {
    if (scanned) return;
    outcome.error = store_error_ ? *store_error_ : scanned.error();
    outcome.store_failed = store_error_.has_value();
  }

  std::uint64_t findings() const { return summary_.totalFindings(); }

 private:
  CallOptions storeCall() const { return work_.callFor(context_.task, Work::results_timeout); }

  /// Which hosts answered, for comparisons.
  Json hosts() const {
    ReachedHosts reached;
    tally_.eachHost(
        [&](std::string_view host, HostAuthentication login) { reached.add(host, login); });
    reached.seal();
    return reached.toJson();
  }

  /// A digest of what the instance was told in the configuration; null where it has left that.
  Json scannerSettings() const {
    const ScannerSettings& instance = context_.instance->settings();
    const auto config = work_.config.get();
    for (const ScannerConfig& scanner : config->scanners)
      if (scanner.pool == instance.pool && scanner.name == instance.name)
        return work_.credentials.settingsDigest(scanner.config);
    return {};
  }

  const Work& work_;
  const TaskContext& context_;
  ProgressHandler progress_;
  CoverageTally tally_;
  ResultsSummary summary_;
  std::optional<Summary> scanner_summary_;
  std::optional<Error> store_error_;
  std::string generation_;
};

std::uint64_t requestedAddresses(const TaskContext& context) {
  const auto entries = parseTargets(context.submission.targets, {SIZE_MAX, UINT64_MAX});
  return entries ? addressCount(*entries) : 0;
}

/// Runs `scan` between opening and sealing a generation.
template <class Scan>
CollectOutcome collectWith(const Work& work, const TaskContext& context, ProgressHandler progress,
                           Scan&& scan) {
  const auto began = work.time.steady();
  CollectOutcome outcome;
  outcome.task = context.task;
  ResultsIntake intake(work, context, requestedAddresses(context), std::move(progress));
  if (const Status opened = intake.open(); !opened) {
    failOfStore(outcome, opened.error());
    return outcome;
  }
  intake.note(outcome, scan(intake));
  intake.seal(outcome);
  const std::chrono::duration<double, std::milli> took = work.time.steady() - began;
  work.events.emit(Level::info, "results_parsed", context.task,
                   Json::object({{"findings", intake.findings()},
                                 {"hosts", outcome.coverage.hosts_answered},
                                 {"duration_ms", took.count()}}));
  return outcome;
}

}  // namespace

CollectOutcome collectRemote(const Work& work, const TaskContext& context) {
  work.events.emit(Level::info, "export_started", context.task,
                   Json::object({{"bytes", nullptr}, {"duration_ms", nullptr}}));
  const auto began = work.time.steady();
  CollectOutcome outcome = collectWith(work, context, {}, [&](ScanSinkHandler& intake) {
    return context.instance->client().collect(
        remoteScanOf(context.task), intake,
        work.callFor(context.task, collect_timeout, context.cancel),
        {.max_text = work.config->limits.text_field});
  });
  if (outcome.error && outcome.error->error_class == ErrorClass::timeout)
    outcome.error->error_class = ErrorClass::transient;  // the host's deadline, not the task's
  const std::chrono::duration<double, std::milli> took = work.time.steady() - began;
  if (!outcome.error)
    work.events.emit(
        Level::info, "export_completed", context.task,
        Json::object({{"bytes", static_cast<std::int64_t>(outcome.summary.file_size_kb * 1024)},
                      {"duration_ms", took.count()}}));
  return outcome;
}

CollectOutcome scanLocal(const Work& work, const TaskContext& context,
                         const ProgressHandler& progress) {
  CollectOutcome outcome;
  outcome.task = context.task;
  auto request = makeScanRequest(work, context);
  if (!request) {
    outcome.error = request.error();
    return outcome;
  }
  Change intent;
  intent.intent = true;
  auto advanced = work.queue.advance(context.task.lease(), intent,
                                     work.callFor(context.task, Work::queue_timeout));
  if (!advanced) {
    failOfStore(outcome, advanced.error());
    return outcome;
  }
  if (advanced->outcome != QueueOutcome::done || !advanced->task) {
    outcome.lease_lost = true;
    return outcome;
  }
  TaskContext launched = context;
  launched.task.launch = advanced->task->launch;
  request->launch = launched.task.launch;
  request->marker = makeMarker(launched.task.id, launched.task.launch);
  work.events.emit(Level::info, "launch_intent_recorded", launched.task,
                   Json::object({{"attempt", launched.task.attempt}, {"marker", request->marker}}));
  work.events.emit(Level::info, "scan_launched", launched.task,
                   Json::object({{"remote_ref", nullptr}}));

  // The dispatcher ends a scan at its timeout; the call's own deadline stands behind that.
  const auto deadline = work.config->tasks.timeout + timeout_slack;
  return collectWith(work, launched, progress, [&](ScanSinkHandler& intake) {
    return context.instance->client().scan(*request, intake,
                                           work.callFor(launched.task, deadline, context.cancel),
                                           {.max_text = work.config->limits.text_field});
  });
}

std::optional<Error> validationFault(const CollectOutcome& outcome) {
  if (outcome.coverage.hosts_answered == 0)
    return Error{ErrorClass::target, std::string(nothing_answered), ErrorSubject::target, {}};
  if (outcome.authentication == AuthenticationStatus::failed)
    return Error{ErrorClass::auth, std::string(login_failed), ErrorSubject::target, {}};
  return std::nullopt;
}

std::string_view validationReason(const Error& error) {
  if (error.message == nothing_answered) return "empty_scan";
  if (error.message == login_failed) return "auth_failed";
  for (const std::string_view reason : {"xml_invalid", "file_not_found"})
    if (error.message.find(reason) != std::string::npos) return reason;
  return "other";
}

}  // namespace scanhost
