// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace scanhost::pages {

/// Text as roff shows it unchanged: man(7), groff_char(7).
std::string roff(const std::string& text);

}  // namespace scanhost::pages
