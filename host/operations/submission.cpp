// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/submission.h"

#include <algorithm>
#include <map>
#include <utility>

#include "host/base/fault_points.h"
#include "host/base/nearest.h"
#include "host/operations/scanner_choice.h"
#include "host/operations/target_check.h"
#include "host/tasks/task_id.h"

namespace scanhost {
namespace {

using Fault = std::optional<ServiceError>;

constexpr int id_draws = 5;
constexpr double quota_retry_s = 60;

/// The steps of one submission. Each answers what stands in the way, or nothing.
class SubmitSteps {
 public:
  SubmitSteps(const Service& service, std::string_view operation, const SubmitArguments& arguments,
              const OperationContext& context)
      : service_(service),
        work_(service.work),
        config_(work_.config.get()),
        operation_(operation),
        arguments_(arguments),
        context_(context) {}

  /// What was decided is written down in any case; where a scan comes of it, before the queue is
  /// asked.
  OperationResult run() {
    auto result = runSteps();
    if (decided_ && !written_down_) work_.note(std::move(*decided_));
    return result;
  }

 private:
  OperationResult runSteps() {
    for (Fault (SubmitSteps::*step)() :
         {&SubmitSteps::checkName, &SubmitSteps::checkLogin, &SubmitSteps::parseTargetList,
          &SubmitSteps::chooseScanners, &SubmitSteps::checkTemplate, &SubmitSteps::checkAbility,
          &SubmitSteps::checkPolicy})
      if (Fault fault = (this->*step)()) return tl::unexpected<ServiceError>(std::move(*fault));
    return enqueue();
  }

  Fault checkName() {
    if (arguments_.name.find(marker_start) != std::string::npos)
      return ServiceError::invalidArgument("name",
                                           "name holds '[scanhost:', which marks our own scans");
    return std::nullopt;
  }

  Fault checkLogin() {
    if (!arguments_.authenticated()) return std::nullopt;
    const bool own_login = !arguments_.ssh_username.empty() || !arguments_.ssh_password.empty();
    if (arguments_.credential && own_login)
      return ServiceError::badArgument(
          "Cannot specify both credential and ssh_username or ssh_password", "credential",
          "The login is given twice", "Leave out one of them");
    if (!arguments_.credential &&
        (arguments_.ssh_username.empty() || arguments_.ssh_password.empty()))
      return ServiceError::invalidArgument(
          arguments_.ssh_username.empty() ? "ssh_username" : "ssh_password",
          "An authenticated scan needs ssh_username and ssh_password, or credential");
    if (arguments_.credential)
      if (const Status known = work_.credentials.check(*arguments_.credential); !known) {
        work_.events.log().emit(Level::warning, "tasks", "credential_refused",
                                context_.trace.uuid(),
                                Json::object({{"credential", *arguments_.credential},
                                              {"error", known.error().message}}));
        return ServiceError::invalidArgument("credential", "This credential is not known here",
                                             "Operators define credentials as cred:<name>");
      }
    return checkElevation();
  }

  Fault checkElevation() {
    const bool elevates = arguments_.elevate_privileges_with != "Nothing";
    if (arguments_.scan_type == "authenticated_privileged" && !elevates && !arguments_.credential)
      return ServiceError::badArgument(
          "authenticated_privileged scan requires elevate_privileges_with",
          "elevate_privileges_with", "elevate_privileges_with is Nothing",
          "Name the way to elevate, such as sudo");
    if (!elevates &&
        (!arguments_.escalation_account.empty() || !arguments_.escalation_password.empty()))
      return ServiceError::invalidArgument(
          arguments_.escalation_account.empty() ? "escalation_password" : "escalation_account",
          "It has no use while elevate_privileges_with is Nothing");
    return std::nullopt;
  }

  Fault parseTargetList() {
    auto entries = readTargets(service_, arguments_.targets);
    if (!entries) return entries.error();
    targets_ = std::move(*entries);
    return std::nullopt;
  }

  Fault chooseScanners() {
    auto choice =
        ScannerChoice::make(service_, arguments_.scanner_pool, arguments_.scanner_instance);
    if (!choice) return choice.error();
    choice_.emplace(std::move(*choice));
    return std::nullopt;
  }

  Fault checkTemplate() {
    if (!arguments_.scan_template) return std::nullopt;
    std::vector<std::string> known;
    for (const ScanTemplate& entry : config_->scan_templates) {
      if (!entry.pool.empty() && entry.pool != choice_->pool()) continue;
      if (entry.name == *arguments_.scan_template) {
        template_ = &entry;
        return std::nullopt;
      }
      known.push_back(entry.name);
    }
    return ServiceError::invalidArgument("scan_template",
                                         "Pool '" + choice_->pool() + "' has no such template",
                                         known.empty() ? "No templates are configured for it"
                                                       : "Known templates: " + joinNames(known));
  }

  Fault checkAbility() {
    if (arguments_.authenticated())
      if (Fault fault = choice_->requireLogin()) return fault;
    return choice_->checkLaunch();
  }

  Fault checkPolicy() {
    const TargetCheck check = checkTargets(service_, targets_, "submission", context_);
    decided_ = describeDecision(check);
    if (!check.decision.allowed)
      return ServiceError::policyDenied(check.decision.rule, check.decision.message);
    if (!arguments_.plan_digest) return std::nullopt;
    const PlannedScan planned{arguments_.scan_type, choice_->pool(),
                              arguments_.scanner_instance.value_or("")};
    return checkPlanDigest(service_, check, planned, *arguments_.plan_digest, context_.caller);
  }

  AuditEntry describeDecision(const TargetCheck& check) const {
    AuditEntry entry = auditEntryOf(check, arguments_.targets, "submission", context_);
    entry.facts["scan_type"] = arguments_.scan_type;
    entry.facts["scanner_pool"] = choice_->pool();
    entry.facts["scanner_instance"] = arguments_.scanner_instance;
    if (arguments_.credential) entry.facts["credential"] = *arguments_.credential;
    return entry;
  }

  /// Before a scan is accepted. `id` is the task's, unless the request repeats an earlier one.
  Fault writeDownDecision(const std::string& id) {
    AuditEntry entry = *decided_;
    entry.task_id = id;
    if (const Status written = work_.writeDown(std::move(entry)); !written) {
      tellRefusal(written.error().message);
      return ServiceError::unavailable(
          "The audit ledger cannot be written; nothing is accepted until it can be");
    }
    written_down_ = true;
    return std::nullopt;
  }

  void tellRefusal(const std::string& error) const {
    work_.events.log().emit(Level::warning, "tasks", "submission_refused", context_.trace.uuid(),
                            Json::object({{"error", error}}));
  }

  /// What the key stands for: everything that makes two requests the same, passwords by digest.
  std::string keyHash() const {
    std::map<std::string, Json> sorted = {
        {"operation", operation_},
        {"targets", arguments_.targets},
        {"name", arguments_.name},
        {"description", arguments_.description},
        {"schema_profile", arguments_.schema_profile},
        {"scanner_pool", choice_->pool()},
        {"scanner_instance", arguments_.scanner_instance},
        {"scan_template", arguments_.scan_template},
        {"scan_type", arguments_.scan_type},
        {"ssh_username", arguments_.ssh_username},
        {"credential", arguments_.credential},
        {"elevate_privileges_with", arguments_.elevate_privileges_with},
        {"escalation_account", arguments_.escalation_account},
        {"ssh_password", service_.keys.digest("password", arguments_.ssh_password)},
        {"escalation_password", service_.keys.digest("password", arguments_.escalation_password)},
    };
    Json::Object members(std::make_move_iterator(sorted.begin()),
                         std::make_move_iterator(sorted.end()));
    return service_.keys.digest("idempotency", Json(std::move(members)).dump());
  }

  SubmissionDocument document(const std::string& task_id) const {
    SubmissionDocument document;
    document.name = arguments_.name;
    document.description = arguments_.description;
    document.targets = arguments_.targets;
    document.scan_type = arguments_.scan_type;
    document.scanner_type = choice_->candidates().front()->settings().type;
    document.schema_profile = arguments_.schema_profile;
    document.traceparent = context_.trace.traceparent();
    if (template_) {
      document.scan_template = template_->name;
      document.sealed_settings = work_.credentials.sealSettings(task_id, template_->config);
    }
    if (arguments_.credential) {
      document.credential = *arguments_.credential;
    } else if (arguments_.authenticated()) {
      Pairs login;
      for (const auto& [name, value] :
           {std::pair("username", &arguments_.ssh_username),
            std::pair("password", &arguments_.ssh_password),
            std::pair("elevate_privileges_with", &arguments_.elevate_privileges_with),
            std::pair("escalation_account", &arguments_.escalation_account),
            std::pair("escalation_password", &arguments_.escalation_password)})
        if (!value->empty()) login.emplace_back(name, *value);
      document.sealed_login = work_.credentials.seal(task_id, login);
    }
    return document;
  }

  OperationResult enqueue() {
    if (const Status room = work_.disk.check(); !room) {
      tellRefusal(room.error().message);
      return tl::unexpected<ServiceError>(
          ServiceError::unavailable("There is too little room on the service's disk; nothing is "
                                    "accepted until there is more"));
    }
    if (!service_.accepting.open())
      return tl::unexpected<ServiceError>(ServiceError::unavailable(
          "Nothing is accepted at the moment: queue.durability is strict, and the queue may lose "
          "what it is given"));
    const auto over_quota = isOverQuota();
    if (!over_quota) return tl::unexpected<ServiceError>(over_quota.error());
    if (*over_quota && !arguments_.idempotency_key)
      return tl::unexpected<ServiceError>(quotaFault());
    const ScannerInstance& likeliest = choice_->likeliest(context_);
    for (int draw = 0; draw < id_draws; ++draw) {
      const std::string id =
          makeTaskId(choice_->pool(), likeliest.settings().name, Timestamp::now());
      Submission submission;
      submission.id = id;
      submission.trace_id = context_.trace.uuid();
      submission.owner = context_.caller.subject;
      submission.pool = choice_->pool();
      submission.wanted_instance = choice_->boundInstance();
      submission.submission = document(id).toText();
      submission.created_us = Timestamp::now().micros;
      // Over the quota only what was taken before is answered: a pool where one waits is full.
      submission.cap =
          *over_quota ? 1 : static_cast<std::uint64_t>(config_->limits.queued_per_pool);
      if (arguments_.idempotency_key && !isTakenAway("idempotency")) {
        submission.key = *arguments_.idempotency_key;
        submission.key_hash = keyHash();
        submission.key_ttl = config_->tasks.idempotency_ttl;
      }
      if (Fault fault = writeDownDecision(id))
        return tl::unexpected<ServiceError>(std::move(*fault));
      killPoint("before_submit");
      auto answer = service_.accepting.submit(submission, callFor(context_, Work::queue_timeout));
      killPoint("after_submit");
      if (!answer) return tl::unexpected<ServiceError>(ServiceError::fromBackend(answer.error()));
      if (*over_quota && answer->outcome == QueueOutcome::full)
        return tl::unexpected<ServiceError>(quotaFault());
      if (answer->outcome != QueueOutcome::id_taken) return reply(*answer, likeliest);
    }
    return tl::unexpected<ServiceError>(ServiceError::internal());
  }

  /// Whether this client has as many waiting tasks as it may. Submissions at once may see the same
  /// count, and go over it by as many.
  tl::expected<bool, ServiceError> isOverQuota() const {
    TaskQuery query;
    query.state = TaskState::queued;
    query.owner = context_.caller.subject;
    query.limit = 1;
    query.count_total = true;
    const auto page = work_.queue.list(query, callFor(context_, Work::queue_timeout));
    if (!page) return tl::unexpected<ServiceError>(ServiceError::fromBackend(page.error()));
    return page->total.value_or(0) >= static_cast<std::uint64_t>(config_->limits.queued_per_client);
  }

  ServiceError quotaFault() const {
    return ServiceError::rateLimited(
        "You have " + std::to_string(config_->limits.queued_per_client) +
            " waiting scans, as many as one client may (limits.queued_per_client)",
        quota_retry_s);
  }

  OperationResult reply(const TaskAnswer& answer, const ScannerInstance& likeliest) {
    switch (answer.outcome) {
      case QueueOutcome::full:
        return tl::unexpected<ServiceError>(ServiceError::queueFull(choice_->pool()));
      case QueueOutcome::conflict:
        work_.events.log().emit(Level::warning, "tasks", "idempotency_conflict",
                                context_.trace.uuid(),
                                Json::object({{"caller", context_.caller.subject}}));
        return tl::unexpected<ServiceError>(ServiceError::conflict(
            "This idempotency_key was used for a different request of yours"));
      case QueueOutcome::created:
      case QueueOutcome::replay: break;
      default: return tl::unexpected<ServiceError>(ServiceError::internal());
    }
    if (!answer.task) return tl::unexpected<ServiceError>(ServiceError::internal());
    const bool replay = answer.outcome == QueueOutcome::replay;
    if (!replay) announce(*answer.task);
    return OperationAnswer{replyBody(*answer.task, likeliest, replay)};
  }

  void announce(const QueuedTask& task) {
    work_.metrics.recordScanSubmission(arguments_.scan_type);
    const std::string type = choice_->candidates().front()->settings().type;
    work_.events.emit(
        Level::info, "task_created", task,
        Json::object(
            {{"scan_type", arguments_.scan_type}, {"scanner_type", type}, {"status", "queued"}}));
    Json fields = Json::object({{"queue_position", task.position}, {"message", "Scan enqueued"}});
    if (arguments_.authenticated()) fields["scan_type"] = arguments_.scan_type;
    work_.events.emit(Level::info,
                      arguments_.authenticated() ? "authenticated_scan_enqueued" : "scan_enqueued",
                      task, std::move(fields));
  }

  Json replyBody(const QueuedTask& task, const ScannerInstance& likeliest, bool replay) const {
    const ScannerPtr found = choice_->find(task.pool, task.instance);
    const ScannerInstance& shown = found ? *found : likeliest;
    Json body = Json::object({{"task_id", task.id},
                              {"trace_id", task.trace_id},
                              {"status", taskStateName(task.state)},
                              {"scan_type", arguments_.scan_type},
                              {"scanner_pool", task.pool},
                              {"scanner_instance", shown.settings().name},
                              {"scanner_url", shown.description().url}});
    if (replay) {
      work_.events.emit(Level::info, "idempotent_replay", task,
                        Json::object({{"caller", context_.caller.subject}}));
      body["message"] = "This request was taken before";
    } else {
      body["queue_position"] = task.position;
      body["estimated_wait_minutes"] = choice_->waitMinutes(task.position);
      body["message"] = "Scan enqueued successfully";
    }
    body["idempotent"] = replay;
    return body;
  }

  const Service& service_;
  const Work& work_;
  const std::shared_ptr<const Config> config_;
  const std::string_view operation_;
  const SubmitArguments& arguments_;
  const OperationContext& context_;
  std::vector<TargetEntry> targets_;
  const ScanTemplate* template_ = nullptr;  ///< of config_; null when none was named
  std::optional<ScannerChoice> choice_;
  std::optional<AuditEntry> decided_;  ///< of policy; nothing before it was asked
  bool written_down_ = false;
};

}  // namespace

OperationResult submitScan(const Service& service, std::string_view operation,
                           const SubmitArguments& arguments, const OperationContext& context) {
  return SubmitSteps(service, operation, arguments, context).run();
}

}  // namespace scanhost
