// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The variables of the earlier service as keys of a new configuration: those that
/// packaging/compat.yaml reads, to the same effect, and a note for each that has none.
#pragma once

#include "host/config/migration_draft.h"

namespace scanhost {

/// After the scanners, so that it is known which variables they read. Any thread.
void migrateEnvironment(const EarlierEnvironment& environment, MigrationDraft& draft);

}  // namespace scanhost
