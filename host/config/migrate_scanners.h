// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The entries of the earlier scanner file as `scanners:` of a new configuration.
///
/// `${NAME}` becomes `${env:NAME}`. What is a secret and stands there in clear (by its key, or a
/// login inside a URL) becomes a reference to a file, and a note says which; so does text of any
/// setting that is not known here, for nobody can tell what it holds. Where scanner-nessus does not
/// do as the earlier service did (certificates, logins), or does not know a key, a note says that
/// too; no other part of the host knows that plugin's settings.
#pragma once

#include "host/config/migration_draft.h"

namespace scanhost {

/// `entries` as earlierEntries() answers them. Any thread.
void migrateScanners(std::vector<ConfigNode> entries, MigrationDraft& draft);

}  // namespace scanhost
