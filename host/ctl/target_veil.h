// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Leaves out whom a customer scans and what he calls it: no secret of the service, but nobody
/// else's business.
///
/// Fields that hold targets and names go by their names, addresses go by their form, and what
/// tasks told of themselves goes wherever it turns up. Names of hosts that no task told of stay,
/// for they look like any other word. One thread at a time.
#pragma once

#include <scanhost/json.h>

#include <string>
#include <string_view>
#include <vector>

namespace scanhost::ctl {

class TargetVeil {
 public:
  /// Remembers targets and name of a task as a tool tells of it.
  void learn(const Json& task);

  /// Without the words that were learnt.
  std::string withoutKnown(std::string text) const;
  Json withoutKnown(const Json& value) const;
  /// For what tells of scans: also without addresses other than loopback, and without the members
  /// that hold targets and names.
  std::string veil(std::string text) const;
  Json veil(const Json& value) const;

 private:
  void learnWord(std::string_view word);

  std::vector<std::string> known_;  ///< the longest first
};

}  // namespace scanhost::ctl
