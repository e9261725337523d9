// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/abi/process_service.h"

#include <scanhost/call.h>
#include <scanhost/text.h>

#include "host/abi/program.h"

namespace scanhost {
namespace {

constexpr std::uint64_t max_arguments = 4096;

std::function<scanhost_status(std::string_view)> taker(
    void* context, scanhost_status (*function)(void*, scanhost_bytes)) {
  if (!function) return {};
  return [context, function](std::string_view chunk) {
    return function(context, {reinterpret_cast<const uint8_t*>(chunk.data()), chunk.size()});
  };
}

ChildProgram readSpec(const scanhost_process_spec& abi) {
  ChildProgram spec;
  spec.program = toString(abi.program);
  spec.arguments = toStrings(abi.arguments);
  spec.environment = toPairs(abi.environment);
  spec.input = std::string_view(reinterpret_cast<const char*>(abi.input.data),
                                static_cast<std::size_t>(abi.input.size));
  spec.grace = std::chrono::nanoseconds(abi.grace_ns);
  spec.output = taker(abi.context, abi.output);
  spec.error_output = taker(abi.context, abi.error_output);
  return spec;
}

std::string withTail(const std::string& message, const ChildEnd& end) {
  return end.error_tail.empty() ? message : message + "; it last said: " + end.error_tail;
}

scanhost_status answer(const scanhost_call* call, const ChildProgram& spec, const ChildEnd& end) {
  switch (end.why) {
    case ChildEnd::Why::refused: return end.refusal;
    case ChildEnd::Why::cancelled:
      return detail::report(call, ErrorClass::cancelled,
                            withTail(spec.program + " was stopped: the call was cancelled", end));
    case ChildEnd::Why::timeout:
      return detail::report(call, ErrorClass::timeout,
                            withTail(spec.program + " was stopped: the deadline passed", end));
    case ChildEnd::Why::exited: break;
  }
  if (end.exit_code != 0)
    Call(call).log(LogLevel::warning, "program_failed",
                   Json::object({{"program", spec.program},
                                 {"exit_code", end.exit_code},
                                 {"signal", end.signal},
                                 {"stderr", end.error_tail}}));
  return SCANHOST_OK;
}

scanhost_status run(const scanhost_host*, const scanhost_call* call,
                    const scanhost_process_spec* abi, scanhost_process_end* end) {
  if (!SCANHOST_HAS(abi, scanhost_process_spec, error_output) ||
      abi->arguments.count > max_arguments || abi->environment.count > max_arguments)
    return detail::report(call, ErrorClass::config, "the program's description is not usable");
  try {
    const ChildProgram spec = readSpec(*abi);
    const Result<ChildEnd> ended = runChildProgram(spec, call);
    if (!ended)
      return detail::report(call, ended.error().error_class, ended.error().message,
                            ErrorSubject::backend);
    if (end && SCANHOST_HAS(end, scanhost_process_end, signal)) {
      end->exit_code = ended->exit_code;
      end->signal = ended->signal;
    }
    return answer(call, spec, *ended);
  } catch (const std::exception& error) {
    return detail::report(call, ErrorClass::internal, error.what());
  }
}

}  // namespace

ProcessService::ProcessService() {
  table_.base = {sizeof(scanhost_process), SCANHOST_PROCESS_REVISION};
  table_.run = &run;
}

void ProcessService::registerIn(ServiceRegistry& services) {
  services.add(SCANHOST_PROCESS_ID, &table_.base);
}

}  // namespace scanhost
