// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The tables of results.db.
///
/// A finding lies in two rows: `findings` holds what is short and often asked for, `texts` the
/// long rest, so that a filter over a large scan reads little. Lists are JSON arrays, absent texts
/// '', absent numbers NULL. A generation that is `gone` is being removed: nobody sees it any more.
///
/// `sightings` says for each fingerprint how many sealed findings carry it, and over which times;
/// `generations.sighted` is the last finding of a generation that it counts.
#pragma once

namespace scanhost::results_sqlite {

constexpr int application_id = 0x53635231;  // "ScR1"
constexpr int schema_version = 1;

constexpr const char* schema = R"sql(
CREATE TABLE health (checks INTEGER NOT NULL) STRICT;
INSERT INTO health VALUES (0);

CREATE TABLE generations (
  gen INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  task_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  token BLOB NOT NULL,
  created_us INTEGER NOT NULL,
  sealed INTEGER NOT NULL DEFAULT 0,
  gone INTEGER NOT NULL DEFAULT 0,
  sighted INTEGER NOT NULL DEFAULT 0,
  summary TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX generations_of_task ON generations (task_id, epoch);
CREATE INDEX generations_opened ON generations (created_us);
CREATE INDEX generations_gone ON generations (gen) WHERE gone;

CREATE TABLE findings (
  id INTEGER PRIMARY KEY,
  gen INTEGER NOT NULL,
  severity INTEGER NOT NULL,
  exploit_available INTEGER,
  host TEXT NOT NULL,
  port TEXT NOT NULL,
  port_number INTEGER,
  protocol TEXT NOT NULL,
  service TEXT NOT NULL,
  plugin_id TEXT NOT NULL,
  plugin_name TEXT NOT NULL,
  plugin_family TEXT NOT NULL,
  check_key TEXT NOT NULL,
  cvss_base_score REAL,
  cvss_temporal_score REAL,
  cvss3_base_score REAL,
  cvss3_temporal_score REAL,
  cvss4_base_score REAL,
  vpr_score REAL,
  epss_score REAL,
  cve TEXT NOT NULL,
  cwe TEXT NOT NULL,
  xref TEXT NOT NULL,
  scanner_family TEXT NOT NULL,
  fingerprint TEXT NOT NULL
) STRICT;
CREATE INDEX findings_of ON findings (gen);
CREATE INDEX findings_by_severity ON findings (gen, severity DESC);

CREATE TABLE texts (
  id INTEGER PRIMARY KEY,
  risk_factor TEXT NOT NULL,
  cvss_vector TEXT NOT NULL,
  cvss3_vector TEXT NOT NULL,
  cvss4_vector TEXT NOT NULL,
  plugin_publication_date TEXT NOT NULL,
  plugin_modification_date TEXT NOT NULL,
  vuln_publication_date TEXT NOT NULL,
  patch_publication_date TEXT NOT NULL,
  truncated TEXT NOT NULL,
  synopsis TEXT NOT NULL,
  solution TEXT NOT NULL,
  see_also TEXT NOT NULL,
  description TEXT NOT NULL,
  plugin_output TEXT NOT NULL,
  extra TEXT NOT NULL
) STRICT;

CREATE TABLE sightings (
  fingerprint TEXT PRIMARY KEY,
  n INTEGER NOT NULL,
  first_us INTEGER NOT NULL,
  last_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace scanhost::results_sqlite
