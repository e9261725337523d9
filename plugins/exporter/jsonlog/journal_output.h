// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Sends events to systemd's journal, each as one datagram; one that is too big for that goes as a
/// sealed memory file. A journald that starts anew is found again.
#pragma once

#include <string>
#include <string_view>

#include "plugins/exporter/jsonlog/descriptor.h"
#include "plugins/exporter/jsonlog/event_output.h"

namespace scanhost {

class JournalOutput : public EventOutput {
 public:
  /// Throws PluginError (config, backend) when nothing listens at `socket`.
  explicit JournalOutput(const std::string& socket);

  void write(const scanhost_logged_event& event) override;
  void flush() override {}

 private:
  int send(std::string_view entry) const;
  int sendAsFile(std::string_view entry) const;

  const std::string path_;
  Descriptor socket_;
};

}  // namespace scanhost
