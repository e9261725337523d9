// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Text of somebody else's, made fit for one line of a message to an operator.
#pragma once

#include <string>
#include <string_view>

namespace scanhost {

/// At most 200 bytes of it in quotes; what is not printable ASCII becomes a space.
std::string inQuotes(std::string_view text);

}  // namespace scanhost
