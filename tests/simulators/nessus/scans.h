// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The scans a server holds, with their runs: the part of the simulator that has a memory.
///
/// Knows nothing of HTTP but the status and text with which it refuses. Used under the
/// simulator's lock; time comes from the caller.
#pragma once

#include <scanhost/json.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "host/base/time.h"
#include "tests/simulators/nessus/file_report.h"
#include "tests/simulators/nessus/generated_report.h"
#include "tests/simulators/nessus/run.h"

namespace scanhost::simulator {

/// Why a call is refused: the HTTP status and the text of its {"error":...}.
struct Refusal {
  int status = 400;
  std::string text;
};

template <class T>
using Answer = tl::expected<T, Refusal>;

inline tl::unexpected<Refusal> refuse(int status, std::string text) {
  return tl::unexpected<Refusal>(Refusal{status, std::move(text)});
}

struct Scan {
  std::int64_t id = 0;
  std::string uuid;
  std::string template_uuid;
  std::string template_name;
  std::string name;
  std::string description;
  std::string targets;
  std::int64_t folder_id = 3;
  std::int64_t scanner_id = 1;
  std::optional<std::int64_t> policy_id;
  std::string start_time;
  std::string repeat_rules;
  std::string time_zone;
  bool scheduled = false;        ///< has a time to start by itself, which the simulator ignores
  bool schedule_enabled = true;  ///< off: the scan cannot be launched
  bool read = false;
  std::vector<Login> logins;  ///< without secrets
  Timestamp created;
  Timestamp configured;
  std::vector<Run> runs;  ///< oldest first

  const Run* lastRun() const { return runs.empty() ? nullptr : &runs.back(); }
  Run* lastRun() { return runs.empty() ? nullptr : &runs.back(); }
  const Run* findRun(std::int64_t history_id) const;
  bool active() const { return !runs.empty() && runs.back().active(); }
  /// "empty" before the first launch, later the phase of the last run.
  const char* status() const { return runs.empty() ? "empty" : phaseName(runs.back().phase()); }
  /// Zero before the first launch, as the listing shows it.
  Timestamp lastChange() const;
};

/// What POST /scans and PUT /scans/{id} carry, already checked against templates and policies.
struct ScanSettings {
  std::optional<std::string> template_uuid;
  std::optional<std::string> template_name;
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<std::string> targets;
  std::optional<std::int64_t> folder_id;
  std::optional<std::int64_t> scanner_id;
  std::optional<std::int64_t> policy_id;
  std::optional<std::string> start_time;
  std::optional<std::string> repeat_rules;
  std::optional<std::string> time_zone;
  std::optional<bool> enabled;
  std::optional<std::vector<Login>> logins;

  /// From the body of a request; numbers, text and booleans may stand for one another.
  static ScanSettings read(const Json& body);
};

class Scans {
 public:
  struct Options {
    std::uint64_t seed = 1;
    Pace pace;
  };

  Scans(Options options, ReportLibrary reports) : options_(options), reports_(std::move(reports)) {}

  Answer<Scan*> create(const ScanSettings& settings, Timestamp now);
  Answer<Scan*> configure(std::int64_t id, const ScanSettings& settings, Timestamp now);
  Answer<Scan*> copy(std::int64_t id, Timestamp now);
  /// Starts a run and answers its uuid. `targets` replaces those of the scan for this run.
  Answer<std::string> launch(std::int64_t id, const std::optional<std::string>& targets,
                             Timestamp now);
  /// `change` is one of Run's changes of phase, applied to the last run.
  Answer<Scan*> control(std::int64_t id, bool (Run::*change)(Timestamp), Timestamp now);
  /// A scan that runs cannot be removed.
  Answer<Scan> remove(std::int64_t id, Timestamp now);
  Answer<Scan*> removeRun(std::int64_t id, std::int64_t history_id, Timestamp now);
  /// Makes the scan disappear whatever it does, as if someone had deleted it in the product.
  bool vanish(std::int64_t id);
  void vanishAll() { scans_.clear(); }

  /// The scan with its phases up to date.
  Answer<Scan*> find(std::int64_t id, Timestamp now);
  /// All of them, up to date, in order of creation.
  std::vector<Scan>& all(Timestamp now);

  /// Identifiers are drawn from one row, as the product does, for policies too.
  std::int64_t nextId() { return next_id_++; }

 private:
  std::shared_ptr<const Report> makeReport(const Scan& scan, const std::string& targets,
                                           Timestamp now) const;

  Options options_;
  ReportLibrary reports_;
  std::vector<Scan> scans_;
  std::int64_t next_id_ = 5;
};

/// Any scalar as the text a form field would hold; nothing for null, lists and objects.
std::optional<std::string> textOf(const Json& value);
/// A number given as number or text.
std::optional<std::int64_t> numberOf(const Json& value);
/// true, 1, "true", "yes", "1", "on".
bool truthOf(const Json& value);

}  // namespace scanhost::simulator
