// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What tells where a request comes from: a first line Host, a second Origin, a third
/// X-Forwarded-For. A service on loopback is reached by its own names alone.
#include "host/http/address.h"
#include "host/http/origin.h"
#include "host/http/proxies.h"
#include "tests/fuzz/fuzz_target.h"

namespace scanhost::http {
namespace {

using fuzz::require;

bool isLocal(std::string_view name) {
  return name == "localhost" || name == "127.0.0.1" || name == "::1";
}

void checkGuard(std::string_view host, std::string_view origin) {
  static const OriginGuard guard = OriginGuard::fromOptions({}).value();
  if (guard.check(host, origin) != OriginGuard::Verdict::ok) return;
  require(guard.check(host, std::nullopt) == OriginGuard::Verdict::ok,
          "a Host that passes with an Origin passes without");
  const auto from = Origin::parse(origin);
  const auto to = Authority::parse(host);
  require(from && to && isLocal(to->name), "a Host that passes is a name of ours");
  require(isLocal(from->name), "an Origin that passes is ours");
}

void checkForwarded(std::string_view forwarded) {
  static const TrustedProxies proxies = TrustedProxies::parse({"127.0.0.0/8", "::1"}).value();
  const Poco::Net::IPAddress proxy("127.0.0.1"), stranger("192.0.2.1");
  require(proxies.clientOf(stranger, forwarded) == "192.0.2.1", "a stranger speaks for itself");
  require(parseAddress(proxies.clientOf(proxy, forwarded)).has_value(), "a client is an address");
}

}  // namespace
}  // namespace scanhost::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  std::string_view text = fuzz::asText(bytes, size);
  const std::string_view host = fuzz::takeLine(text), origin = fuzz::takeLine(text);
  http::checkGuard(host, origin);
  http::checkForwarded(text);
  return 0;
}
