// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Turns what was written for one key into a value of the key's type, or says why it is none.
#pragma once

#include <optional>
#include <string>

#include "host/config/schema.h"

namespace scanhost {

/// `label` is how messages call the key: "scanners[0].name". Nothing, with the reason in
/// `problems`, when the value does not fit. Any thread.
std::optional<TypedValue> typedValue(const ConfigNode& node, const Key& key,
                                     const std::string& label, Problems& problems);

/// The same value as JSON, to compare two configurations by.
Json comparableValue(const TypedValue& value, ValueType type);

/// What a value of this type looks like: "a duration such as 30s, 10m, 2h or 7d".
std::string expectedValue(const Key& key);

}  // namespace scanhost
