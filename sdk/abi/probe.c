/* SPDX-FileCopyrightText: scanhost contributors
 * SPDX-License-Identifier: Apache-2.0 */

/// What abidw looks at: a function for each struct from which all others of the stable interfaces
/// are reached. Built by scripts/check-abi, for nothing else.
#include "stable.h"

#define PROBE(type) \
  void probe_##type(const type* value) { (void)value; }

PROBE(scanhost_plugin)
PROBE(scanhost_host)
PROBE(scanhost_service)
PROBE(scanhost_create_args)
PROBE(scanhost_text_sink)
PROBE(scanhost_bytes)
PROBE(scanhost_texts)
PROBE(scanhost_pairs)
PROBE(scanhost_scanner_local)
PROBE(scanhost_scanner_remote)
PROBE(scanhost_finding_sink)
PROBE(scanhost_queue)
PROBE(scanhost_clock)
PROBE(scanhost_metrics)
PROBE(scanhost_process)
PROBE(scanhost_http)
PROBE(scanhost_http_route)
PROBE(scanhost_http_request)
PROBE(scanhost_http_response)
PROBE(scanhost_operations)
PROBE(scanhost_host_operations)
PROBE(scanhost_transport)
PROBE(scanhost_exporter)
PROBE(scanhost_logged_event)
PROBE(scanhost_span)
PROBE(scanhost_metric_snapshot)
