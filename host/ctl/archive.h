// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A .tar.gz in memory, of a few small texts.
///
/// The format is ustar (POSIX.1-1988), which every tar reads. Its header is written here, some
/// thirty lines, and Poco, which is linked already, deflates: libarchive would be one more
/// dependency of each installation for less than that.
#pragma once

#include <string>
#include <vector>

#include "host/base/time.h"

namespace scanhost::ctl {

struct ArchiveEntry {
  std::string name;  ///< a relative path of at most 100 bytes
  std::string text;
};

/// Each entry belongs to root, has mode 0600 and was changed at `time`, whoever makes the archive.
/// Throws std::invalid_argument for a name that is too long.
std::string tarGz(const std::vector<ArchiveEntry>& entries, Timestamp time);

}  // namespace scanhost::ctl
