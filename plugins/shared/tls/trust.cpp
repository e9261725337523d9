// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/shared/tls/trust.h"

#include <algorithm>

namespace scanhost::tls {
namespace {

[[noreturn]] void refuse(const std::string& plugin, const std::string& message) {
  throw PluginError(ErrorClass::config, plugin + ": " + message, ErrorSubject::backend);
}

/// Lowercase, without the colons that openssl prints.
std::string readFingerprint(const std::string& text, const std::string& plugin) {
  std::string digits;
  for (const char c : text) {
    if (c == ':' || c == ' ') continue;
    digits += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (digits.size() != 64 || !std::all_of(digits.begin(), digits.end(), is_hex))
    refuse(plugin, "tls.pin_sha256: \"" + text +
                       "\" is no SHA-256 fingerprint of 64 hexadecimal digits; see openssl x509 "
                       "-noout -fingerprint -sha256");
  return digits;
}

}  // namespace

Trust readTrust(const Json& tls, const std::string& plugin) {
  Trust trust;
  trust.ca_file = tls["ca_file"].asString();
  const std::string& pin = tls["pin_sha256"].asString();
  const bool insecure = tls["insecure"].asBool();
  if (!trust.ca_file.empty() + !pin.empty() + insecure > 1)
    refuse(plugin, "tls: give one of ca_file, pin_sha256 and insecure, not several");
  if (!trust.ca_file.empty() && trust.ca_file.front() != '/')
    refuse(plugin, "tls.ca_file: \"" + trust.ca_file + "\" must be an absolute path");
  if (!pin.empty()) {
    trust.mode = Trust::Mode::pin;
    trust.pin_sha256 = readFingerprint(pin, plugin);
  }
  if (insecure) trust.mode = Trust::Mode::insecure;
  return trust;
}

}  // namespace scanhost::tls
