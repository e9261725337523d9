// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Makes the calls that the daemon asks for, each on a thread of its own.
///
/// Threads take turns at reading: who reads a call makes it itself, and another reads on meanwhile,
/// so that a call is not handed from thread to thread. There are as many threads as there were
/// calls at once, and one more; they last until the process ends.
#pragma once

#include <atomic>
#include <mutex>

#include "host/abi/library.h"
#include "host/abi/plugin_host.h"
#include "host/abi/service_registry.h"
#include "host/runner/program/daemon_link.h"

namespace scanhost::runner {

class Serving {
 public:
  /// All are borrowed.
  Serving(DaemonLink& daemon, const std::string& plugin, const ServiceRegistry& services)
      : daemon_(daemon), plugin_(plugin), services_(services) {}

  /// Begins to read, on another thread: a plugin's entry may ask for services already.
  void begin();
  /// What calls go to, before the daemon was told that this runner is ready.
  void use(InterfaceTables tables) { tables_ = std::move(tables); }
  /// Takes turns with the others, for ever.
  [[noreturn]] void takeTurns();

  PluginEventSink eventSink(std::uint64_t call);

 private:
  void serve(const Frame& frame);
  scanhost_status invoke(const Frame& frame, Decoder& in, const scanhost_call* call);
  scanhost_status create(Decoder& in, const scanhost_call* call);
  scanhost_status invokeScanner(Function function, std::uint64_t number, Decoder& in,
                                const scanhost_call* call);
  scanhost_status invokeRemote(Function function, std::uint64_t number, Decoder& in,
                               const scanhost_call* call);
  scanhost_status invokeExporter(Function function, std::uint64_t number, Decoder& in,
                                 const scanhost_call* call);
  template <class Table>
  const Table& table() const {
    return *reinterpret_cast<const Table*>(interface_);
  }

  DaemonLink& daemon_;
  const std::string plugin_;
  const ServiceRegistry& services_;
  InterfaceTables tables_;
  const scanhost_interface* interface_ = nullptr;  ///< since create, as `self_`
  void* self_ = nullptr;

  std::mutex reading_;
  std::atomic<int> waiting_to_read_{0};
};

}  // namespace scanhost::runner
