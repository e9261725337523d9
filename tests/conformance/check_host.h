// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The host as the checker plays it: of the minor version that a case wants, with the services that
/// it wants, and remembering all that a plugin says.
#pragma once

#include <scanhost/abi/exporter.h>
#include <scanhost/abi/plugin.h>
#include <scanhost/abi/services.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "tests/conformance/fake_listener.h"
#include "tests/conformance/guarded_memory.h"
#include "tests/conformance/transcript.h"

namespace scanhost::conformance {

/// Runs a program for a plugin, as scanhost.host.process/1 does.
using ProgramRunner = std::function<scanhost_status(
    const scanhost_call*, const scanhost_process_spec*, scanhost_process_end*)>;

struct HostShape {
  std::uint32_t abi_minor = SCANHOST_ABI_MINOR;
  std::size_t appended = 0;  ///< bytes of a newer host's structs behind the known ones
  std::set<std::string> missing_services = {};
};

class CheckHost {
 public:
  explicit CheckHost(HostShape shape = {}, ProgramRunner programs = {});
  CheckHost(const CheckHost&) = delete;
  CheckHost& operator=(const CheckHost&) = delete;
  ~CheckHost();

  const scanhost_host* abi() const;
  const HostShape& shape() const { return shape_; }
  Transcript& transcript() { return transcript_; }
  /// What the plugin mounted.
  FakeListener& listener() { return listener_; }
  const ProgramRunner& programs() const { return programs_; }
  /// The metric series that the plugin made: valid as long as this host.
  void* series(const std::string& name, int type);

  static CheckHost& of(const scanhost_host* host);

 private:
  static const void* getService(const scanhost_host* host, scanhost_text id);
  static void log(const scanhost_host* host, const scanhost_event* event);

  HostShape shape_;
  ProgramRunner programs_;
  Transcript transcript_;
  FakeListener listener_;
  std::unique_ptr<GuardedMemory> memory_;
  std::mutex mutex_;
  struct Series;
  std::map<std::string, std::unique_ptr<Series>> series_;
  friend struct MetricsTable;
};

}  // namespace scanhost::conformance
