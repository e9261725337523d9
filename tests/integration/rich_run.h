// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One run of a service that meets much of what can happen to scans, for tests that look at what it
/// said meanwhile.
#pragma once

#include <string>
#include <vector>

namespace scanhost::integration {

struct RichRun {
  std::string events;                ///< every line of the log
  std::vector<std::string> scrapes;  ///< /metrics, at moments at which something shows
};

/// Scans of every kind end in every way; scanners refuse, break off and stay away; a plugin
/// crashes; the lease, the queue and then the service itself are lost. What does not come about as
/// it should fails the test that asked.
RichRun playRichRun();

}  // namespace scanhost::integration
