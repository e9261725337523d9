// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Expands `${...}` inside the values of a tree, after parsing: what comes out of a variable or a
/// file is text, can change no structure and is not expanded again.
///
///     ${env:NAME}            the variable; unset or empty is an error
///     ${env:NAME:-default}   the default when it is unset or empty; it may be empty, or hold
///     ${...}
///     ${file:/path}          the file's text without the newline at its end; the path may hold
///     ${...}
///     $${                    a literal ${
///
/// The earlier service's scanner file writes `${VAR}` and `${VAR:-default}` instead.
/// Messages name the variable or file, never what it holds. Reads files; any thread.
#pragma once

#include <map>
#include <string>

#include "host/config/config_node.h"

namespace scanhost {

/// The variables a configuration may name; given by the caller, so that tests bring their own.
using Environment = std::map<std::string, std::string>;

/// What this process was started with.
Environment processEnvironment();

enum class ExpansionForm { current, earlier };

/// `path` is where in a configuration it stands: "node.data_dir".
void expandTree(ConfigNode& tree, const Environment& environment, ExpansionForm form,
                Problems& problems, const std::string& path = {});

}  // namespace scanhost
