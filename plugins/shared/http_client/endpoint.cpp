// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/http_client/endpoint.h"

#include <Poco/Net/IPAddress.h>

namespace scanhost::http_client {

std::string Endpoint::url() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (secure ? "https://" : "http://") + (is_ipv6 ? "[" + host + "]" : host) + ":" +
         std::to_string(port);
}

bool Endpoint::isLoopback() const {
  Poco::Net::IPAddress address;
  if (Poco::Net::IPAddress::tryParse(host, address)) return address.isLoopback();
  return host == "localhost";
}

}  // namespace scanhost::http_client
