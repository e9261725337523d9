// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The system's text for an error number (errno), which strerror would keep in shared memory.
#pragma once

#include <string>
#include <system_error>

namespace scanhost {

inline std::string errorText(int number) {
  return std::generic_category().message(number);
}

}  // namespace scanhost
