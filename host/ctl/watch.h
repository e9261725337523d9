// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Following one scan to its end, for `submit` and `status`.
#pragma once

#include <scanhost/client/client.h>

#include <string>

#include "host/ctl/options.h"

namespace scanhost::ctl {

/// Shows progress on standard error when `common.watch` is set (with JSON lines, each status goes
/// to standard output instead), waits silently otherwise, then writes the last status. Answers
/// exit_done or exit_scan_not_done; a deadline that passes is the client's WaitTimeoutError.
int followScan(client::Client& client, const std::string& task_id, const CommonOptions& common);

void writeStatus(const Json& status, Format format);

}  // namespace scanhost::ctl
