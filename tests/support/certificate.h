// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The certificate a server shows: one of its own making, as a fresh Nessus does, or a given one.
#pragma once

#include <openssl/ossl_typ.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "host/base/result.h"

namespace scanhost::testing_support {

struct Certificate {
  std::string chain_pem;  ///< the server's own certificate first
  std::string key_pem;
  std::string fingerprint;  ///< SHA-256 of the DER form, lowercase hexadecimal
};

/// A new key and a certificate of organisation "Nessus Users United" that signs itself. Good for
/// localhost and the loopback addresses, and for `address` when it is an IP address; ends after
/// `life`, or has ended so long ago.
Result<Certificate> makeSelfSigned(const std::string& address,
                                   std::chrono::seconds life = std::chrono::days(4 * 365));
Result<Certificate> readCertificate(const std::filesystem::path& chain,
                                    const std::filesystem::path& key);

/// Lets a server show it. False when certificate and key do not belong together or are no PEM.
bool useCertificate(SSL_CTX* context, const Certificate& certificate);

}  // namespace scanhost::testing_support
