// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A configuration as someone may see it who must not know its secrets.
///
/// Every key of the schema with its value or default. What came from a variable or a file is shown
/// as the reference that names it. Hidden are keys marked secret, settings of plugins that their
/// manifest marks x-secret, those whose name looks like a secret's, those that no manifest tells
/// of, userinfo in URLs, and path and query in the `url` of an exporter. Unknown keys are not
/// shown: the configuration's check names them.
#pragma once

#include <scanhost/json.h>

#include <functional>
#include <string>

#include "host/config/config_node.h"
#include "host/config/interpolate.h"
#include "host/ctl/scrubber.h"

namespace scanhost::ctl {

/// The schema of a plugin's settings, as its manifest has it; null when that is not known.
using SchemaOf = std::function<const Json*(const std::string& plugin)>;

enum class PolicyTargets { left_out, shown };

/// `secrets` learns what was hidden, so that it is found elsewhere, too; of a reference that this
/// process cannot expand it learns nothing. Reads files that references name. Any thread.
Json showConfiguration(const ConfigNode& tree, const Environment& environment,
                       const SchemaOf& schema_of, PolicyTargets policy_targets, Scrubber& secrets);

}  // namespace scanhost::ctl
