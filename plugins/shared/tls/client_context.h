// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A Poco context for a TLS client that trusts by ServerTrust.
#pragma once

#include <Poco/Net/Context.h>

#include <string>

#include "plugins/shared/tls/server_trust.h"

namespace scanhost::tls {

/// TLS 1.2 or later. `trust` outlives the context; `certificate` and `key`, of files in PEM form,
/// are what the client shows, or empty. Throws PluginError (config) when the authorities' file
/// cannot be read, Poco's exceptions when the client's own cannot.
Poco::Net::Context::Ptr clientContext(ServerTrust& trust, const std::string& certificate = {},
                                      const std::string& key = {});

}  // namespace scanhost::tls
