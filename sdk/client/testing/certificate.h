// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A self-signed certificate for a test's server.
#pragma once

#include <string>

namespace scanhost::client::testing {

struct CertificateFiles {
  std::string certificate;
  std::string key;
};

/// Writes both PEM files into `folder`. `subject_alt_name` as OpenSSL writes it: "IP:127.0.0.1",
/// "DNS:scan.example".
CertificateFiles writeCertificate(const std::string& folder, const std::string& subject_alt_name);

}  // namespace scanhost::client::testing
