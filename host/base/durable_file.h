// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Replaces or makes a small file so that a crash leaves the old one or the new one, never a part.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>

#include "host/base/result.h"

namespace scanhost {

/// Temporary file in the same folder, fsync, rename, fsync of the folder. A failed fsync is an
/// error and is not tried again: the kernel may have dropped the pages. A file that root replaces
/// keeps its owner.
Status writeDurably(const std::filesystem::path& file, std::string_view content, mode_t mode);

/// The same for a file that must not be there yet: one that is, is left alone and is an error.
Status createDurably(const std::filesystem::path& file, std::string_view content, mode_t mode);

/// After it, files that were made, renamed or removed in the folder are so after a crash, too;
/// false, with errno, when that failed.
bool syncFolder(const std::filesystem::path& folder);

}  // namespace scanhost
