// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/certificate_doubt.h"

namespace scanhost {
namespace {

/// When ScanhostCertificateExpiring writes its ticket, too.
constexpr std::chrono::microseconds soon = std::chrono::days(21);

}  // namespace

std::optional<CertificateDoubt> doubtOf(const http::CertificateLife& life, Timestamp now) {
  if (life.ends == Timestamp{}) return std::nullopt;
  if (now >= life.ends)
    return CertificateDoubt{Level::error, "expired at " + formatTimestamp(life.ends) +
                                              ", so clients refuse it; put a new one in its place"};
  if (now < life.begins)
    return CertificateDoubt{Level::error,
                            "is not good before " + formatTimestamp(life.begins) +
                                ", so clients refuse it; put another in its place, or set the "
                                "clock"};
  if (life.ends.micros - now.micros < soon.count())
    return CertificateDoubt{Level::warning, "expires at " + formatTimestamp(life.ends) +
                                                "; put a new one in its place before"};
  return std::nullopt;
}

}  // namespace scanhost
