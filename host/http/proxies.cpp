// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/http/proxies.h"

#include <Poco/Exception.h>

#include <charconv>

#include "host/http/address.h"

namespace scanhost::http {

using Poco::Net::IPAddress;

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& texts) {
  TrustedProxies proxies;
  for (const std::string& text : texts) {
    const auto refuse = [&] {
      return fail(ErrorClass::config, "http.trusted_proxies: '" + text +
                                          "' is neither an address nor a network like 10.0.0.0/8");
    };
    const std::size_t slash = text.find('/');
    const auto base = parseAddress(text.substr(0, slash));
    if (!base) return refuse();
    const unsigned full = base->family() == IPAddress::IPv4 ? 32 : 128;
    unsigned bits = full;
    if (slash != std::string::npos) {
      const char* last = text.data() + text.size();
      const auto [end, error] = std::from_chars(text.data() + slash + 1, last, bits);
      if (error != std::errc() || end != last || bits > full) return refuse();
    }
    try {
      const IPAddress mask(bits, base->family());
      proxies.networks_.push_back({*base & mask, mask});
    } catch (const Poco::Exception&) {
      return refuse();
    }
  }
  return proxies;
}

bool TrustedProxies::contains(const IPAddress& address) const {
  for (const Network& network : networks_)
    if (network.base.family() == address.family() && (address & network.mask) == network.base)
      return true;
  return false;
}

std::string TrustedProxies::clientOf(const IPAddress& peer,
                                     std::optional<std::string_view> forwarded_for) const {
  IPAddress client = peer;
  std::string_view rest = forwarded_for.value_or("");
  while (contains(client) && !rest.empty()) {
    const std::size_t comma = rest.rfind(',');
    std::string_view last = comma == rest.npos ? rest : rest.substr(comma + 1);
    rest = comma == rest.npos ? std::string_view() : rest.substr(0, comma);
    while (!last.empty() && last.front() == ' ') last.remove_prefix(1);
    while (!last.empty() && last.back() == ' ') last.remove_suffix(1);
    const auto next = parseAddress(std::string(last));
    if (!next) break;
    client = unmapped(*next);
  }
  return textOf(client);
}

}  // namespace scanhost::http
