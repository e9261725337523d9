// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Ctrl-C while watching: the watcher goes, the scan stays, and the person is told so.
#pragma once

#include <string>

namespace scanhost::ctl {

/// While one lives, SIGINT and SIGTERM write `message` to standard error and end the program with
/// 128 + the signal's number, as a shell expects. One at a time.
class InterruptNotice {
 public:
  explicit InterruptNotice(const std::string& message);
  ~InterruptNotice();
  InterruptNotice(const InterruptNotice&) = delete;
  InterruptNotice& operator=(const InterruptNotice&) = delete;
};

}  // namespace scanhost::ctl
