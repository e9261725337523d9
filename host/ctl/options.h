// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a command line of scanhostctl asks for, as plain values.
///
/// Parsing stands alone (options.cpp is the one file that knows CLI11), so that verbs can be read
/// and tested without it. Nothing secret is among the values: tokens and passwords come from
/// files, the environment or a prompt.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace scanhost::ctl {

enum class Format { table, json, jsonl, csv };

/// Accepted before and after the verb.
struct CommonOptions {
  std::string url;
  std::string socket;  ///< of the local service; given, it serves every verb
  std::string token_file;
  std::string ca_file;
  std::string pool;
  Format format = Format::table;
  bool watch = false;
  std::chrono::milliseconds timeout{30'000};          ///< of one call
  std::chrono::milliseconds interval{2'000};          ///< between looks while watching
  std::optional<std::chrono::milliseconds> deadline;  ///< of watching or waiting; absent: none
};

struct SubmitCommand {
  std::vector<std::string> targets;
  std::string name;
  std::string description;
  std::string scan_type = "untrusted";
  std::string instance;
  std::string scan_template;
  std::string plan_digest;
  std::string idempotency_key;
  std::string credential;
  std::string ssh_user;
  std::string ssh_password_file;
  std::string elevate_with;
  std::string escalation_account;
  std::string escalation_password_file;
  bool wait = false;
};

struct StatusCommand {
  std::string task_id;
};

struct ResultsCommand {
  std::string task_id;
  std::string profile = "brief";
  std::vector<std::string> fields;
  std::vector<std::string> filters;  ///< "key=value"
  std::string sort;
  int page = 1;
  int page_size = 40;
  bool all = false;
  bool partial = false;
};

struct PlanCommand {
  std::vector<std::string> targets;
  std::string scan_type = "untrusted";
  std::string instance;
};

struct CompareCommand {
  std::string base_task_id, task_id;
  std::string profile = "brief";
  std::vector<std::string> filters;  ///< "key=value"
  int page = 1;
  int page_size = 40;
  bool all = false;
};

struct ExportCommand {
  std::string task_id;
  std::string format;
  std::string file;  ///< empty: standard output
  std::string profile = "full";
  std::vector<std::string> filters;  ///< "key=value"
  bool partial = false;
};

struct TasksCommand {
  std::string status;
  std::string target;
  int limit = 100;
  bool all = false;
};

struct ScannersCommand {};
struct PoolsCommand {};
struct QueueCommand {};

struct CancelCommand {
  std::string task_id;
  std::string reason;
};

struct PauseCommand {
  std::string task_id;
};
struct ResumeCommand {
  std::string task_id;
};

struct DeleteCommand {
  std::string task_id;
  bool keep_remote = false;
};

struct DlqListCommand {
  int limit = 100;
  bool all = false;
};

struct DlqShowCommand {
  std::string task_id;
};

/// One task, or all that the filters (and `CommonOptions::pool`) leave.
struct DlqRedriveCommand {
  std::string task_id;
  std::string error_class;
  std::optional<std::chrono::milliseconds> older_than;
  double rate = 0;  ///< a second; 0: as fast as the service takes them
  int limit = 0;    ///< 0: none
  bool relaunch = false;
  bool all = false;  ///< wanted where nothing else narrows the choice
};

struct DlqPurgeCommand {
  std::string task_id;
  std::string older_than = "0s";
  bool yes = false;
};

struct ReloadCommand {};

struct AuditShowCommand {
  std::string task_id, kind;  ///< empty: any
  int limit = 100;
  bool all = false;
};

struct KillSwitchCommand {
  enum class What { on, off, status };
  What what = What::status;
  bool stop_running = false;
  std::string reason;
};

/// Which tokens file: itself, or the one that a configuration names.
struct TokenPlace {
  std::string file;
  std::string config;
};

struct TokenCreateCommand {
  TokenPlace place;
  std::string name;
  std::vector<std::string> roles;
  std::optional<std::chrono::milliseconds> lifetime;  ///< absent: for ever
};
struct TokenListCommand {
  TokenPlace place;
};
struct TokenRevokeCommand {
  TokenPlace place;
  std::string name;
};

struct DoctorCommand {
  std::string config;  ///< empty: only the service is examined
};

struct SupportBundleCommand {
  std::string config;  ///< empty: that of the packages, where this user may read it
  std::string file;    ///< empty: named by the time
  std::string events;  ///< a file; empty: the journal
  bool with_targets = false;
};

using Command =
    std::variant<SubmitCommand, StatusCommand, ResultsCommand, TasksCommand, ScannersCommand,
                 PoolsCommand, QueueCommand, CancelCommand, PauseCommand, ResumeCommand,
                 DeleteCommand, DlqListCommand, DlqShowCommand, DlqRedriveCommand, DlqPurgeCommand,
                 PlanCommand, CompareCommand, ExportCommand, ReloadCommand, AuditShowCommand,
                 KillSwitchCommand, TokenCreateCommand, TokenListCommand, TokenRevokeCommand,
                 DoctorCommand, SupportBundleCommand>;

struct Invocation {
  CommonOptions common;
  Command command;
};

/// Nothing is to be run: `text` was asked for (help, version; exit 0) or says what is wrong
/// (exit 2).
struct NothingToRun {
  int exit_code = 0;
  std::string text;
};

std::variant<Invocation, NothingToRun> parseCommandLine(int argc, const char* const* argv);

}  // namespace scanhost::ctl
