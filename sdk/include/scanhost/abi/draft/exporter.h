// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Exporters: events in batches from a ring that the host owns, metrics as one snapshot. They
/// render; the host mounts. An exporter takes part in one or both by the functions it sets.
#ifndef SCANHOST_ABI_DRAFT_EXPORTER_H
#define SCANHOST_ABI_DRAFT_EXPORTER_H

#include "../plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_EXPORTER_ID "scanhost.exporter/1"
#define SCANHOST_EXPORTER_REVISION 1

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

#define SCANHOST_METRIC_COUNTER 0
#define SCANHOST_METRIC_GAUGE 1
#define SCANHOST_METRIC_HISTOGRAM 2

typedef struct scanhost_metric_bucket {
  double upper_bound;       ///< +infinity for the last
  uint64_t cumulative_count;
} scanhost_metric_bucket;

typedef struct scanhost_metric {
  uint32_t struct_size;
  uint32_t reserved;
  scanhost_pairs labels;
  double value;             ///< counter, gauge
  uint64_t count;           ///< histogram
  double sum;
  const scanhost_metric_bucket* buckets;
  uint64_t bucket_count;
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
} scanhost_exporter;

#ifdef __cplusplus
}
#endif

#endif
