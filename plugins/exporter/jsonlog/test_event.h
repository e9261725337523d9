// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// For tests: an event as the host would lend it.
#pragma once

#include <scanhost/abi/call.h>
#include <scanhost/abi/exporter.h>
#include <scanhost/text.h>

#include <string>
#include <utility>

namespace scanhost {

struct TestEvent {
  explicit TestEvent(std::string its_line, std::int32_t its_level = SCANHOST_LEVEL_INFO)
      : line(std::move(its_line)), level(its_level) {}
  scanhost_logged_event abi() const {
    return {sizeof(scanhost_logged_event),
            level,
            0,
            toText("node"),
            toText("tried"),
            toText("t-1"),
            toText(line)};
  }

  std::string line;
  std::int32_t level;
};

}  // namespace scanhost
