// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Runs a program through the host (scanhost.host.process/1): no shell, no search path, no
/// environment but the one given, and nothing left running afterwards.
///
///     const ProgramEnd end = runProgram(settings.host(), call, {"/usr/bin/nmap", {"--version"}});
#ifndef SCANHOST_PROCESS_H
#define SCANHOST_PROCESS_H

#include <chrono>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abi/services.h"
#include "call.h"
#include "host.h"
#include "text.h"

namespace scanhost {
inline namespace v1 {

struct ProgramSpec {
  std::string program;                 ///< absolute path
  std::vector<std::string> arguments;  ///< never a secret: every user of the machine sees them
  Pairs environment = {};              ///< the whole of it
  std::string input = {};              ///< its standard input
  std::chrono::nanoseconds grace = std::chrono::seconds(5);  ///< from SIGTERM to SIGKILL
  std::function<void(std::string_view)> output = {};         ///< empty: dropped
  std::function<void(std::string_view)> error_output = {};
};

struct ProgramEnd {
  int exit_code = 0;  ///< -1 when a signal ended it
  int signal = 0;     ///< 0 when none did
};

namespace detail {

/// Lends the two receivers to the C functions; what they throw ends the program and comes out of
/// runProgram.
struct ProgramReceivers {
  const ProgramSpec& spec;
  std::exception_ptr thrown = nullptr;

  scanhost_status take(const std::function<void(std::string_view)>& receiver,
                       scanhost_bytes chunk) noexcept {
    if (thrown) return SCANHOST_ERROR_INTERNAL;
    if (!receiver) return SCANHOST_OK;
    try {
      receiver({reinterpret_cast<const char*>(chunk.data), static_cast<std::size_t>(chunk.size)});
      return SCANHOST_OK;
    } catch (...) {
      thrown = std::current_exception();
      return SCANHOST_ERROR_INTERNAL;
    }
  }
};

}  // namespace detail

/// Runs to the end. Throws what a receiver threw, and PluginError when the host has no such
/// service; a failure of the host's (cancelled, timeout, config when it cannot be started) leaves
/// the plugin as the host told it.
inline ProgramEnd runProgram(const Host& host, Call& call, const ProgramSpec& spec) {
  const auto& service =
      host.service<scanhost_process>(SCANHOST_PROCESS_ID, SCANHOST_PROCESS_REVISION);
  detail::ProgramReceivers receivers{spec};
  const LentTexts arguments(spec.arguments);
  const LentPairs environment(spec.environment);
  scanhost_process_spec lent{};
  lent.struct_size = sizeof lent;
  lent.program = toText(spec.program);
  lent.arguments = arguments;
  lent.environment = environment;
  lent.input = {reinterpret_cast<const uint8_t*>(spec.input.data()), spec.input.size()};
  lent.grace_ns = spec.grace.count();
  lent.context = &receivers;
  lent.output = [](void* context, scanhost_bytes chunk) {
    auto& self = *static_cast<detail::ProgramReceivers*>(context);
    return self.take(self.spec.output, chunk);
  };
  lent.error_output = [](void* context, scanhost_bytes chunk) {
    auto& self = *static_cast<detail::ProgramReceivers*>(context);
    return self.take(self.spec.error_output, chunk);
  };
  scanhost_process_end end{};
  end.struct_size = sizeof end;
  const scanhost_status status = service.run(host.abi(), call.abi(), &lent, &end);
  if (receivers.thrown) std::rethrow_exception(receivers.thrown);
  detail::throwUnlessOk(status);
  return {end.exit_code, end.signal};
}

}  // namespace v1
}  // namespace scanhost

#endif
