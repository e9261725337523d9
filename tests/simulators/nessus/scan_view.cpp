// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/scan_view.h"

#include <array>
#include <map>

#include "tests/simulators/nessus/checks.h"
#include "tests/simulators/nessus/targets.h"

namespace scanhost::simulator {
namespace {

std::int64_t epoch(Timestamp time) {
  return time.micros / 1'000'000;
}

Json orNull(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

std::array<std::int64_t, 5> countSeverities(const ReportHost& host, int percent) {
  std::array<std::int64_t, 5> counts{};
  const std::size_t seen = host.items.size() * static_cast<std::size_t>(percent) / 100;
  for (std::size_t i = 0; i < seen; ++i) ++counts[static_cast<std::size_t>(host.items[i].severity)];
  return counts;
}

Json hostEntry(std::size_t index, const ReportHost& host, int percent) {
  const auto counts = countSeverities(host, percent);
  Json by_level = Json::array();
  std::int64_t sum = 0;
  std::int64_t score = 0;
  for (std::size_t level = 0; level < 10; ++level) {
    const std::int64_t count = level < counts.size() ? counts[level] : 0;
    by_level.push(Json::object({{"count", count}, {"severitylevel", level}}));
    sum += count;
    for (std::size_t power = 0; power < level && count; ++power) score += count * 10;
  }
  const std::int64_t checks = 100'000;
  const std::int64_t checked = checks * percent / 100;
  return Json::object({{"totalchecksconsidered", checks},
                       {"numchecksconsidered", checked},
                       {"scanprogresstotal", 100},
                       {"scanprogresscurrent", percent},
                       {"host_index", index},
                       {"score", score},
                       {"severitycount", Json::object({{"item", std::move(by_level)}})},
                       {"progress", std::to_string(percent) + "-100/" + std::to_string(checked) +
                                        "-" + std::to_string(checks)},
                       {"critical", counts[4]},
                       {"high", counts[3]},
                       {"medium", counts[2]},
                       {"low", counts[1]},
                       {"info", counts[0]},
                       {"severity", sum},
                       {"host_id", index + 1},
                       {"hostname", host.name}});
}

Json vulnerabilityEntry(const ReportItem& item, std::int64_t count, std::int64_t index) {
  return Json::object({{"count", count},
                       {"plugin_id", item.plugin_id},
                       {"plugin_name", item.plugin_name},
                       {"plugin_family", item.plugin_family},
                       {"severity", item.severity},
                       {"severity_index", index},
                       {"vuln_index", index},
                       {"cpe", nullptr},
                       {"offline", false},
                       {"snoozed", 0},
                       {"score", nullptr}});
}

/// Counts what hosts have in common, most severe first.
class Tally {
 public:
  void add(const ReportItem& item) {
    auto& slot = seen_[{-item.severity, item.plugin_id}];
    if (slot.count++ == 0) slot.item = item;
  }
  Json list() const {
    Json list = Json::array();
    std::int64_t index = 0;
    for (const auto& [key, slot] : seen_)
      list.push(vulnerabilityEntry(slot.item, slot.count, index++));
    return list;
  }

 private:
  struct Slot {
    ReportItem item;
    std::int64_t count = 0;
  };
  std::map<std::pair<int, std::int64_t>, Slot> seen_;
};

bool isCompliance(const ReportItem& item) {
  return item.plugin_family == "Policy Compliance";
}

Json history(const Scan& scan) {
  Json list = Json::array();
  for (const Run& run : scan.runs)
    list.push(Json::object({{"history_id", run.historyId()},
                            {"uuid", run.uuid()},
                            {"status", phaseName(run.phase())},
                            {"type", "local"},
                            {"owner_id", 2},
                            {"creation_date", epoch(run.started())},
                            {"last_modification_date", epoch(run.changed())},
                            {"scheduler", 0},
                            {"schedule_type", nullptr},
                            {"alt_targets_used", run.usedOtherTargets()}}));
  return list;
}

Json scanInfo(const Scan& scan, const Run* run) {
  Json info = Json::object({{"name", scan.name},
                            {"object_id", scan.id},
                            {"uuid", run ? Json(run->uuid()) : Json()},
                            {"status", run ? phaseName(run->phase()) : "empty"},
                            {"folder_id", scan.folder_id},
                            {"targets", scan.targets},
                            {"policy", scan.template_name},
                            {"scan_type", run ? Json("local") : Json()},
                            {"scanner_name", "Local Scanner"},
                            {"control", true},
                            {"edit_allowed", true},
                            {"user_permissions", 128},
                            {"hasaudittrail", false},
                            {"haskb", false},
                            {"acls", nullptr},
                            {"no_target", nullptr},
                            {"offline", false},
                            {"alt_targets_used", run && run->usedOtherTargets()},
                            {"pci-can-upload", false}});
  if (!run) return info;
  const auto ended = run->ended();
  const Json end = ended ? Json(epoch(*ended)) : Json();
  info["hostcount"] = run->report().hostCount();
  info["timestamp"] = epoch(run->started());
  info["scan_start"] = epoch(run->started());
  info["scanner_start"] = epoch(run->started());
  info["scan_end"] = end;
  info["scanner_end"] = end;
  return info;
}

}  // namespace

Json folderList() {
  return Json::array({Json::object({{"id", 2},
                                    {"name", "Trash"},
                                    {"type", "trash"},
                                    {"custom", 0},
                                    {"default_tag", 0},
                                    {"unread_count", nullptr}}),
                      Json::object({{"id", 3},
                                    {"name", "My Scans"},
                                    {"type", "main"},
                                    {"custom", 0},
                                    {"default_tag", 1},
                                    {"unread_count", 0}})});
}

Json scanObject(const Scan& scan, const std::string& owner) {
  return Json::object({{"id", scan.id},
                       {"uuid", scan.uuid},
                       {"name", scan.name},
                       {"description", orNull(scan.description)},
                       {"policy_id", scan.policy_id},
                       {"scanner_id", scan.scanner_id},
                       {"custom_targets", scan.targets},
                       {"enabled", scan.schedule_enabled ? 1 : 0},
                       {"starttime", orNull(scan.start_time)},
                       {"rrules", orNull(scan.repeat_rules)},
                       {"timezone", orNull(scan.time_zone)},
                       {"notification_filters", nullptr},
                       {"emails", nullptr},
                       {"user_permissions", 128},
                       {"default_permisssions", 0},
                       {"owner", owner},
                       {"owner_id", 2},
                       {"tag_id", scan.folder_id},
                       {"shared", 0},
                       {"type", "public"},
                       {"container_id", 0},
                       {"creation_date", epoch(scan.created)},
                       {"last_modification_date", epoch(scan.configured)}});
}

Json scanListEntry(const Scan& scan, const std::string& owner) {
  const Run* run = scan.lastRun();
  return Json::object({{"id", scan.id},
                       {"uuid", run ? Json(run->uuid()) : Json()},
                       {"name", scan.name},
                       {"status", scan.status()},
                       {"type", run ? Json("local") : Json()},
                       {"read", scan.read},
                       {"folder_id", scan.folder_id},
                       {"owner", owner},
                       {"shared", false},
                       {"user_permissions", 128},
                       {"creation_date", run ? epoch(scan.created) : 0},
                       {"last_modification_date", epoch(scan.lastChange())},
                       {"starttime", orNull(scan.start_time)},
                       {"rrules", orNull(scan.repeat_rules)},
                       {"timezone", orNull(scan.time_zone)},
                       {"enabled", scan.scheduled && scan.schedule_enabled},
                       {"control", true},
                       {"live_results", 0}});
}

Json scanDetails(const Scan& scan, const Run* run, Timestamp now) {
  Json details = Json::object({{"info", scanInfo(scan, run)}});
  if (!run) {
    details["history"] = nullptr;
    return details;
  }
  Json hosts = Json::array();
  Json audited_hosts = Json::array();
  Tally vulnerabilities;
  Tally compliance;
  for (std::size_t i = 0; i < run->report().hostCount(); ++i) {
    const auto percent = run->hostProgress(i, now);
    if (!percent) continue;
    const ReportHost host = run->report().host(i);
    const std::size_t seen = host.items.size() * static_cast<std::size_t>(*percent) / 100;
    bool audited = false;
    for (std::size_t k = 0; k < seen; ++k) {
      audited |= isCompliance(host.items[k]);
      (isCompliance(host.items[k]) ? compliance : vulnerabilities).add(host.items[k]);
    }
    hosts.push(hostEntry(i, host, *percent));
    if (audited) audited_hosts.push(hostEntry(i, host, *percent));
  }
  details["hosts"] = std::move(hosts);
  details["comphosts"] = std::move(audited_hosts);
  details["vulnerabilities"] = vulnerabilities.list();
  details["compliance"] = compliance.list();
  details["history"] = history(scan);
  details["remediations"] = Json::object({{"num_cves", 0}, {"remediations", nullptr}});
  details["notes"] = nullptr;
  details["filters"] = Json::array();
  return details;
}

Json hostDetails(const Run& run, std::int64_t host_id) {
  const ReportHost host = run.report().host(static_cast<std::size_t>(host_id - 1));
  Json info = Json::object();
  for (const auto& [name, value] : host.properties) {
    const std::string key = name == "HOST_START" ? "host_start"
                            : name == "HOST_END" ? "host_end"
                                                 : name;
    info[key] = value;
  }
  Tally vulnerabilities;
  Tally compliance;
  for (const ReportItem& item : host.items)
    (isCompliance(item) ? compliance : vulnerabilities).add(item);
  return Json::object({{"info", std::move(info)},
                       {"vulnerabilities", vulnerabilities.list()},
                       {"compliance", compliance.list()}});
}

Json pluginOutput(const Run& run, std::int64_t host_id, std::int64_t plugin_id) {
  const ReportHost host = run.report().host(static_cast<std::size_t>(host_id - 1));
  Json outputs = Json::array();
  Json description;
  for (const ReportItem& item : host.items) {
    if (item.plugin_id != plugin_id) continue;
    const std::string port =
        std::to_string(item.port) + " / " + item.protocol + " / " + item.service;
    Json ports = Json::object();
    ports[port] = Json::array({Json::object({{"hostname", host.name}})});
    outputs.push(Json::object({{"plugin_output", orNull(item.output)},
                               {"ports", std::move(ports)},
                               {"severity", item.severity},
                               {"hosts", nullptr},
                               {"has_attachment", 0}}));
    Json attributes = Json::object();
    for (const auto& [name, value] : item.fields)
      if (!attributes.has(name)) attributes[name] = value;
    description = Json::object({{"severity", item.severity},
                                {"pluginname", item.plugin_name},
                                {"pluginfamily", item.plugin_family},
                                {"pluginid", item.plugin_id},
                                {"pluginattributes", std::move(attributes)}});
  }
  return Json::object({{"outputs", std::move(outputs)},
                       {"info", Json::object({{"plugindescription", std::move(description)}})}});
}

Json scanState(const Scan& scan, Timestamp now) {
  Json runs = Json::array();
  for (const Run& run : scan.runs) {
    const auto ended = run.ended();
    runs.push(Json::object({{"history_id", run.historyId()},
                            {"uuid", run.uuid()},
                            {"status", phaseName(run.phase())},
                            {"started", formatTimestamp(run.started())},
                            {"ended", ended ? Json(formatTimestamp(*ended)) : Json()},
                            {"progress", run.fraction(now)},
                            {"hosts", run.report().hostCount()},
                            {"hosts_finished", run.finishedHosts(now)}}));
  }
  Json logins = Json::array();
  for (const Login& login : scan.logins) logins.push(login.protocol);
  return Json::object({{"id", scan.id},
                       {"name", scan.name},
                       {"status", scan.status()},
                       {"template", scan.template_name},
                       {"targets", scan.targets},
                       {"policy_id", scan.policy_id},
                       {"folder_id", scan.folder_id},
                       {"logins", std::move(logins)},
                       {"created", formatTimestamp(scan.created)},
                       {"launches", scan.runs.size()},
                       {"runs", std::move(runs)}});
}

}  // namespace scanhost::simulator
