// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One finding, as scanners give it and result stores keep it.
///
/// Meanings and names are those of docs/reference/findings.md. An absent text is empty, an absent
/// score NaN. Records cross as arrays of pointers, since a record may grow.
#ifndef SCANHOST_ABI_FINDING_H
#define SCANHOST_ABI_FINDING_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_SEVERITY_INFO 0
#define SCANHOST_SEVERITY_LOW 1
#define SCANHOST_SEVERITY_MEDIUM 2
#define SCANHOST_SEVERITY_HIGH 3
#define SCANHOST_SEVERITY_CRITICAL 4

typedef struct scanhost_finding {
  uint32_t struct_size;
  int32_t severity;           ///< SCANHOST_SEVERITY_*
  int32_t exploit_available;  ///< 1 yes, 0 no, -1 not said
  uint32_t reserved;          ///< zero

  scanhost_text host;      ///< as the scanner names it: address or name
  scanhost_text port;      ///< decimal; "0" is the host itself
  scanhost_text protocol;  ///< "tcp", "udp", "icmp", ...
  scanhost_text service;

  scanhost_text check_id;    ///< plugin_id: the check's stable identity within the scanner family
  scanhost_text check_name;  ///< plugin_name
  scanhost_text family;      ///< plugin_family
  /// What tells apart two findings of one check at one port (a compliance item's id, a path); part
  /// of the fingerprint, so it must stay the same from scan to scan.
  scanhost_text check_key;

  double cvss_base_score, cvss_temporal_score;
  double cvss3_base_score, cvss3_temporal_score;
  double cvss4_base_score;
  double vpr_score, epss_score;
  scanhost_text cvss_vector, cvss3_vector, cvss4_vector;
  scanhost_text risk_factor;

  scanhost_texts cve, cwe, xref;

  scanhost_text synopsis, description, solution, see_also, output;

  scanhost_text plugin_publication_date, plugin_modification_date;
  scanhost_text vuln_publication_date, patch_publication_date;

  /// Everything else the scanner said; a name may repeat.
  scanhost_pairs extra;
  /// Names of texts that were cut to the sink's `max_text`.
  scanhost_texts truncated;

  /// Set by the host, read by result stores; scanners leave them empty and zero.
  scanhost_text scanner_family;
  scanhost_text fingerprint;
  int64_t first_seen_us, last_seen_us;  ///< over all stored scans; microseconds UTC, 0 unknown
} scanhost_finding;

/// Takes findings. The records are borrowed for the call.
typedef struct scanhost_finding_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  scanhost_status (*findings)(void* context, const scanhost_finding* const* records, uint64_t count);
} scanhost_finding_sink;

#ifdef __cplusplus
}
#endif

#endif
