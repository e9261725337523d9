// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Follows what Nuclei says beside its results: how far it is, and its last words.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "plugins/shared/local_scan/complaint.h"

namespace scanhost::nuclei {

class RunLog {
 public:
  /// Called with the percentage that Nuclei gives.
  explicit RunLog(std::function<void(int)> progress) : progress_(std::move(progress)) {}

  void feed(std::string_view text);

  /// Whether anything was scanned. Nuclei ends with success when none of its templates fits.
  bool hadTemplates() const { return had_templates_; }
  /// What it said last.
  std::string lastWords() const { return complaint_.line(); }

 private:
  void endLine();

  std::function<void(int)> progress_;
  std::string line_;
  bool had_templates_ = false;
  local_scan::Complaint complaint_;
};

}  // namespace scanhost::nuclei
