// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/message/in_quotes.h"

namespace scanhost {

std::string inQuotes(std::string_view text) {
  std::string line(text.substr(0, 200));
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F) c = ' ';
  return "\"" + line + "\"";
}

}  // namespace scanhost
