// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Addresses that are never meant by a wide allow entry: this machine, this link, everyone at
/// once, the cloud's keeper of credentials, and tunnels whose far end cannot be told.
#pragma once

#include <string_view>
#include <vector>

#include "host/policy/address_range.h"

namespace scanhost {

struct SpecialBlock {
  std::string_view what;  ///< "loopback", as a message says it
  AddressRange range;
};

/// Always the same list in the same order; blocks may lie inside one another.
const std::vector<SpecialBlock>& specialBlocks();

}  // namespace scanhost
