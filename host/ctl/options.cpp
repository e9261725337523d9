// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

#include "host/base/time.h"
#include "host/ctl/exit_code.h"
#include "host/ctl/manual.h"

namespace scanhost::ctl {
namespace {

/// In the order of Format.
const std::vector<std::string> format_names = {"table", "json", "jsonl", "csv"};
const std::vector<std::string> error_classes = {"transient", "internal",  "busy",        "auth",
                                                "config",    "target",    "unsupported", "lost",
                                                "ambiguous", "cancelled", "timeout"};

/// Arguments as text, before they are known to mean anything.
struct RawArguments {
  std::string output = "table";
  std::string timeout = "30s";
  std::string interval = "2s";
  std::string deadline;
};

std::string checkDuration(const std::string& text) {
  const auto duration = parseDuration(text);
  if (!duration || duration->count() <= 0)
    return "'" + text + "' is no duration; write it as 30s, 10m or 2h";
  return "";
}

/// One of these words, in whatever case.
CLI::Validator oneOf(const std::vector<std::string>& words) {
  return CLI::Validator(
      [&words](std::string& text) {
        std::string lower = CLI::detail::to_lower(text);
        if (std::find(words.begin(), words.end(), lower) == words.end())
          return "'" + text + "' is none of " + CLI::detail::join(words, ", ");
        text = std::move(lower);
        return std::string();
      },
      "{" + CLI::detail::join(words, ",") + "}");
}

void addCommonOptions(CLI::App& app, CommonOptions& common, RawArguments& raw) {
  app.add_option("--url", common.url,
                 "The service, as http://host:8835 (SCANHOST_URL, MCP_SERVER_URL)");
  app.add_option("--socket", common.socket,
                 "Control socket of the service on this machine, instead of --url "
                 "(SCANHOST_SOCKET, for operators, doctor and support-bundle)");
  app.add_option("--token-file", common.token_file,
                 "File that holds the token alone (else SCANHOST_TOKEN)");
  app.add_option("--ca-file", common.ca_file, "PEM file with the authorities to trust for https");
  app.add_option("--pool", common.pool, "Scanner pool");
  app.add_option("--output", raw.output, "table, json, jsonl or csv")
      ->transform(oneOf(format_names));
  app.add_flag("--watch", common.watch, "Follow until the end (status, submit) or Ctrl-C (queue)");
  app.add_option("--timeout", raw.timeout, "Limit for one call (30s)")
      ->check(CLI::Validator(checkDuration, "DURATION"));
  app.add_option("--interval", raw.interval, "Between looks while watching (2s)")
      ->check(CLI::Validator(checkDuration, "DURATION"));
  app.add_option("--deadline", raw.deadline, "Stop watching or waiting after this long")
      ->check(CLI::Validator(checkDuration, "DURATION"));
}

void addSubmit(CLI::App& app, SubmitCommand& submit) {
  app.add_option("targets", submit.targets,
                 "Addresses, CIDR networks, ranges (10.0.0.1-20) or host names")
      ->required();
  app.add_option("--name", submit.name, "Name of the scan (made of the targets when absent)");
  app.add_option("--description", submit.description, "What the scan is for");
  app.add_option("--scan-type", submit.scan_type,
                 "untrusted, authenticated or authenticated_privileged")
      ->check(CLI::IsMember({"untrusted", "authenticated", "authenticated_privileged"}));
  app.add_option("--instance", submit.instance, "Run on this scanner of the pool only");
  app.add_option("--template", submit.scan_template, "Scan template, as `pools` lists them");
  app.add_option("--plan", submit.plan_digest,
                 "Digest that `plan` showed: refused if anything has changed since");
  app.add_option("--idempotency-key", submit.idempotency_key,
                 "Submitting again with the same key finds the first scan");
  app.add_option("--credential", submit.credential,
                 "Credential that the service holds (cred:NAME)");
  app.add_option("--ssh-user", submit.ssh_user,
                 "SSH user; the password is read from the terminal or standard input");
  app.add_option("--ssh-password-file", submit.ssh_password_file,
                 "File that holds the SSH password alone");
  app.add_option("--elevate-with", submit.elevate_with, "sudo, su, su+sudo, pbrun, dzdo, ...");
  app.add_option("--escalation-account", submit.escalation_account, "Account to become");
  app.add_option("--escalation-password-file", submit.escalation_password_file,
                 "File that holds the password for it");
  app.add_flag("--wait", submit.wait, "Return when the scan has ended");
}

void addProfile(CLI::App& app, std::string& profile) {
  app.add_option("--profile", profile, "minimal, summary, brief or full (" + profile + ")")
      ->check(CLI::IsMember({"minimal", "summary", "brief", "full"}));
}

void addFilters(CLI::App& app, std::vector<std::string>& filters) {
  app.add_option("--filter", filters,
                 "key=value, such as 'severity=>=3' or host=10.0.0.7; may be repeated")
      ->allow_extra_args(false);
}

void addPlan(CLI::App& app, PlanCommand& plan) {
  app.add_option("targets", plan.targets, "As for submit")->required();
  app.add_option("--scan-type", plan.scan_type,
                 "untrusted, authenticated or authenticated_privileged")
      ->check(CLI::IsMember({"untrusted", "authenticated", "authenticated_privileged"}));
  app.add_option("--instance", plan.instance, "On this scanner of the pool only");
}

void addCompare(CLI::App& app, CompareCommand& compare) {
  app.add_option("base", compare.base_task_id, "Task id of the earlier scan")->required();
  app.add_option("task", compare.task_id, "Task id of the later scan")->required();
  addProfile(app, compare.profile);
  addFilters(app, compare.filters);
  app.add_option("--page", compare.page, "Page, from 1")->check(CLI::PositiveNumber);
  app.add_option("--page-size", compare.page_size, "Findings on a page, 10 to 100");
  app.add_flag("--all", compare.all, "All pages from --page on");
}

void addExport(CLI::App& app, ExportCommand& exported) {
  app.add_option("task", exported.task_id, "Task id")->required();
  app.add_option("--format", exported.format, "jsonl, csv or sarif")
      ->required()
      ->check(CLI::IsMember({"jsonl", "csv", "sarif"}));
  app.add_option("--file", exported.file, "Where to write it; else standard output");
  addProfile(app, exported.profile);
  addFilters(app, exported.filters);
  app.add_flag("--partial", exported.partial, "Also what an unfinished or failed scan has found");
}

void addResults(CLI::App& app, ResultsCommand& results) {
  app.add_option("task", results.task_id, "Task id")->required();
  addProfile(app, results.profile);
  app.add_option("--fields", results.fields, "Only these fields, in this order: host,port,...")
      ->delimiter(',');
  addFilters(app, results.filters);
  app.add_option("--sort", results.sort, "Fields, - for descending: -severity,host");
  app.add_option("--page", results.page, "Page, from 1; 0 for everything in one answer");
  app.add_option("--page-size", results.page_size, "Findings on a page, 10 to 100");
  app.add_flag("--all", results.all, "All pages from --page on");
  app.add_flag("--partial", results.partial, "Also what an unfinished or failed scan has found");
}

void addTasks(CLI::App& app, TasksCommand& tasks) {
  app.add_option("--status", tasks.status, "Only tasks in this state");
  app.add_option("--target", tasks.target, "Only tasks that touch this address, network or name");
  app.add_option("--limit", tasks.limit, "At most this many (100)")->check(CLI::Range(1, 1000));
  app.add_flag("--all", tasks.all, "All of them, however many");
}

/// The verbs about dead letters, each a word after `dlq`.
struct DlqVerbs {
  DlqListCommand list;
  DlqShowCommand show;
  DlqRedriveCommand redrive;
  DlqPurgeCommand purge;
  std::string redrive_older_than;
  CLI::App *list_verb = nullptr, *show_verb = nullptr, *redrive_verb = nullptr,
           *purge_verb = nullptr;
};

void addDlqRedrive(CLI::App& app, DlqRedriveCommand& redrive, std::string& older_than) {
  app.add_option("task", redrive.task_id, "Task id; without one, all that the filters leave");
  app.add_option("--class", redrive.error_class, "Only those of this error class, as lost")
      ->transform(oneOf(error_classes));
  app.add_option("--older-than", older_than, "Only those that failed at least so long ago")
      ->check(CLI::Validator(checkDuration, "DURATION"));
  app.add_option("--rate", redrive.rate, "At most so many a second")
      ->check(CLI::Range(0.001, 1e6).description(""))
      ->type_name("NUMBER");
  app.add_option("--limit", redrive.limit, "At most so many in all")->check(CLI::PositiveNumber);
  app.add_flag("--relaunch", redrive.relaunch,
               "Allow a new remote scan where the last is lost or in doubt");
  app.add_flag("--all", redrive.all, "All dead letters, where no filter is given");
}

void addDlq(CLI::App& dlq, DlqVerbs& verbs) {
  dlq.require_subcommand(1);
  const auto verb = [&dlq](const char* name, const char* help) {
    CLI::App* added = dlq.add_subcommand(name, help);
    added->fallthrough();
    return added;
  };
  verbs.list_verb = verb("list", "Scans that were given up, newest first");
  verbs.list_verb->add_option("--limit", verbs.list.limit, "At most this many (100)")
      ->check(CLI::Range(1, 1000));
  verbs.list_verb->add_flag("--all", verbs.list.all, "All of them, however many");
  verbs.show_verb = verb("show", "One of them, with all that is known of it");
  verbs.show_verb->add_option("task", verbs.show.task_id, "Task id")->required();
  verbs.redrive_verb = verb("redrive", "Queue them again, each once");
  addDlqRedrive(*verbs.redrive_verb, verbs.redrive, verbs.redrive_older_than);
  verbs.purge_verb = verb("purge", "Delete them for good, findings included");
  verbs.purge_verb->add_option("task", verbs.purge.task_id, "Task id; without one, all");
  verbs.purge_verb
      ->add_option("--older-than", verbs.purge.older_than,
                   "Only those that failed at least so long ago")
      ->check(CLI::Validator(checkDuration, "DURATION"));
  verbs.purge_verb->add_flag("--yes", verbs.purge.yes, "Do not ask");
}

/// The command of the word that was given, if it was one of these.
void takeDlq(const DlqVerbs& verbs, Command& command) {
  if (verbs.list_verb->parsed()) command = verbs.list;
  if (verbs.show_verb->parsed()) command = verbs.show;
  if (verbs.purge_verb->parsed()) command = verbs.purge;
  if (!verbs.redrive_verb->parsed()) return;
  DlqRedriveCommand redrive = verbs.redrive;
  if (!verbs.redrive_older_than.empty())
    redrive.older_than = parseDuration(verbs.redrive_older_than);
  command = redrive;
}

/// The verbs about the ledger and the kill switch.
struct SafetyVerbs {
  AuditShowCommand show;
  KillSwitchCommand change;
  CLI::App *show_verb = nullptr, *on_verb = nullptr, *off_verb = nullptr, *status_verb = nullptr;
};

void addAudit(CLI::App& audit, SafetyVerbs& verbs) {
  audit.require_subcommand(1);
  verbs.show_verb = audit.add_subcommand("show", "Entries of the audit ledger, newest first");
  verbs.show_verb->fallthrough();
  verbs.show_verb->add_option("--task", verbs.show.task_id, "Only those about this scan");
  verbs.show_verb->add_option("--kind", verbs.show.kind, "Only those of this kind, as redrive");
  verbs.show_verb->add_option("--limit", verbs.show.limit, "At most this many (100)")
      ->check(CLI::Range(1, 1000));
  verbs.show_verb->add_flag("--all", verbs.show.all, "All of them, however many");
}

void addKillSwitch(CLI::App& kill_switch, SafetyVerbs& verbs) {
  kill_switch.require_subcommand(1);
  const auto verb = [&](const char* name, const char* help) {
    CLI::App* added = kill_switch.add_subcommand(name, help);
    added->fallthrough();
    return added;
  };
  verbs.on_verb = verb("on", "Stop all launches of the node, now and after a restart");
  verbs.on_verb->add_flag("--stop-running", verbs.change.stop_running,
                          "Also cancel every scan that runs or is paused, on any node");
  verbs.on_verb->add_option("--reason", verbs.change.reason, "Written to ledger and log");
  verbs.off_verb = verb("off", "Let launches go on");
  verbs.off_verb->add_option("--reason", verbs.change.reason, "Written to the ledger");
  verbs.status_verb = verb("status", "Whether it is on, since when, by whom and why");
}

/// The command of the word that was given, if it was one of these.
void takeSafety(SafetyVerbs& verbs, Command& command) {
  if (verbs.show_verb->parsed()) command = verbs.show;
  if (verbs.on_verb->parsed()) verbs.change.what = KillSwitchCommand::What::on;
  if (verbs.off_verb->parsed()) verbs.change.what = KillSwitchCommand::What::off;
  if (verbs.on_verb->parsed() || verbs.off_verb->parsed() || verbs.status_verb->parsed())
    command = verbs.change;
}

/// The verbs about tokens, each a word after `token`.
struct TokenVerbs {
  TokenCreateCommand create;
  TokenListCommand list;
  TokenRevokeCommand revoke;
  std::string expires;
  CLI::App *create_verb = nullptr, *list_verb = nullptr, *revoke_verb = nullptr;
};

void addToken(CLI::App& token, TokenVerbs& verbs) {
  token.require_subcommand(1);
  const auto verb = [&token](const char* name, const char* help, TokenPlace& place) {
    CLI::App* added = token.add_subcommand(name, help);
    added->fallthrough();
    CLI::Option* file = added->add_option("--file", place.file, "The tokens file");
    added->add_option("--config", place.config, "Configuration that names it, auth.tokens_file")
        ->excludes(file);
    return added;
  };
  verbs.create_verb = verb("create", "Make a token and show it, this once", verbs.create.place);
  verbs.create_verb->add_option("name", verbs.create.name, "Who holds it; unique")->required();
  verbs.create_verb
      ->add_option("--role", verbs.create.roles,
                   "viewer, client, operator or metrics; may be repeated")
      ->required()
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"viewer", "client", "operator", "metrics"}));
  verbs.create_verb
      ->add_option("--expires", verbs.expires, "How long it is good, as 90d (for ever when absent)")
      ->check(CLI::Validator(checkDuration, "DURATION"));
  verbs.list_verb = verb("list", "The tokens there are, without themselves", verbs.list.place);
  verbs.revoke_verb = verb("revoke", "End a token", verbs.revoke.place);
  verbs.revoke_verb->add_option("name", verbs.revoke.name, "Whose token")->required();
}

/// The command of the word that was given, if it was one of these.
void takeToken(TokenVerbs& verbs, Command& command) {
  if (!verbs.expires.empty()) verbs.create.lifetime = parseDuration(verbs.expires);
  if (verbs.create_verb->parsed()) command = verbs.create;
  if (verbs.list_verb->parsed()) command = verbs.list;
  if (verbs.revoke_verb->parsed()) command = verbs.revoke;
}

void addSupportBundle(CLI::App& app, SupportBundleCommand& bundle) {
  app.add_option("--config", bundle.config,
                 "Configuration file of this machine (/etc/scanhost/scanhost.yaml)");
  app.add_option("--output", bundle.file, "The file to make (scanhost-support-TIME.tar.gz)");
  app.add_option("--events", bundle.events, "File of events, where they do not go to the journal");
  app.add_flag("--with-targets", bundle.with_targets,
               "Take targets, names of tasks and addresses along");
}

/// Where tokens lie has to be said.
std::string faultOfPlace(const Command& command) {
  const auto* place = std::visit(
      [](const auto& chosen) -> const TokenPlace* {
        if constexpr (requires { chosen.place; })
          return &chosen.place;
        else
          return nullptr;
      },
      command);
  if (!place || !place->file.empty() || !place->config.empty()) return "";
  return "token: name the tokens file by --file FILE, or by --config FILE where it is configured\n";
}

/// Nothing when the choice of what to redrive is one.
std::string faultOfChoice(const Invocation& invocation) {
  const auto* redrive = std::get_if<DlqRedriveCommand>(&invocation.command);
  if (!redrive) return "";
  const bool filtered = !redrive->error_class.empty() || redrive->older_than ||
                        !invocation.common.pool.empty() || redrive->all;
  if (redrive->task_id.empty() && !filtered)
    return "dlq redrive: name a task, narrow the choice by --pool, --class or --older-than, or "
           "say --all\n";
  if (!redrive->task_id.empty() && (filtered || redrive->limit > 0))
    return "dlq redrive: a task and a filter exclude each other\n";
  return "";
}

/// Help and version are asked for; anything else is a command line that is wrong.
NothingToRun whatParserSays(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream out, err;
  const int code = app.exit(error, out, err);
  if (code == 0) return {0, out.str()};
  return {exit_usage, err.str()};
}

bool canBeWatched(const Command& command) {
  return std::holds_alternative<SubmitCommand>(command) ||
         std::holds_alternative<StatusCommand>(command) ||
         std::holds_alternative<QueueCommand>(command);
}

}  // namespace

std::variant<Invocation, NothingToRun> parseCommandLine(int argc, const char* const* argv) {
  CLI::App app{"Submits vulnerability scans to a scanhost service and shows what became of them."};
  app.name("scanhostctl");
  app.set_version_flag("--version", std::string("scanhostctl ") + SCANHOST_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  const pages::PageTexts page_texts = manual();
  std::string page;
  pages::addPageOption(app, page_texts, page);

  Invocation invocation;
  RawArguments raw;
  addCommonOptions(app, invocation.common, raw);

  SubmitCommand submit;
  StatusCommand status;
  ResultsCommand results;
  TasksCommand tasks;
  CancelCommand cancel;
  PauseCommand pause;
  ResumeCommand resume;
  DeleteCommand remove;
  DlqVerbs dlq;
  DoctorCommand doctor;
  const auto verb = [&app](const char* name, const char* help) {
    CLI::App* added = app.add_subcommand(name, help);
    added->fallthrough();
    return added;
  };
  CLI::App* submit_verb = verb("submit", "Ask for a scan");
  addSubmit(*submit_verb, submit);
  CLI::App* status_verb = verb("status", "How a scan is");
  status_verb->add_option("task", status.task_id, "Task id")->required();
  CLI::App* results_verb = verb("results", "What a scan has found");
  addResults(*results_verb, results);
  PlanCommand plan;
  CLI::App* plan_verb = verb("plan", "What a scan would do, without doing it");
  addPlan(*plan_verb, plan);
  CompareCommand compare;
  CLI::App* compare_verb = verb("compare", "What changed from one scan to a later one");
  addCompare(*compare_verb, compare);
  ExportCommand exported;
  CLI::App* export_verb = verb("export", "All findings of a scan as a file");
  addExport(*export_verb, exported);
  CLI::App* tasks_verb = verb("tasks", "Scans, newest first");
  addTasks(*tasks_verb, tasks);
  CLI::App* scanners_verb = verb("scanners", "Scanners, their load and state");
  CLI::App* pools_verb = verb("pools", "Pools and their capacity");
  CLI::App* queue_verb = verb("queue", "What waits and runs in a pool");
  CLI::App* cancel_verb = verb("cancel", "End a scan");
  cancel_verb->add_option("task", cancel.task_id, "Task id")->required();
  cancel_verb->add_option("--reason", cancel.reason, "Written to the log of the service");
  CLI::App* pause_verb = verb("pause", "Hold a waiting scan back, or pause a running one");
  pause_verb->add_option("task", pause.task_id, "Task id")->required();
  CLI::App* resume_verb = verb("resume", "Let a paused scan go on");
  resume_verb->add_option("task", resume.task_id, "Task id")->required();
  CLI::App* delete_verb = verb("delete", "Delete a scan that has ended, and its findings");
  delete_verb->add_option("task", remove.task_id, "Task id")->required();
  delete_verb->add_flag("--keep-remote", remove.keep_remote, "Leave the scan on its scanner");
  addDlq(*verb("dlq", "Scans that were given up: list, show, redrive, purge (for operators)"), dlq);
  CLI::App* reload_verb =
      verb("reload", "Let the service read its configuration again (for operators)");
  SafetyVerbs safety;
  addAudit(*verb("audit", "What was decided and done: show (for operators)"), safety);
  addKillSwitch(*verb("kill-switch", "Stop all launches at once: on, off, status (for operators)"),
                safety);
  TokenVerbs token;
  addToken(*verb("token", "Bearer tokens, in a file of this machine: create, list, revoke"), token);
  CLI::App* doctor_verb = verb("doctor", "Examine a service, and with --config this machine's");
  doctor_verb->add_option("--config", doctor.config, "Configuration file of this machine");
  SupportBundleCommand bundle;
  CLI::App* bundle_verb =
      verb("support-bundle", "Gather what a helper needs in a .tar.gz, without secrets");
  addSupportBundle(*bundle_verb, bundle);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (!page.empty()) return NothingToRun{0, page};
    return whatParserSays(app, error);
  }

  if (submit_verb->parsed()) invocation.command = submit;
  if (status_verb->parsed()) invocation.command = status;
  if (results_verb->parsed()) invocation.command = results;
  if (plan_verb->parsed()) invocation.command = plan;
  if (compare_verb->parsed()) invocation.command = compare;
  if (export_verb->parsed()) invocation.command = exported;
  if (tasks_verb->parsed()) invocation.command = tasks;
  if (scanners_verb->parsed()) invocation.command = ScannersCommand{};
  if (pools_verb->parsed()) invocation.command = PoolsCommand{};
  if (queue_verb->parsed()) invocation.command = QueueCommand{};
  if (cancel_verb->parsed()) invocation.command = cancel;
  if (pause_verb->parsed()) invocation.command = pause;
  if (resume_verb->parsed()) invocation.command = resume;
  if (delete_verb->parsed()) invocation.command = remove;
  takeDlq(dlq, invocation.command);
  if (reload_verb->parsed()) invocation.command = ReloadCommand{};
  takeSafety(safety, invocation.command);
  takeToken(token, invocation.command);
  if (doctor_verb->parsed()) invocation.command = doctor;
  if (bundle_verb->parsed()) invocation.command = bundle;

  if (!invocation.common.socket.empty() && !invocation.common.url.empty())
    return NothingToRun{exit_usage, "--socket and --url exclude each other\n"};
  if (const std::string fault = faultOfChoice(invocation); !fault.empty())
    return NothingToRun{exit_usage, fault};
  if (const std::string fault = faultOfPlace(invocation.command); !fault.empty())
    return NothingToRun{exit_usage, fault};

  if (invocation.common.watch && !canBeWatched(invocation.command))
    return NothingToRun{exit_usage, "--watch: only submit, status and queue can be watched\n"};
  invocation.common.format = static_cast<Format>(
      std::find(format_names.begin(), format_names.end(), raw.output) - format_names.begin());
  invocation.common.timeout = *parseDuration(raw.timeout);
  invocation.common.interval = *parseDuration(raw.interval);
  if (!raw.deadline.empty()) invocation.common.deadline = parseDuration(raw.deadline);
  return invocation;
}

}  // namespace scanhost::ctl
