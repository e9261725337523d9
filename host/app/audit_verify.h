// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `scanhost audit verify`: whether the ledger of a folder is whole, without a running service.
#pragma once

#include <filesystem>

#include "host/policy/ledger_check.h"

namespace scanhost {

/// `folder` is that of a ledger, or a data folder that holds one. Says what was found; the exit
/// code: 0 when it is whole, 1 when it is not, EX_NOINPUT where there is none.
int verifyAudit(const std::filesystem::path& folder, LedgerStart start);

}  // namespace scanhost
