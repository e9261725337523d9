// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What no single key can tell: whether the configuration makes sense, and is safe, as a whole.
///
/// Only what the files themselves show. Whether a plugin exists or a file can be read is for
/// those who load them.
#pragma once

#include "host/config/config.h"

namespace scanhost {

/// `tree` gives the places; `ini` says in which form remedies are written. Any thread.
void checkConfig(const Config& config, const ConfigNode& tree, bool ini, Problems& problems);

}  // namespace scanhost
