// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What each struct that crosses to a runner and back consists of, for Encoder and Decoder alike.
/// A field appended to a struct of the ABI is appended here, and `protocol` is raised.
#pragma once

#include <scanhost/abi/call.h>
#include <scanhost/abi/exporter.h>
#include <scanhost/abi/scanner.h>

#include "host/runner/wire.h"

namespace scanhost::runner {

template <class Codec, class... Values>
void values(Codec& codec, Values&... all) {
  (codec.value(all), ...);
}

template <class Codec>
void members(Codec& codec, Described<Codec, scanhost_finding>& finding) {
  codec.structSize(finding);
  values(codec, finding.severity, finding.exploit_available, finding.host, finding.port,
         finding.protocol, finding.service, finding.check_id, finding.check_name, finding.family,
         finding.check_key, finding.cvss_base_score, finding.cvss_temporal_score,
         finding.cvss3_base_score, finding.cvss3_temporal_score, finding.cvss4_base_score,
         finding.vpr_score, finding.epss_score, finding.cvss_vector, finding.cvss3_vector,
         finding.cvss4_vector, finding.risk_factor, finding.cve, finding.cwe, finding.xref,
         finding.synopsis, finding.description, finding.solution, finding.see_also, finding.output,
         finding.plugin_publication_date, finding.plugin_modification_date,
         finding.vuln_publication_date, finding.patch_publication_date, finding.extra,
         finding.truncated);
}

template <class Codec>
void members(Codec& codec, Described<Codec, scanhost_host_report>& report) {
  codec.structSize(report);
  values(codec, report.state, report.host, report.login, report.facts);
}

template <class Codec>
void members(Codec& codec, Described<Codec, scanhost_scan_summary>& summary) {
  codec.structSize(summary);
  values(codec, summary.complete, summary.reason, summary.hosts_answered, summary.hosts_silent,
         summary.report_bytes, summary.login_findings);
}

template <class Codec>
void members(Codec& codec, Described<Codec, scanhost_scanner_description>& description) {
  codec.structSize(description);
  values(codec, description.capabilities, description.family, description.url);
}

template <class Codec>
void members(Codec& codec, Described<Codec, scanhost_scanner_health>& health) {
  codec.structSize(health);
  values(codec, health.state, health.reason, health.version, health.active_scans);
}

template <class Codec>
void members(Codec& codec, Described<Codec, scanhost_target>& target) {
  codec.structSize(target);
  values(codec, target.given, target.addresses, target.is_name);
}

template <class Codec>
void members(Codec& codec, Described<Codec, scanhost_credential>& credential) {
  codec.structSize(credential);
  values(codec, credential.kind, credential.fields);
}

template <class Codec>
void members(Codec& codec, Described<Codec, scanhost_scan_request>& request) {
  codec.structSize(request);
  values(codec, request.attempt, request.launch, request.task_id, request.marker, request.name,
         request.description, request.scan_type, request.settings);
  codec.records(request.targets, request.target_count);
  codec.optional(request.credential);
}

template <class Codec>
void members(Codec& codec, Described<Codec, scanhost_remote_scan>& scan) {
  codec.structSize(scan);
  values(codec, scan.reference, scan.run_id, scan.marker);
}

template <class Codec>
void members(Codec& codec, Described<Codec, scanhost_remote_state>& state) {
  codec.structSize(state);
  values(codec, state.state, state.reference, state.run_id, state.marker, state.status,
         state.percent, state.next_poll_ns, state.name);
}

template <class Codec>
void members(Codec& codec, Described<Codec, scanhost_logged_event>& event) {
  codec.structSize(event);
  values(codec, event.level, event.time_us, event.component, event.event, event.trace_id,
         event.line);
}

template <class Codec>
void members(Codec& codec, Described<Codec, scanhost_trace>& trace) {
  for (auto& byte : trace.trace_id) codec.value(byte);
  for (auto& byte : trace.span_id) codec.value(byte);
  codec.value(trace.flags);
}

template <class Codec>
void members(Codec& codec, Described<Codec, scanhost_span>& span) {
  codec.structSize(span);
  codec.value(span.kind);
  members(codec, span.trace);
  for (auto& byte : span.parent_id) codec.value(byte);
  values(codec, span.start_us, span.end_us, span.name, span.failed, span.message, span.attributes);
}

template <class Codec>
void members(Codec& codec, Described<Codec, scanhost_metric_bucket>& bucket) {
  values(codec, bucket.upper_bound, bucket.cumulative_count);
}

template <class Codec>
void members(Codec& codec, Described<Codec, scanhost_exemplar>& exemplar) {
  values(codec, exemplar.value, exemplar.time_us);
  for (auto& byte : exemplar.trace_id) codec.value(byte);
  for (auto& byte : exemplar.span_id) codec.value(byte);
}

template <class Codec>
void members(Codec& codec, Described<Codec, scanhost_metric>& metric) {
  codec.structSize(metric);
  values(codec, metric.labels, metric.value, metric.count, metric.sum);
  codec.array(metric.buckets, metric.bucket_count);
  codec.array(metric.exemplars, metric.exemplar_count);
}

template <class Codec>
void members(Codec& codec, Described<Codec, scanhost_metric_family>& family) {
  codec.structSize(family);
  values(codec, family.type, family.name, family.help);
  codec.records(family.metrics, family.metric_count);
}

template <class Codec>
void members(Codec& codec, Described<Codec, scanhost_metric_snapshot>& snapshot) {
  codec.structSize(snapshot);
  codec.records(snapshot.families, snapshot.family_count);
}

}  // namespace scanhost::runner
