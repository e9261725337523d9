// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/runner/messages.h"

namespace scanhost::runner {

const char* functionName(Function function) {
  switch (function) {
    case Function::create: return "create";
    case Function::start: return "start";
    case Function::stop: return "stop";
    case Function::destroy: return "destroy";
    case Function::describe: return "describe";
    case Function::self_test: return "self_test";
    case Function::scan: return "scan";
    case Function::prepare: return "prepare";
    case Function::start_scan: return "start";
    case Function::find: return "find";
    case Function::poll: return "poll";
    case Function::pause: return "pause";
    case Function::resume: return "resume";
    case Function::stop_scan: return "stop";
    case Function::collect: return "collect";
    case Function::remove: return "remove";
    case Function::events: return "events";
    case Function::flush: return "flush";
    case Function::endpoint: return "endpoint";
    case Function::render: return "render";
    case Function::spans: return "spans";
  }
  return "none";
}

}  // namespace scanhost::runner
