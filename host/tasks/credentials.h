// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Logins for scanned hosts: named ones, from files that only the service may read, and a client's
/// own, sealed with the node's key before they reach the queue. The settings of a scan template go
/// the same way, since one may hold a password.
///
/// A named one, `cred:web-prod`, is the file `credentials/web-prod.json` in the data folder:
///
///     {"username": "scan", "password": "...", "elevate_privileges_with": "sudo"}
#pragma once

#include <scanhost/scanner.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/keyring.h"
#include "host/base/result.h"
#include "host/tasks/task_documents.h"

namespace scanhost {

/// Immutable; any thread.
class Credentials {
 public:
  Credentials(std::filesystem::path folder, const Keyring& keys)
      : folder_(std::move(folder)), keys_(keys) {}

  /// Whether "cred:<name>" names a login that could be read.
  Status check(std::string_view reference) const;

  /// Seals a client's own login for one task.
  std::string seal(std::string_view task_id, const Pairs& fields) const;

  std::string sealSettings(std::string_view task_id, const Json& settings) const;
  /// What sealSettings() sealed for this task.
  Result<Json> openSettings(std::string_view task_id, std::string_view sealed) const;

  /// Tells whether two settings are the same, and nothing else of them.
  std::string settingsDigest(const Json& settings) const;

  /// The id of the key that a submission's login or settings are sealed with, where this node does
  /// not have it.
  std::optional<std::string> missingKey(const SubmissionDocument& submission) const;

  /// The login a submission asks for, at launch; nothing when it asks for none.
  Result<std::optional<Credential>> forTask(std::string_view task_id,
                                            const SubmissionDocument& submission) const;

 private:
  Result<Pairs> readNamed(std::string_view reference) const;

  std::filesystem::path folder_;
  const Keyring& keys_;
};

}  // namespace scanhost
