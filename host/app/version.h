// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What this build calls itself.
#pragma once

#include <scanhost/abi/base.h>

namespace scanhost {

inline constexpr const char* version_text = SCANHOST_VERSION;
inline constexpr const char* revision_text = SCANHOST_REVISION;
inline constexpr const char* abi_text = "1.2";
static_assert(SCANHOST_ABI_MAJOR == 1 && SCANHOST_ABI_MINOR == 2, "abi_text says another version");

}  // namespace scanhost
