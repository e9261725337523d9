// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/crash_report.h"

#include <string.h>

#include <cinttypes>
#include <cstdio>

namespace scanhost {
namespace {

std::string hexadecimal(std::uint64_t number) {
  char text[20];
  std::snprintf(text, sizeof text, "0x%" PRIx64, number);
  return text;
}

}  // namespace

Json CrashReport::toJson() const {
  Json frames = Json::array();
  for (const Frame& frame : backtrace)
    frames.push(Json::object({{"module", frame.module}, {"offset", hexadecimal(frame.offset)}}));
  Json task_ids = Json::array();
  for (const std::string& task : tasks) task_ids.push(task);
  return Json::object({{"time", formatTimestamp(time)},
                       {"plugin", plugin},
                       {"instance", instance},
                       {"version", version},
                       {"sha256", sha256},
                       {"build_id", build_id},
                       {"signal", signal},
                       {"exit_code", exit_code},
                       {"reason", reason},
                       {"last_call", last_call},
                       {"tasks", std::move(task_ids)},
                       {"address", hexadecimal(address)},
                       {"backtrace", std::move(frames)},
                       {"stderr", error_output},
                       {"restarts", restarts}});
}

std::string signalName(int signal) {
  const char* const name = sigabbrev_np(signal);
  return name ? std::string("SIG") + name : "signal " + std::to_string(signal);
}

}  // namespace scanhost
