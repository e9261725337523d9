// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `scanhost config migrate`: a configuration out of the earlier service's files.
#pragma once

#include <string>

namespace scanhost {

struct MigrateOptions {
  std::string scanners;     ///< empty: the file that SCANNER_CONFIG names
  std::string environment;  ///< empty: this process's variables
  std::string output;       ///< empty: standard output
};

/// The notes go to standard error, a line each. The exit code: EX_OK; EX_USAGE without a scanners
/// file or with an output that scanhost would not read; EX_NOINPUT where a file cannot be opened;
/// EX_CONFIG where its content is wrong; EX_CANTCREAT where the output cannot be made or is there.
int migrateConfigFiles(const MigrateOptions& options);

}  // namespace scanhost
