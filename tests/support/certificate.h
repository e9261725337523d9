// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The certificate a server shows: one of its own making, as a fresh Nessus does, or a given one.
#pragma once

#include <Poco/Net/Context.h>

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
/// localhost and the loopback addresses, and for `address` when it is an IP address.
Result<Certificate> makeSelfSigned(const std::string& address);
Result<Certificate> readCertificate(const std::filesystem::path& chain,
                                    const std::filesystem::path& key);

/// What a server of TLS 1.2 or later is made with that shows it.
Result<Poco::Net::Context::Ptr> serverContext(const Certificate& certificate);

}  // namespace scanhost::testing_support
