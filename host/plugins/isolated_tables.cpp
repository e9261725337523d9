// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/isolated_tables.h"

#include <scanhost/abi/exporter.h>
#include <scanhost/abi/scanner.h>
#include <scanhost/abi/services.h>
#include <scanhost/text.h>

#include <algorithm>
#include <array>

#include "host/abi/host_call.h"
#include "host/plugins/isolated_instance.h"

namespace scanhost {
namespace {

using runner::Decoder;
using runner::Encoder;
using runner::Function;
using runner::SinkFunction;
using Request = IsolatedInstance::Request;
using Taken = std::optional<scanhost_status>;

constexpr auto endpoint_timeout = std::chrono::seconds(10);

IsolatedInstance& at(void* self) {
  return IsolatedInstance::of(self);
}

// --- what the plugin hands over, given on to the sinks of the call ---

Taken takeText(Decoder& in, const scanhost_text_sink* sink) {
  scanhost_text chunk{};
  in.value(chunk);
  if (!in.complete()) return {};
  return sink->write(sink->context, chunk);
}

IsolatedInstance::SinkTaker textTaker(const scanhost_text_sink* first,
                                      const scanhost_text_sink* second = nullptr) {
  return [first, second](SinkFunction sink, Decoder& in) -> Taken {
    if (sink == SinkFunction::text) return takeText(in, first);
    if (sink == SinkFunction::second_text && second) return takeText(in, second);
    return {};
  };
}

IsolatedInstance::SinkTaker scannerTaker(const scanhost_scanner_sink* sink) {
  return [sink](SinkFunction function, Decoder& in) -> Taken {
    if (function == SinkFunction::description) {
      scanhost_scanner_description description{};
      members(in, description);
      if (!in.complete()) return {};
      sink->description(sink->context, &description);
      return SCANHOST_OK;
    }
    scanhost_scanner_health health{};
    members(in, health);
    if (function != SinkFunction::health || !in.complete()) return {};
    sink->health(sink->context, &health);
    return SCANHOST_OK;
  };
}

template <class Record>
Taken takeRecords(Decoder& in, scanhost_status (*taker)(void*, const Record* const*, std::uint64_t),
                  void* context) {
  const Record* const* records = nullptr;
  std::uint64_t count = 0;
  in.records(records, count);
  if (!in.complete()) return {};
  return taker(context, records, count);
}

Taken takeScan(SinkFunction function, Decoder& in, const scanhost_scan_sink* sink) {
  switch (function) {
    case SinkFunction::findings: return takeRecords(in, sink->findings, sink->context);
    case SinkFunction::hosts: return takeRecords(in, sink->hosts, sink->context);
    case SinkFunction::progress: {
      std::int32_t percent = 0;
      scanhost_text status{};
      in.value(percent);
      in.value(status);
      if (!in.complete()) return {};
      return sink->progress(sink->context, percent, status);
    }
    case SinkFunction::summary: {
      scanhost_scan_summary summary{};
      members(in, summary);
      if (!in.complete()) return {};
      return sink->summary(sink->context, &summary);
    }
    default: return {};
  }
}

IsolatedInstance::SinkTaker scanTaker(const scanhost_scan_sink* sink) {
  return [sink](SinkFunction function, Decoder& in) { return takeScan(function, in, sink); };
}

IsolatedInstance::SinkTaker stateTaker(const scanhost_remote_sink* sink) {
  return [sink](SinkFunction function, Decoder& in) -> Taken {
    const scanhost_remote_state* const* states = nullptr;
    std::uint64_t count = 0;
    in.records(states, count);
    if (function != SinkFunction::states || !in.complete()) return {};
    scanhost_status status = SCANHOST_OK;
    for (std::uint64_t i = 0; i < count && status == SCANHOST_OK; ++i)
      status = sink->state(sink->context, states[i]);
    return status;
  };
}

// --- functions of every interface ---

scanhost_status refuseCreate(const scanhost_host*, const scanhost_call*,
                             const scanhost_create_args*, void**) {
  return SCANHOST_ERROR_UNSUPPORTED;
}

scanhost_status start(void* self, const scanhost_call* call) {
  return at(self).start(call);
}

void stop(void* self, const scanhost_call* call) {
  at(self).invoke(call, {Function::stop}, IsolatedInstance::head(call).view(), {});
}

template <class Table>
constexpr scanhost_interface base(std::uint32_t revision) {
  return {sizeof(Table), revision, &refuseCreate, &start, &stop, &IsolatedInstance::destroy};
}

// --- scanners ---

std::vector<std::string> secretsOf(const scanhost_scan_request& request) {
  std::vector<std::string> secrets;
  if (!request.credential) return secrets;
  const scanhost_pairs& fields = request.credential->fields;
  for (std::uint64_t i = 0; i < fields.count; ++i)
    secrets.push_back(toString(fields.items[i].value));
  return secrets;
}

Request scanRequest(Function function, const scanhost_scan_request& request) {
  return {function, toString(request.task_id), secretsOf(request)};
}

scanhost_status describe(void* self, const scanhost_call* call, const scanhost_scanner_sink* sink) {
  return at(self).invoke(call, {Function::describe}, IsolatedInstance::head(call).view(),
                         scannerTaker(sink));
}

scanhost_status selfTest(void* self, const scanhost_call* call, const scanhost_scanner_sink* sink) {
  return at(self).invoke(call, {Function::self_test}, IsolatedInstance::head(call).view(),
                         scannerTaker(sink));
}

scanhost_status scan(void* self, const scanhost_call* call, const scanhost_scan_request* request,
                     const scanhost_scan_sink* sink) {
  Encoder body = IsolatedInstance::head(call);
  members(body, runner::SinkBounds{sink->max_batch, sink->max_text});
  members(body, *request);
  return at(self).invoke(call, scanRequest(Function::scan, *request), body.view(), scanTaker(sink));
}

scanhost_status prepare(void* self, const scanhost_call* call, const scanhost_scan_request* request,
                        const scanhost_text_sink* reference) {
  Encoder body = IsolatedInstance::head(call);
  members(body, *request);
  return at(self).invoke(call, scanRequest(Function::prepare, *request), body.view(),
                         textTaker(reference));
}

scanhost_status startScan(void* self, const scanhost_call* call, const scanhost_remote_scan* scan,
                          const scanhost_text_sink* run_id) {
  Encoder body = IsolatedInstance::head(call);
  members(body, *scan);
  return at(self).invoke(call, {Function::start_scan, toString(scan->marker)}, body.view(),
                         textTaker(run_id));
}

scanhost_status find(void* self, const scanhost_call* call, scanhost_text marker_prefix,
                     const scanhost_remote_sink* sink) {
  Encoder body = IsolatedInstance::head(call);
  body.value(marker_prefix);
  return at(self).invoke(call, {Function::find, toString(marker_prefix)}, body.view(),
                         stateTaker(sink));
}

scanhost_status poll(void* self, const scanhost_call* call,
                     const scanhost_remote_scan* const* scans, std::uint64_t count,
                     const scanhost_remote_sink* sink) {
  Encoder body = IsolatedInstance::head(call);
  body.records(scans, count);
  return at(self).invoke(call, {Function::poll}, body.view(), stateTaker(sink));
}

template <Function function>
scanhost_status onScan(void* self, const scanhost_call* call, const scanhost_remote_scan* scan) {
  Encoder body = IsolatedInstance::head(call);
  members(body, *scan);
  return at(self).invoke(call, {function, toString(scan->marker)}, body.view(), {});
}

scanhost_status collect(void* self, const scanhost_call* call, const scanhost_remote_scan* scan,
                        const scanhost_scan_sink* sink) {
  Encoder body = IsolatedInstance::head(call);
  members(body, runner::SinkBounds{sink->max_batch, sink->max_text});
  members(body, *scan);
  return at(self).invoke(call, {Function::collect, toString(scan->marker)}, body.view(),
                         scanTaker(sink));
}

constexpr scanhost_scanner_local local_table = {
    {base<scanhost_scanner_local>(SCANHOST_SCANNER_REVISION), &describe, &selfTest}, &scan};

constexpr scanhost_scanner_remote remote_table = {
    {base<scanhost_scanner_remote>(SCANHOST_SCANNER_REVISION), &describe, &selfTest},
    &prepare,
    &startScan,
    &find,
    &poll,
    &onScan<Function::pause>,
    &onScan<Function::resume>,
    &onScan<Function::stop_scan>,
    &collect,
    &onScan<Function::remove>};

// --- exporters ---

scanhost_status events(void* self, const scanhost_call* call,
                       const scanhost_logged_event* const* events, std::uint64_t count) {
  Encoder body = IsolatedInstance::head(call);
  body.records(events, count);
  return at(self).invoke(call, {Function::events}, body.view(), {});
}

scanhost_status flush(void* self, const scanhost_call* call) {
  return at(self).invoke(call, {Function::flush}, IsolatedInstance::head(call).view(), {});
}

scanhost_status spans(void* self, const scanhost_call* call, const scanhost_span* const* spans,
                      std::uint64_t count) {
  Encoder body = IsolatedInstance::head(call);
  body.records(spans, count);
  return at(self).invoke(call, {Function::spans}, body.view(), {});
}

scanhost_status endpoint(void* self, const scanhost_text_sink* path) {
  const HostCall call({.timeout = endpoint_timeout});
  return at(self).invoke(call.abi(), {Function::endpoint},
                         IsolatedInstance::head(call.abi()).view(), textTaker(path));
}

scanhost_status render(void* self, const scanhost_call* call,
                       const scanhost_metric_snapshot* snapshot, scanhost_text accept,
                       const scanhost_text_sink* content_type, const scanhost_text_sink* document) {
  Encoder body = IsolatedInstance::head(call);
  body.value(accept);
  members(body, *snapshot);
  return at(self).invoke(call, {Function::render}, body.view(), textTaker(content_type, document));
}

constexpr scanhost_exporter exporterTable(std::uint32_t abilities) {
  scanhost_exporter table{base<scanhost_exporter>(SCANHOST_EXPORTER_REVISION),
                          nullptr,
                          &flush,
                          nullptr,
                          nullptr,
                          nullptr};
  if ((abilities & runner::takes_events) != 0) table.events = &events;
  if ((abilities & runner::takes_spans) != 0) table.spans = &spans;
  if ((abilities & runner::renders_metrics) != 0) {
    table.endpoint = &endpoint;
    table.render = &render;
  }
  return table;
}

constexpr scanhost_exporter exporter_tables[] = {
    exporterTable(0), exporterTable(1), exporterTable(2), exporterTable(3),
    exporterTable(4), exporterTable(5), exporterTable(6), exporterTable(7)};

}  // namespace

const scanhost_interface* findIsolatedTable(std::string_view interface_id,
                                            std::uint32_t abilities) {
  if (interface_id == SCANHOST_SCANNER_LOCAL_ID) return &local_table.scanner.base;
  if (interface_id == SCANHOST_SCANNER_REMOTE_ID) return &remote_table.scanner.base;
  if (interface_id == SCANHOST_EXPORTER_ID) return &exporter_tables[abilities & 7].base;
  return nullptr;
}

bool runnerOffers(std::string_view service_id) {
  constexpr std::array<std::string_view, 3> offered = {SCANHOST_CLOCK_ID, SCANHOST_METRICS_ID,
                                                       SCANHOST_PROCESS_ID};
  return std::find(offered.begin(), offered.end(), service_id) != offered.end();
}

}  // namespace scanhost
