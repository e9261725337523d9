// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Addresses from and to text, whatever the text. Not by Poco, whose parser throws for the zone of
/// an interface that is not there, and cannot read some of what it writes. Pure functions.
#pragma once

#include <Poco/Net/IPAddress.h>

#include <optional>
#include <string>

namespace scanhost::http {

/// Numbers alone: no names, no zones, no ports.
std::optional<Poco::Net::IPAddress> parseAddress(const std::string& text);
/// Without a zone; parseAddress reads it.
std::string textOf(const Poco::Net::IPAddress& address);
/// "::ffff:10.0.0.1" is 10.0.0.1.
Poco::Net::IPAddress unmapped(const Poco::Net::IPAddress& address);

}  // namespace scanhost::http
