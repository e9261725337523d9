// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Tells the daemon where a plugin died: signal, call under way and the addresses of the stack, by
/// module and offset, written to a descriptor from the signal handler.
#pragma once

#include <cstdint>

#include "host/runner/messages.h"

namespace scanhost::runner {

/// For the whole process, once. The record goes to `fd`, which stays open.
void installCrashHandler(int fd);

/// A thread that calls into the plugin: gives it a stack of its own for the handler, so that an
/// overflow of its ordinary one can be told. Lives on that thread.
class CrashStack {
 public:
  CrashStack();
  ~CrashStack();
  CrashStack(const CrashStack&) = delete;
  CrashStack& operator=(const CrashStack&) = delete;

 private:
  static constexpr std::size_t stack_bytes = 64u << 10;
  void* memory_ = nullptr;
};

/// What this thread does, for the record. [async-signal-safe]
void noteCall(std::uint64_t call, Function function);
void noteNoCall();

}  // namespace scanhost::runner
