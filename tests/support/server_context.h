// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What one of Poco's servers speaks TLS with.
#pragma once

#include <Poco/Net/Context.h>

#include "host/base/result.h"
#include "tests/support/certificate.h"

namespace scanhost::testing_support {

/// What a server of TLS 1.2 or later is made with that shows it.
Result<Poco::Net::Context::Ptr> serverContext(const Certificate& certificate);

}  // namespace scanhost::testing_support
