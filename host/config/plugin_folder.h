// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace scanhost {

/// Where plugins lie when plugins.dir does not say: beside the running program. Any thread.
std::filesystem::path defaultPluginFolder();

}  // namespace scanhost
