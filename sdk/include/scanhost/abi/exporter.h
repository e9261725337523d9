// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Exporters: events and spans in batches from rings that the host owns, metrics as one snapshot.
/// They render; the host mounts. An exporter takes part in each by the functions it sets.
#ifndef SCANHOST_ABI_EXPORTER_H
#define SCANHOST_ABI_EXPORTER_H

#include "call.h"
#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_EXPORTER_ID "scanhost.exporter/1"
#define SCANHOST_EXPORTER_REVISION 0

/// An event of the host or a plugin, in order of happening.
typedef struct scanhost_logged_event {
  uint32_t struct_size;
  int32_t level;            ///< SCANHOST_LEVEL_*
  int64_t time_us;          ///< microseconds UTC
  scanhost_text component;
  scanhost_text event;
  scanhost_text trace_id;   ///< UUID form; empty when none
  scanhost_text line;       ///< the whole event as one JSON object in one line, without a newline
} scanhost_logged_event;

/// As in the OpenTelemetry protocol.
#define SCANHOST_SPAN_INTERNAL 1
#define SCANHOST_SPAN_SERVER 2
#define SCANHOST_SPAN_CLIENT 3
#define SCANHOST_SPAN_PRODUCER 4
#define SCANHOST_SPAN_CONSUMER 5

/// A piece of work that has ended, within a trace (W3C Trace Context).
typedef struct scanhost_span {
  uint32_t struct_size;
  int32_t kind;             ///< SCANHOST_SPAN_*
  scanhost_trace trace;     ///< the trace, and this span's own id
  uint8_t parent_id[8];     ///< all zero: the first of its trace
  int64_t start_us, end_us; ///< microseconds UTC
  scanhost_text name;       ///< one of a bounded set: no id and no target is in it
  int32_t failed;           ///< 1 when what it stands for failed, else 0
  uint32_t reserved;
  scanhost_text message;    ///< why it failed; else empty
  scanhost_text attributes; ///< one JSON object of texts, numbers and booleans, or empty
} scanhost_span;

#define SCANHOST_METRIC_COUNTER 0
#define SCANHOST_METRIC_GAUGE 1
#define SCANHOST_METRIC_HISTOGRAM 2

typedef struct scanhost_metric_bucket {
  double upper_bound;       ///< +infinity for the last
  uint64_t cumulative_count;
} scanhost_metric_bucket;

/// A measured value whose trace can be looked at.
typedef struct scanhost_exemplar {
  double value;
  int64_t time_us;          ///< microseconds UTC
  uint8_t trace_id[16];
  uint8_t span_id[8];       ///< all zero when not known
} scanhost_exemplar;

typedef struct scanhost_metric {
  uint32_t struct_size;
  uint32_t reserved;
  scanhost_pairs labels;
  double value;             ///< counter, gauge
  uint64_t count;           ///< histogram
  double sum;
  const scanhost_metric_bucket* buckets;
  uint64_t bucket_count;
  const scanhost_exemplar* exemplars; ///< of a histogram: at most one for each bucket, ascending
  uint64_t exemplar_count;
} scanhost_metric;

typedef struct scanhost_metric_family {
  uint32_t struct_size;
  int32_t type;             ///< SCANHOST_METRIC_*
  scanhost_text name, help;
  const scanhost_metric* const* metrics;
  uint64_t metric_count;
} scanhost_metric_family;

/// Everything at one moment; families by name, metrics by labels, both in a stable order.
typedef struct scanhost_metric_snapshot {
  uint32_t struct_size;
  uint32_t reserved;
  const scanhost_metric_family* const* families;
  uint64_t family_count;
} scanhost_metric_snapshot;

typedef struct scanhost_exporter {
  scanhost_interface base;

  /// Takes a batch of events and returns when they are written, or with an error when they are not:
  /// the host then offers the same batch again after a while and, should its ring overflow, counts
  /// what it dropped. Null: this exporter wants no events. [serial]
  scanhost_status (*events)(void* self, const scanhost_call* call,
                            const scanhost_logged_event* const* events, uint64_t count);
  /// Writes out what is buffered. May be null. [serial]
  scanhost_status (*flush)(void* self, const scanhost_call* call);

  /// Writes the path at which the host shall serve `render`, beginning with '/'. Null: none. [any]
  scanhost_status (*endpoint)(void* self, const scanhost_text_sink* path);
  /// Renders a snapshot in the best form that `accept` (an HTTP Accept header, RFC 9110 12.5.1)
  /// allows: first the media type to `content_type`, then the document to `body`. [worker]
  scanhost_status (*render)(void* self, const scanhost_call* call,
                            const scanhost_metric_snapshot* snapshot, scanhost_text accept,
                            const scanhost_text_sink* content_type,
                            const scanhost_text_sink* body);

  /// Takes a batch of ended spans, as `events` does events: after an error the host offers the
  /// same batch again. Null: this exporter wants no spans. [serial]
  scanhost_status (*spans)(void* self, const scanhost_call* call,
                           const scanhost_span* const* spans, uint64_t count);
} scanhost_exporter;

SCANHOST_ABI_ASSERT(sizeof(scanhost_logged_event) == 80, "it grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_span) == 120, "scanhost_span grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_metric_bucket) == 16, "scanhost_metric_bucket is frozen");
SCANHOST_ABI_ASSERT(sizeof(scanhost_exemplar) == 40, "scanhost_exemplar is frozen");
SCANHOST_ABI_ASSERT(sizeof(scanhost_metric) == 80, "scanhost_metric grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_metric_family) == 56, "it grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_metric_snapshot) == 24, "it grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_exporter) == 80, "scanhost_exporter grows at its end only");


#ifdef __cplusplus
}
#endif

#endif
