// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Makes text from scanners and targets harmless where it is shown. Whoever runs a scanned host
/// chooses its banners, and would like to move the cursor, hide a row or start a formula.
#pragma once

#include <string>
#include <string_view>

namespace scanhost {

enum class Lines { escape, keep };

/// Control characters, line breaks (unless kept), invisible and direction-changing characters
/// become visible escapes such as `\x1b` and `\u{202e}`; bytes that are no UTF-8 become `\xNN`.
std::string forTerminal(std::string_view text, Lines lines = Lines::escape);

/// One CSV cell (RFC 4180), quoted where needed. Text that a spreadsheet would run as a formula
/// gets an apostrophe in front; line breaks stay, other control characters are escaped.
std::string csvText(std::string_view text);

/// Columns that the text takes on a terminal; one for each character.
std::size_t displayWidth(std::string_view text);

/// At most `width` columns, the last of them `…` when something was cut.
std::string cutToWidth(std::string_view text, std::size_t width);

}  // namespace scanhost
