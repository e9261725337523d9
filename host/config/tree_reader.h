// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Walks a tree along the schema: fills a Config with what is right and every default, and
/// reports all that is wrong (unknown keys, wrong types, values out of range, required keys
/// missing).
#pragma once

#include "host/config/config.h"

namespace scanhost {

/// The Config is complete only if `problems` holds no error. Any thread.
Config readTree(const ConfigNode& tree, Problems& problems);

}  // namespace scanhost
