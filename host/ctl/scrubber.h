// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Takes secrets out of what leaves this machine: those that the configuration told of, wherever
/// they turn up, and what looks like one. One thread at a time.
#pragma once

#include <scanhost/json.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost::ctl {

class Scrubber {
 public:
  /// Shorter ones are in any text, and hiding them would leave none.
  static constexpr std::size_t shortest = 4;

  /// A secret, and with it its lines and words of eight bytes and more, which may turn up alone,
  /// and each as JSON, as a URL and after such decoding.
  void remember(std::string_view secret);
  std::size_t known() const { return known_.size(); }

  /// Without what is remembered.
  std::string withoutKnown(std::string text) const;
  /// Without that and without what looks like a secret.
  std::string scrub(std::string text) const;
  /// The same of all texts in a value, of numbers what is remembered, and what stands under a name
  /// of a secret (also as {"name": ..., "value": ...}, or behind an option or a name in a list of
  /// words), unless it is a boolean, null, or a reference such as ${env:NAME}.
  Json scrub(const Json& value) const;

 private:
  void add(std::string form);

  std::vector<std::string> known_;  ///< the longest first: one may hold another
};

}  // namespace scanhost::ctl
