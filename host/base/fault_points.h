// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Marks in the code for tests/faults: where a node may die between two effects, and where one
/// protection could be taken away.
///
/// In the daemon that is shipped both are constants and leave no code. tests/faults builds the
/// folders that hold marks a second time, with SCANHOST_FAULTS, and decides by a file at run time.
#pragma once

#include <string_view>

namespace scanhost {

#ifdef SCANHOST_FAULTS
/// Ends the process by SIGKILL here, when the test armed this point.
void killPoint(std::string_view name);
/// Whether the test took away that protection.
bool isTakenAway(std::string_view protection);
#else
constexpr void killPoint(std::string_view) {}
constexpr bool isTakenAway(std::string_view) {
  return false;
}
#endif

}  // namespace scanhost
