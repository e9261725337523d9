// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Callers on their way to a plugin and back.
#pragma once

#include <scanhost/abi/http.h>
#include <scanhost/text.h>

#include <string>
#include <vector>

#include "host/base/caller.h"
#include "host/http/caller.h"

namespace scanhost {

/// Lends the listener's caller as a scanhost_caller while both live.
class LentCaller {
 public:
  explicit LentCaller(const http::Caller& caller)
      : roles_(caller.roles.begin(), caller.roles.end()),
        scopes_(scopesOf(roles_)),
        texts_(roles_),
        scope_texts_(scopes_) {
    abi_.struct_size = sizeof abi_;
    abi_.subject = toText(caller.subject);
    abi_.roles = texts_;
    abi_.expires_us = caller.expiry ? caller.expiry->micros : 0;
    abi_.scopes = scope_texts_;
  }
  LentCaller(const LentCaller&) = delete;
  LentCaller& operator=(const LentCaller&) = delete;
  const scanhost_caller* abi() const { return &abi_; }

 private:
  static std::vector<std::string> scopesOf(const std::vector<std::string>& roles);

  std::vector<std::string> roles_, scopes_;
  LentTexts texts_, scope_texts_;
  scanhost_caller abi_{};
};

/// What a transport passes back. A role this host does not know gives no right.
Caller ownCaller(const scanhost_caller& caller);

}  // namespace scanhost
