// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Cuts down what others may make as long as they like, for the log.
#pragma once

#include <scanhost/json.h>

#include <cstddef>

namespace scanhost {

/// The value itself where it takes no more than about `limit` bytes. Of a longer text the beginning
/// and its size, as in `abc... (70000 bytes)`; of a longer array or object the first ones, each
/// shortened, and how many more there were.
Json shortened(const Json& value, std::size_t limit);

}  // namespace scanhost
