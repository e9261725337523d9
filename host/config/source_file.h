// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Reads a small file that an operator named, trusting nothing about it.
///
/// Only regular files, opened without blocking (a FIFO must not hang the start), up to a size, and
/// UTF-8 without NUL. Blocks on the disk alone; safe to call from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "host/base/result.h"

namespace scanhost {

struct SourceFile {
  std::string text;
  std::uint32_t mode = 0;  ///< permission bits, of the file that was read
};

/// The message names the reason and the remedy, not the path: the caller's place does.
Result<SourceFile> readSourceFile(const std::filesystem::path& path, std::size_t max_bytes);

/// The line (from 1) of the first byte that is no UTF-8 or a NUL; 0 when all is well.
int lineOfBadText(std::string_view text);

}  // namespace scanhost
