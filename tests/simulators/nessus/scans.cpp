// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/scans.h"

#include <algorithm>
#include <charconv>

#include "host/base/random.h"
#include "tests/simulators/nessus/targets.h"

namespace scanhost::simulator {
namespace {

/// Four dashes and a tail of 28 digits, as the product makes them.
std::string productUuid() {
  return randomUuid() + toHex(randomBytes<8>());
}

tl::unexpected<Refusal> unknownScan() {
  return refuse(404, "The requested file was not found.");
}

/// Credentials lie under category and type, each a list of logins.
std::vector<Login> readLogins(const Json& credentials) {
  std::vector<Login> logins;
  for (const char* part : {"add", "edit"})
    for (const auto& [category, types] : credentials[part].members())
      for (const auto& [type, entries] : types.members()) {
        if (category != "Host" || (type != "SSH" && type != "Windows")) continue;
        for (const Json& entry : entries.items())
          logins.push_back({type == "SSH" ? "SSH" : "SMB", entry["username"].asString()});
      }
  return logins;
}

void apply(const ScanSettings& settings, Scan& scan) {
  const auto set = [](const auto& from, auto& to) {
    if (from) to = *from;
  };
  set(settings.template_uuid, scan.template_uuid);
  set(settings.template_name, scan.template_name);
  set(settings.name, scan.name);
  set(settings.description, scan.description);
  set(settings.targets, scan.targets);
  set(settings.folder_id, scan.folder_id);
  set(settings.scanner_id, scan.scanner_id);
  if (settings.policy_id) scan.policy_id = settings.policy_id;
  set(settings.start_time, scan.start_time);
  set(settings.repeat_rules, scan.repeat_rules);
  set(settings.time_zone, scan.time_zone);
  set(settings.logins, scan.logins);
  scan.scheduled = !scan.start_time.empty() || !scan.repeat_rules.empty();
  // "enabled" speaks of the schedule: without one it changes nothing.
  if (settings.enabled && scan.scheduled) scan.schedule_enabled = *settings.enabled;
}

}  // namespace

std::optional<std::string> textOf(const Json& value) {
  if (value.isString()) return value.asString();
  if (value.isBool() || value.isNumber()) return value.dump();
  return {};
}

std::optional<std::int64_t> numberOf(const Json& value) {
  if (value.isNumber()) return static_cast<std::int64_t>(value.asNumber());
  const std::string& text = value.asString();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

bool truthOf(const Json& value) {
  const std::string text = textOf(value).value_or("");
  return text == "true" || text == "1" || text == "yes" || text == "on";
}

const Run* Scan::findRun(std::int64_t history_id) const {
  for (const Run& run : runs)
    if (run.historyId() == history_id) return &run;
  return nullptr;
}

Timestamp Scan::lastChange() const {
  return runs.empty() ? Timestamp{} : std::max(runs.back().changed(), configured);
}

ScanSettings ScanSettings::read(const Json& body) {
  const Json& given = body["settings"];
  ScanSettings settings;
  settings.template_uuid = textOf(body["uuid"]);
  settings.name = textOf(given["name"]);
  settings.description = textOf(given["description"]);
  settings.targets = textOf(given["text_targets"]);
  settings.folder_id = numberOf(given["folder_id"]);
  settings.scanner_id = numberOf(given["scanner_id"]);
  settings.policy_id = numberOf(given["policy_id"]);
  settings.start_time = textOf(given["starttime"]);
  settings.repeat_rules = textOf(given["rrules"]);
  settings.time_zone = textOf(given["timezone"]);
  if (given.has("enabled")) settings.enabled = truthOf(given["enabled"]);
  if (body.has("credentials")) settings.logins = readLogins(body["credentials"]);
  return settings;
}

Answer<Scan*> Scans::create(const ScanSettings& settings, Timestamp now) {
  if (!settings.name || settings.name->empty()) return refuse(400, "Invalid 'name' field");
  if (!settings.targets || settings.targets->empty())
    return refuse(400, "Invalid 'text_targets' field");
  Scan scan;
  scan.id = nextId();
  scan.uuid = "template-" + productUuid();
  scan.created = scan.configured = now;
  apply(settings, scan);
  scans_.push_back(std::move(scan));
  return &scans_.back();
}

Answer<Scan*> Scans::configure(std::int64_t id, const ScanSettings& settings, Timestamp now) {
  const Answer<Scan*> scan = find(id, now);
  if (!scan) return scan;
  if (settings.name && settings.name->empty()) return refuse(400, "Invalid 'name' field");
  if ((*scan)->active()) return refuse(409, "The scan is running and cannot be changed");
  apply(settings, **scan);
  (*scan)->configured = now;
  return scan;
}

Answer<Scan*> Scans::copy(std::int64_t id, Timestamp now) {
  const Answer<Scan*> scan = find(id, now);
  if (!scan) return scan;
  Scan twin = **scan;
  twin.id = nextId();
  twin.uuid = "template-" + productUuid();
  twin.name = "Copy of " + twin.name;
  twin.runs.clear();
  twin.created = twin.configured = now;
  scans_.push_back(std::move(twin));
  return &scans_.back();
}

std::shared_ptr<const Report> Scans::makeReport(const Scan& scan, const std::string& targets,
                                                Timestamp now) const {
  if (auto given = reports_.find(scan.name)) return given;
  ReportOrder order;
  order.seed = options_.seed;
  order.scan_name = scan.name;
  order.template_name = scan.template_name;
  order.targets = expandTargets(targets);
  order.logins = scan.logins;
  order.run = scan.runs.size();
  order.start = now;
  order.end = Timestamp{now.micros + (options_.pace.waiting + options_.pace.scanning).count()};
  return std::make_shared<GeneratedReport>(std::move(order));
}

Answer<std::string> Scans::launch(std::int64_t id, const std::optional<std::string>& targets,
                                  Timestamp now) {
  const Answer<Scan*> found = find(id, now);
  if (!found) return tl::unexpected(found.error());
  Scan& scan = **found;
  if (scan.active()) return refuse(409, "The scan is already running");
  if (!scan.schedule_enabled) return refuse(403, "The scan is disabled");
  auto report = makeReport(scan, targets.value_or(scan.targets), now);
  scan.runs.emplace_back(Run::Identity{nextId(), productUuid(), targets.has_value()},
                         std::move(report), options_.pace, now);
  scan.runs.back().settle(now);
  scan.read = false;
  return scan.runs.back().uuid();
}

Answer<Scan*> Scans::control(std::int64_t id, bool (Run::*change)(Timestamp), Timestamp now) {
  const Answer<Scan*> scan = find(id, now);
  if (!scan) return scan;
  Run* run = (*scan)->lastRun();
  if (!run || !(run->*change)(now))
    return refuse(409, "The scan is " + std::string((*scan)->status()));
  run->settle(now);
  return scan;
}

Answer<Scan> Scans::remove(std::int64_t id, Timestamp now) {
  const Answer<Scan*> scan = find(id, now);
  if (!scan) return tl::unexpected(scan.error());
  if ((*scan)->active()) return refuse(409, "The scan is running and cannot be deleted");
  Scan removed = std::move(**scan);
  vanish(id);
  return removed;
}

Answer<Scan*> Scans::removeRun(std::int64_t id, std::int64_t history_id, Timestamp now) {
  const Answer<Scan*> scan = find(id, now);
  if (!scan) return scan;
  const Run* run = (*scan)->findRun(history_id);
  if (!run) return unknownScan();
  if (run->active()) return refuse(409, "The run is not over and cannot be deleted");
  std::erase_if((*scan)->runs, [&](const Run& r) { return r.historyId() == history_id; });
  return scan;
}

bool Scans::vanish(std::int64_t id) {
  return std::erase_if(scans_, [&](const Scan& scan) { return scan.id == id; }) > 0;
}

Answer<Scan*> Scans::find(std::int64_t id, Timestamp now) {
  for (Scan& scan : all(now))
    if (scan.id == id) return &scan;
  return unknownScan();
}

std::vector<Scan>& Scans::all(Timestamp now) {
  for (Scan& scan : scans_)
    if (Run* run = scan.lastRun()) run->settle(now);
  return scans_;
}

}  // namespace scanhost::simulator
