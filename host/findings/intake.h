// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the host does to every finding before it is stored: text made sound and bounded, the
/// fingerprint set.
///
/// Scanners and the machines they look at write what they like. Here it becomes UTF-8 without NUL
/// bytes (PostgreSQL takes none) and of a bounded size; nothing is interpreted.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "host/findings/finding.h"

namespace scanhost {

struct IntakeLimits {
  std::size_t text = 65'536;          ///< limits.text_field, in bytes
  std::size_t list_elements = 1'000;  ///< elements of one list, entries of `extra`
};

/// Bytes that are no UTF-8, and NUL, become U+FFFD.
std::string repairedUtf8(std::string_view text);
/// The longest prefix of sound UTF-8 that fits in `bytes` and splits no character.
std::string_view cutUtf8(std::string_view text, std::size_t bytes);

/// Repairs and cuts every text, names the fields it had to cut in `truncated` (beside those
/// that the plugin names there, as far as they are fields), brings severity into
/// 0..4 and protocol into lowercase, gives a missing port as "0", and sets `scanner_family` and
/// `fingerprint`. The fingerprint is of the uncut text, so a limit changed later moves no identity.
void takeIn(Finding& finding, std::string_view scanner_family, const IntakeLimits& limits = {});

}  // namespace scanhost
