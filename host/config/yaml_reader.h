// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// YAML text into a ConfigNode tree.
///
/// Built from the parser's events, not from its nodes, so that lines of keys are kept and the
/// bounds of ConfigLimits hold while the text is read: an alias counts as often as it is used.
/// A repeated key is an error, for two readers that disagree on which one counts are a way past a
/// check; tags other than the plain ones, keys that are no plain text, merge keys (`<<`) and second
/// documents are too.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "host/config/config_node.h"

namespace scanhost {

/// An empty document is a null node. Nothing when the text cannot be read to its end, with the
/// reason in `problems`; repeated keys alone do not stop it. Never throws; safe to call from any
/// thread.
std::optional<ConfigNode> readYaml(const std::string& text, std::shared_ptr<const std::string> file,
                                   Problems& problems);

}  // namespace scanhost
