// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What this build calls itself.
#pragma once

namespace scanhost {

inline constexpr const char* version_text = SCANHOST_VERSION;
inline constexpr const char* revision_text = SCANHOST_REVISION;
inline constexpr const char* abi_text = "1.2";

}  // namespace scanhost
