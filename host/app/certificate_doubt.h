// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What is wrong with the time of the listener's certificate, though it is taken: at a start and a
/// reload an event tells of it, in `scanhost check` a warning.
#pragma once

#include <optional>
#include <string>

#include "host/http/options.h"
#include "host/telemetry/event_log.h"

namespace scanhost {

struct CertificateDoubt {
  Level level = Level::warning;  ///< error: clients refuse it now
  std::string text;              ///< "expires at 2027-03-30T14:02:37.000000Z; ..."
};

/// Nothing is said of a certificate that is good for the three weeks to come.
std::optional<CertificateDoubt> doubtOf(const http::CertificateLife& life, Timestamp now);

}  // namespace scanhost
