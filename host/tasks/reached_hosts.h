// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Which hosts answered a scan and how far login went on each, in a form small enough to lie beside
/// the findings: a later comparison must not take a host that was silent for one that was mended.
///
/// Addresses are kept as ranges, so that a network that answered whole is one entry.
#pragma once

#include <scanhost/json.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "host/base/result.h"
#include "host/findings/authentication.h"
#include "host/policy/address_range.h"

namespace scanhost {

/// Filled by one thread; read by any once sealed.
class ReachedHosts {
 public:
  /// A host that answered, named as its findings name it.
  void add(std::string_view host, HostAuthentication login);
  /// After the last one and before the first look.
  void seal();

  /// How far login went; nothing for a host that did not answer.
  std::optional<HostAuthentication> find(std::string_view host) const;

  /// {"success": ["10.0.0.1-10.0.0.20", "web.example"], ...}; null when it would be larger than
  /// `most_bytes`.
  Json toJson(std::size_t most_bytes = 4u << 20) const;
  static Result<ReachedHosts> fromJson(const Json& json);

 private:
  struct Group {
    std::vector<AddressRange> ranges;  ///< until sealed
    AddressSet addresses;
    std::unordered_set<std::string> names;
  };

  std::map<HostAuthentication, Group> groups_;
};

}  // namespace scanhost
