// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a reload of the configuration came to, and the operation that asks for one.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "host/operations/operations.h"

namespace scanhost {

struct ReloadAnswer {
  std::vector<std::string> changed;           ///< keys: "log.level", "scanners[nessus:one].config"
  std::vector<std::string> restart_required;  ///< what stays as it is until a restart
};
using ReloadResult = tl::expected<ReloadAnswer, ServiceError>;

/// {"changed","restart_required"}
Json reloadJson(const ReloadAnswer& answer);

/// invalid_config; `message` names file and line.
ServiceError invalidConfig(std::string message);
/// invalid_state: these keys cannot change while the service runs.
ServiceError restartRequired(const std::vector<std::string>& keys);

}  // namespace scanhost
