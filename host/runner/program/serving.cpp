// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/runner/program/serving.h"

#include <scanhost/abi/exporter.h>
#include <scanhost/abi/scanner.h>
#include <scanhost/call.h>
#include <scanhost/text.h>

#include <memory>
#include <thread>

#include "host/base/time.h"
#include "host/runner/program/crash_handler.h"
#include "host/runner/program/sinks.h"

namespace scanhost::runner {
namespace {

scanhost_status malformed(const scanhost_call* call) {
  return detail::report(call, ErrorClass::internal,
                        "the daemon's request cannot be read; daemon and runner are of one build?");
}

std::chrono::nanoseconds timeUntil(std::int64_t deadline_ns) {
  return deadline_ns == INT64_MAX ? std::chrono::nanoseconds::max()
                                  : std::chrono::nanoseconds(deadline_ns - monotonicNanos());
}

std::string outcomeBody(const Status& done) {
  if (done) return encoded(Outcome{});
  const Error& error = done.error();
  return encoded(Outcome{static_cast<std::int32_t>(error.error_class),
                         static_cast<std::int32_t>(error.subject), error.retry_after.count(),
                         toText(error.message)});
}

/// A function of the plugin. Nothing may leave it but its answer (SH-P-23).
template <class Invoke>
scanhost_status guarded(const scanhost_call* call, Invoke&& invoke) {
  try {
    return invoke();
  } catch (...) {  // of whatever runtime
    return detail::report(call, ErrorClass::internal,
                          "an exception left the plugin, which the ABI forbids (SH-P-23)");
  }
}

}  // namespace

void Serving::begin() {
  std::thread([this] { takeTurns(); }).detach();
}

void Serving::takeTurns() {
  const CrashStack stack;
  for (;;) {
    ++waiting_to_read_;
    std::unique_lock turn(reading_);
    --waiting_to_read_;
    const Frame frame = daemon_.nextCall();
    if (waiting_to_read_ == 0) begin();
    turn.unlock();
    serve(frame);
  }
}

PluginEventSink Serving::eventSink(std::uint64_t call) {
  return [this, call](int level, std::string_view event, std::string_view fields, const auto&) {
    daemon_.send(FrameKind::log, 0, call,
                 encoded(LoggedEvent{level, toText(event), toText(fields)}));
  };
}

void Serving::serve(const Frame& frame) {
  const std::uint64_t number = frame.header.call;
  Decoder in(frame.body);
  CallHead head;
  members(in, head);
  const auto cancel = std::make_shared<CancelSource>();
  const PluginEventSink events = eventSink(number);
  CallOptions options{.timeout = timeUntil(head.deadline_ns),
                      .cancel = cancel,
                      .trace = head.trace,
                      .events = &events};
  if (head.cancelled != 0) cancel->cancel();
  HostCall call(std::move(options));
  daemon_.beginCall(number, cancel);
  noteCall(number, static_cast<Function>(frame.header.function));
  const scanhost_status status =
      in.failed() ? malformed(call.abi())
                  : guarded(call.abi(), [&] { return invoke(frame, in, call.abi()); });
  noteNoCall();
  daemon_.endCall(number);
  daemon_.send(FrameKind::result, frame.header.function, number,
               outcomeBody(call.outcome(status, "the plugin")));
}

scanhost_status Serving::invoke(const Frame& frame, Decoder& in, const scanhost_call* call) {
  const auto function = static_cast<Function>(frame.header.function);
  if (function == Function::create) return create(in, call);
  if (!self_) return malformed(call);
  switch (function) {
    case Function::start: return interface_->start(self_, call);
    case Function::stop: interface_->stop(self_, call); return SCANHOST_OK;
    case Function::destroy:
      interface_->destroy(self_);
      self_ = nullptr;
      return SCANHOST_OK;
    case Function::describe:
    case Function::self_test:
    case Function::scan: return invokeScanner(function, frame.header.call, in, call);
    case Function::events:
    case Function::flush:
    case Function::endpoint:
    case Function::render:
    case Function::spans: return invokeExporter(function, frame.header.call, in, call);
    default: return invokeRemote(function, frame.header.call, in, call);
  }
}

scanhost_status Serving::create(Decoder& in, const scanhost_call* call) {
  CreateRequest request;
  members(in, request);
  const auto found = tables_.find(toView(request.interface));
  if (!in.complete() || found == tables_.end() || self_) return malformed(call);
  const PluginHost& host = PluginHost::make({.plugin = plugin_,
                                             .instance = toString(request.instance),
                                             .services = &services_,
                                             .events = eventSink(0)});
  const scanhost_create_args args{sizeof(scanhost_create_args), 0, toText(host.instance()),
                                  request.settings, request.data_dir};
  interface_ = found->second;
  const scanhost_status status = interface_->create(host.abi(), call, &args, &self_);
  if (status == SCANHOST_OK && !self_)
    return detail::report(call, ErrorClass::internal,
                          "create reported success without an instance");
  if (status != SCANHOST_OK) self_ = nullptr;
  return status;
}

scanhost_status Serving::invokeScanner(Function function, std::uint64_t number, Decoder& in,
                                       const scanhost_call* call) {
  CallLink link(daemon_, number);
  if (function == Function::scan) {
    SinkBounds bounds;
    members(in, bounds);
    scanhost_scan_request request{};
    members(in, request);
    if (!in.complete()) return malformed(call);
    const ScanSink sink(link, bounds);
    return table<scanhost_scanner_local>().scan(self_, call, &request, sink.abi());
  }
  const ScannerSink sink(link);
  const auto& scanner = table<scanhost_scanner>();
  const scanhost_status status = function == Function::describe
                                     ? scanner.describe(self_, call, sink.abi())
                                     : scanner.self_test(self_, call, sink.abi());
  return status == SCANHOST_OK ? sink.refusal() : status;
}

scanhost_status Serving::invokeRemote(Function function, std::uint64_t number, Decoder& in,
                                      const scanhost_call* call) {
  CallLink link(daemon_, number);
  const auto& remote = table<scanhost_scanner_remote>();
  if (function == Function::prepare) {
    scanhost_scan_request request{};
    members(in, request);
    const TextSink reference(link, SinkFunction::text);
    return in.complete() ? remote.prepare(self_, call, &request, reference.abi()) : malformed(call);
  }
  StateSink states(link);
  if (function == Function::find) {
    scanhost_text prefix{};
    in.value(prefix);
    if (!in.complete()) return malformed(call);
    return states.end(remote.find(self_, call, prefix, states.abi()));
  }
  if (function == Function::poll) {
    const scanhost_remote_scan* const* scans = nullptr;
    std::uint64_t count = 0;
    in.records(scans, count);
    if (!in.complete()) return malformed(call);
    return states.end(remote.poll(self_, call, scans, count, states.abi()));
  }
  SinkBounds bounds;
  if (function == Function::collect) members(in, bounds);
  scanhost_remote_scan scan{};
  members(in, scan);
  if (!in.complete()) return malformed(call);
  const TextSink run_id(link, SinkFunction::text);
  const ScanSink sink(link, bounds);
  switch (function) {
    case Function::start_scan: return remote.start(self_, call, &scan, run_id.abi());
    case Function::pause: return remote.pause(self_, call, &scan);
    case Function::resume: return remote.resume(self_, call, &scan);
    case Function::stop_scan: return remote.stop(self_, call, &scan);
    case Function::collect: return remote.collect(self_, call, &scan, sink.abi());
    case Function::remove: return remote.remove(self_, call, &scan);
    default: return malformed(call);
  }
}

scanhost_status Serving::invokeExporter(Function function, std::uint64_t number, Decoder& in,
                                        const scanhost_call* call) {
  CallLink link(daemon_, number);
  const auto& exporter = table<scanhost_exporter>();
  const TextSink first(link, SinkFunction::text), second(link, SinkFunction::second_text);
  if (function == Function::flush)
    return exporter.flush ? exporter.flush(self_, call) : SCANHOST_OK;
  if (function == Function::endpoint) return exporter.endpoint(self_, first.abi());
  if (function == Function::events) {
    const scanhost_logged_event* const* events = nullptr;
    std::uint64_t count = 0;
    in.records(events, count);
    return in.complete() ? exporter.events(self_, call, events, count) : malformed(call);
  }
  if (function == Function::spans) {
    const scanhost_span* const* spans = nullptr;
    std::uint64_t count = 0;
    in.records(spans, count);
    return in.complete() ? exporter.spans(self_, call, spans, count) : malformed(call);
  }
  scanhost_text accept{};
  in.value(accept);
  scanhost_metric_snapshot snapshot{};
  members(in, snapshot);
  if (!in.complete()) return malformed(call);
  return exporter.render(self_, call, &snapshot, accept, first.abi(), second.abi());
}

}  // namespace scanhost::runner
