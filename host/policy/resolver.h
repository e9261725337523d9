// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Host names to addresses, for the scope check alone: its answers are what a scanner is given.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/policy/address_range.h"

namespace scanhost {

/// More answers than this are refused: they could not all be checked and pinned.
inline constexpr std::size_t max_resolved_addresses = 64;

/// Every address of a name, as of now, without repeats, IPv4-mapped ones as IPv4. Callable from
/// any thread. No answer is an error.
class Resolver {
 public:
  virtual ~Resolver() = default;
  /// Returns by about `timeout`.
  virtual Result<std::vector<Address>> resolve(const std::string& name,
                                               std::chrono::milliseconds timeout) = 0;
};

/// getaddrinfo(3), thus the machine's own rules (hosts file, resolv.conf). It cannot be cut short,
/// so each call has a thread of its own, which a timeout leaves behind until libc gives up; no more
/// than `max_lookups` such threads exist, and past that lookups fail at once.
class SystemResolver : public Resolver {
 public:
  explicit SystemResolver(int max_lookups = 32);
  Result<std::vector<Address>> resolve(const std::string& name,
                                       std::chrono::milliseconds timeout) override;

 private:
  struct Slots;
  std::shared_ptr<Slots> slots_;  ///< shared with lookups that outlive their caller
};

}  // namespace scanhost
