// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The verbs. Each takes what the command line said, calls the service, writes data to standard
/// output and messages to standard error, and answers the exit code. Failures are exceptions,
/// which run() turns into messages and codes.
#pragma once

#include <scanhost/client/client.h>

#include <string>

#include "host/ctl/options.h"

namespace scanhost::ctl {

/// What one page of a listing holds at most; what was asked for in whole is fetched by such pages.
inline constexpr int largest_page = 1000;

/// The client that the common options describe.
client::Client connect(const CommonOptions& common);
/// The same for what only operators may do: over the control socket, unless a service is named.
client::Client connectAsOperator(const CommonOptions& common);
/// The same for who examines this machine's service, operator or not: the default address where
/// there is no control socket for this user.
client::Client connectToExamine(const CommonOptions& common);

int submit(const SubmitCommand& command, const CommonOptions& common);
int status(const StatusCommand& command, const CommonOptions& common);
int results(const ResultsCommand& command, const CommonOptions& common);
int plan(const PlanCommand& command, const CommonOptions& common);
int compare(const CompareCommand& command, const CommonOptions& common);
int exportResults(const ExportCommand& command, const CommonOptions& common);
int tasks(const TasksCommand& command, const CommonOptions& common);
int scanners(const CommonOptions& common);
int pools(const CommonOptions& common);
int queue(const CommonOptions& common);
int cancel(const CancelCommand& command, const CommonOptions& common);
int pause(const PauseCommand& command, const CommonOptions& common);
int resume(const ResumeCommand& command, const CommonOptions& common);
int remove(const DeleteCommand& command, const CommonOptions& common);
int dlqList(const DlqListCommand& command, const CommonOptions& common);
int dlqShow(const DlqShowCommand& command, const CommonOptions& common);
int dlqRedrive(const DlqRedriveCommand& command, const CommonOptions& common);
int dlqPurge(const DlqPurgeCommand& command, const CommonOptions& common);
int reload(const CommonOptions& common);
int auditShow(const AuditShowCommand& command, const CommonOptions& common);
int killSwitch(const KillSwitchCommand& command, const CommonOptions& common);
int tokenCreate(const TokenCreateCommand& command);
int tokenList(const TokenListCommand& command, const CommonOptions& common);
int tokenRevoke(const TokenRevokeCommand& command);
int supportBundle(const SupportBundleCommand& command, const CommonOptions& common);
int doctor(const DoctorCommand& command, const CommonOptions& common);

/// Parses, runs the verb, reports. The whole program but for main().
int run(int argc, const char* const* argv);

}  // namespace scanhost::ctl
