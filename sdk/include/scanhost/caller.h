// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A caller that outlives the call it came with: what a handler or provider keeps to act for the
/// caller later.
#ifndef SCANHOST_CALLER_H
#define SCANHOST_CALLER_H

#include <string>
#include <string_view>
#include <vector>

#include "abi/http.h"
#include "text.h"

namespace scanhost {
inline namespace v1 {

/// Immutable; any thread.
class OwnedCaller {
 public:
  explicit OwnedCaller(const scanhost_caller& caller)
      : subject_(toString(caller.subject)),
        roles_(toStrings(caller.roles)),
        scopes_(toStrings(caller.scopes)),
        lent_roles_(roles_),
        lent_scopes_(scopes_) {
    abi_.struct_size = sizeof abi_;
    abi_.subject = toText(subject_);
    abi_.roles = lent_roles_;
    abi_.expires_us = caller.expires_us;
    abi_.scopes = lent_scopes_;
  }
  OwnedCaller(const OwnedCaller&) = delete;
  OwnedCaller& operator=(const OwnedCaller&) = delete;

  const scanhost_caller& abi() const noexcept { return abi_; }
  std::string_view subject() const noexcept { return subject_; }
  /// Whether the identity has ended by then, in microseconds UTC.
  bool isExpired(int64_t now_us) const noexcept {
    return abi_.expires_us != 0 && abi_.expires_us <= now_us;
  }

 private:
  const std::string subject_;
  const std::vector<std::string> roles_, scopes_;
  const LentTexts lent_roles_, lent_scopes_;
  scanhost_caller abi_{};
};

}  // namespace v1
}  // namespace scanhost

#endif
