// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A ConfigNode tree as YAML that readYaml() reads into the same tree, in block style, with
/// comments.
#pragma once

#include <map>
#include <string>

#include "host/config/config_node.h"

namespace scanhost {

/// What is said above a key, by its label as messages write it: "node.data_dir", "scanners[0]".
using YamlComments = std::map<std::string, std::string>;

/// `tree` is a map; an empty line stands before each of its keys. Ends with a newline. Any thread.
std::string writeYaml(const ConfigNode& tree, const YamlComments& comments);

}  // namespace scanhost
