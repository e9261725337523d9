// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Which peers are proxies of ours, whose word on the client's address is believed.
#pragma once

#include <Poco/Net/IPAddress.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"

namespace scanhost::http {

class TrustedProxies {
 public:
  /// Addresses ("10.0.0.5") and networks ("10.0.0.0/8").
  static Result<TrustedProxies> parse(const std::vector<std::string>& texts);

  bool contains(const Poco::Net::IPAddress& address) const;
  /// The client behind `peer`: the last address in X-Forwarded-For that is no trusted proxy, when
  /// `peer` is one; else `peer`.
  std::string clientOf(const Poco::Net::IPAddress& peer,
                       std::optional<std::string_view> forwarded_for) const;

 private:
  struct Network {
    Poco::Net::IPAddress base, mask;
  };
  std::vector<Network> networks_;
};

}  // namespace scanhost::http
