// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Exporters: what they render, and how they take events.
#include <scanhost/abi/exporter.h>
#include <scanhost/text.h>

#include <iterator>

#include "tests/conformance/check_case.h"
#include "tests/conformance/subject.h"

namespace scanhost::conformance {
namespace {

constexpr std::size_t most_document_bytes = 64u << 20;

/// An exporter at work.
struct Working {
  explicit Working(Subject& subject)
      : host({}, subject.programs), instance(subject, host, SCANHOST_EXPORTER_ID) {
    instance.work();
  }
  const scanhost_exporter& table() const { return instance.table<scanhost_exporter>(); }

  CheckHost host;
  Instance instance;
};

void servesAPath(Subject& subject) {
  Working exporter(subject);
  if (!exporter.table().endpoint) throw Skipped("it renders no metrics");
  if (!exporter.table().render)
    throw Breach("it has an endpoint and no render", "both, or neither", "set render too");
  TextBuffer path(4096);
  const scanhost_status status = exporter.table().endpoint(exporter.instance.self(), path.sink());
  const std::string text = path.take();
  if (status != SCANHOST_OK || text.empty() || text[0] != '/')
    throw Breach("endpoint answered " + className(status) + " and wrote \"" + text + "\"",
                 "a path that begins with '/'", "write such a path as /metrics");
}

/// What came first, the media type or the document.
struct Document {
  std::string type, body;
  bool body_first = false;
  scanhost_text_sink type_sink{sizeof type_sink, 0, this, [](void* context, scanhost_text text) {
                                 auto& self = *static_cast<Document*>(context);
                                 self.type += toView(text);
                                 return SCANHOST_OK;
                               }};
  scanhost_text_sink body_sink{
      sizeof body_sink, 0, this, [](void* context, scanhost_text text) -> scanhost_status {
        auto& self = *static_cast<Document*>(context);
        if (self.type.empty()) self.body_first = true;
        self.body += toView(text);
        return self.body.size() > most_document_bytes ? SCANHOST_ERROR_UNSUPPORTED : SCANHOST_OK;
      }};
};

/// A snapshot with one family of each type, labels that need escaping, and values at the edges.
struct Snapshot {
  Snapshot() {
    metric = {sizeof metric, 0, {labels, 2}, 1.5, 0, 0, nullptr, 0, nullptr, 0};
    histogram = {sizeof histogram, 0, {nullptr, 0}, 0, 3, 4.5, buckets, 2, exemplars, 2};
    for (int type = 0; type < 2; ++type)
      families[type] = {sizeof families[type],
                        type,
                        toText(type == 0 ? "scanhost_checked_total" : "scanhost_checked"),
                        toText("back\\slash \"quote\"\nnewline"),
                        metrics,
                        1};
    families[2] = {sizeof families[2],
                   SCANHOST_METRIC_HISTOGRAM,
                   toText("scanhost_seconds"),
                   toText(""),
                   histograms,
                   1};
    abi = {sizeof abi, 0, all, 3};
  }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  const scanhost_pair labels[2] = {{toText("pool"), toText("a\\b\"c\nd")},
                                   {toText("name"), toText("\xC3\xA4")}};
  const scanhost_metric_bucket buckets[2] = {{0.1, 1}, {__builtin_inf(), 3}};
  const scanhost_exemplar exemplars[2] = {{0.05, 1, {1}, {}}, {7, 2, {2}, {3}}};
  scanhost_metric metric{}, histogram{};
  const scanhost_metric* const metrics[1] = {&metric};
  const scanhost_metric* const histograms[1] = {&histogram};
  scanhost_metric_family families[3] = {};
  const scanhost_metric_family* const all[3] = {&families[0], &families[1], &families[2]};
  scanhost_metric_snapshot abi{};
};

void rendersADocument(Subject& subject) {
  Working exporter(subject);
  if (!exporter.table().render) throw Skipped("it renders no metrics");
  const Snapshot snapshot;
  for (const std::string accept :
       {"", "*/*", "text/plain", "application/openmetrics-text;version=1.0.0", "image/png;q=0.1",
        ";;q=,,\xFF"}) {
    Document document;
    const Outcome outcome = exporter.instance.call("render", [&](const scanhost_call* call) {
      const GuardedMemory header(accept);
      return exporter.table().render(exporter.instance.self(), call, &snapshot.abi, header.text(),
                                     &document.type_sink, &document.body_sink);
    });
    mustDo(outcome, "render something for every Accept header");
    if (document.type.find('/') == std::string::npos || document.body.empty() ||
        document.body_first)
      throw Breach("for Accept: " + accept + " it wrote the media type \"" + document.type +
                       "\" and " + std::to_string(document.body.size()) + " bytes" +
                       (document.body_first ? ", the document first" : ""),
                   "first a media type, then the document", "write content_type before body");
  }
}

void returnsARefusalOfTheReader(Subject& subject) {
  Working exporter(subject);
  if (!exporter.table().render) throw Skipped("it renders no metrics");
  const Snapshot snapshot;
  Document document;
  document.body_sink.write = [](void*, scanhost_text) -> scanhost_status {
    return SCANHOST_ERROR_BUSY;
  };
  const Outcome outcome = exporter.instance.call("render", [&](const scanhost_call* call) {
    return exporter.table().render(exporter.instance.self(), call, &snapshot.abi, toText("*/*"),
                                   &document.type_sink, &document.body_sink);
  });
  if (outcome.status != SCANHOST_ERROR_BUSY)
    throw Breach("its reader answered busy, and " + outcome.text(), "busy",
                 "return the sink's answer as it is");
}

/// A batch of events, some of which no exporter expects.
class Events {
 public:
  explicit Events(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      lines_.push_back(R"({"event": "checked", "number": )" + std::to_string(i) + R"(, "text": ")" +
                       std::string(i % 50 == 7 ? 100'000 : 10, 'x') + "\"}");
    records_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      records_[i].struct_size = sizeof records_[i];
      records_[i].level = static_cast<std::int32_t>(i % 4);
      records_[i].time_us = static_cast<std::int64_t>(i);
      records_[i].component = toText("checker");
      records_[i].event = toText("checked");
      records_[i].line = toText(lines_[i]);
      pointers_.push_back(&records_[i]);
    }
  }
  const scanhost_logged_event* const* data() const { return pointers_.data(); }
  std::size_t size() const { return pointers_.size(); }

 private:
  std::vector<std::string> lines_;
  std::vector<scanhost_logged_event> records_;
  std::vector<const scanhost_logged_event*> pointers_;
};

void takesEvents(Subject& subject) {
  Working exporter(subject);
  if (!exporter.table().events) throw Skipped("it takes no events");
  const std::size_t told = exporter.host.transcript().events().size();
  for (const std::size_t count : {0u, 1u, 200u}) {
    const Events events(count);
    mustDo(exporter.instance.call("events",
                                  [&](const scanhost_call* call) {
                                    return exporter.table().events(exporter.instance.self(), call,
                                                                   events.data(), events.size());
                                  }),
           "write every batch, or say why not with the settings given");
  }
  if (exporter.host.transcript().events().size() > told)
    throw Breach(
        "it logged " + exporter.host.transcript().events().back() + " while it wrote events",
        "nothing is logged there: it would be an event, too",
        "answer an error instead; the host counts and tells it");
}

/// A batch of spans, some of which no exporter expects.
class Spans {
 public:
  explicit Spans(std::size_t count) : records_(count) {
    for (std::size_t i = 0; i < count; ++i) {
      scanhost_span& span = records_[i];
      span.struct_size = sizeof span;
      span.kind = static_cast<std::int32_t>(i % 7);
      span.trace.trace_id[0] = 1;
      span.trace.span_id[0] = static_cast<std::uint8_t>(i + 1);
      span.trace.flags = static_cast<std::uint8_t>(i);
      span.start_us = static_cast<std::int64_t>(i);
      span.end_us = static_cast<std::int64_t>(2 * i);
      span.name = toText("scanner.checked");
      span.failed = static_cast<std::int32_t>(i % 2);
      span.message = toText("a \"quoted\" reason\n\xFF");
      span.attributes = toText(attributes[i % std::size(attributes)]);
      pointers_.push_back(&span);
    }
  }
  const scanhost_span* const* data() const { return pointers_.data(); }
  std::size_t size() const { return pointers_.size(); }

 private:
  static constexpr const char* attributes[] = {
      "", "{}", R"({"text":"\u0000","number":0.5,"truth":true,"nothing":null})"};

  std::vector<scanhost_span> records_;
  std::vector<const scanhost_span*> pointers_;
};

/// What takes them on the other side need not be there now; that must be said.
void takesSpans(Subject& subject) {
  Working exporter(subject);
  if (!exporter.table().spans) throw Skipped("it takes no spans");
  for (const std::size_t count : {0u, 1u, 200u}) {
    const Spans spans(count);
    const Outcome outcome = exporter.instance.call("spans", [&](const scanhost_call* call) {
      return exporter.table().spans(exporter.instance.self(), call, spans.data(), spans.size());
    });
    if (!outcome.ok() && (!outcome.error || outcome.error->message.empty()))
      throw Breach(outcome.text(), "success, or an error that says why",
                   "call->fail with a message before answering its class");
  }
}

void comesBackFromACancelledBatch(Subject& subject) {
  Working exporter(subject);
  const scanhost_exporter& table = exporter.table();
  if (!table.events && !table.spans) throw Skipped("it takes neither events nor spans");
  const auto cancelled = [&](const std::string& function, auto call_it) {
    subject.step(function + ", cancelled before they began");
    CheckCall call(exporter.host.transcript());
    call.cancel();
    const Outcome outcome = call.outcome(call_it(call.abi()), function);
    if (outcome.took > std::chrono::seconds(2))
      throw Breach(function + " came back over 2 s after it was cancelled",
                   "an answer within a second", "look at is_cancelled between writes");
  };
  void* const self = exporter.instance.self();
  const Events events(200);
  const Spans spans(200);
  if (table.events)
    cancelled("events", [&](const scanhost_call* call) {
      return table.events(self, call, events.data(), events.size());
    });
  if (table.spans)
    cancelled("spans", [&](const scanhost_call* call) {
      return table.spans(self, call, spans.data(), spans.size());
    });
}

}  // namespace

std::vector<Case> exporterCases() {
  const std::vector<std::string> exporter = {SCANHOST_EXPORTER_ID};
  return {
      {"exporter.endpoint", "Its endpoint is a path.", {"SH-P-65"}, servesAPath, exporter},
      {"exporter.render",
       "It renders a media type and a document for every Accept header.",
       {"SH-P-66"},
       rendersADocument,
       exporter},
      {"exporter.refused",
       "What the reader of its document refuses comes back as it is.",
       {"SH-P-05"},
       returnsARefusalOfTheReader,
       exporter},
      {"exporter.events",
       "It takes batches of any size, and logs nothing meanwhile.",
       {"SH-P-64"},
       takesEvents,
       exporter},
      {"exporter.spans",
       "It takes batches of spans of any size, or says why not.",
       {"SH-P-108"},
       takesSpans,
       exporter},
      {"exporter.cancelled",
       "A batch that is cancelled comes back at once.",
       {"SH-P-14"},
       comesBackFromACancelledBatch,
       exporter},
  };
}

}  // namespace scanhost::conformance
