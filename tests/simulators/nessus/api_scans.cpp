// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
/// Scans: making, running, watching and removing them.
#include "tests/simulators/nessus/api.h"
#include "tests/simulators/nessus/scan_view.h"
#include "tests/simulators/nessus/templates.h"

namespace scanhost::simulator {
namespace {

Reply replyOf(const Refusal& refusal) {
  return Reply::error(refusal.status, refusal.text);
}

/// 200 with an empty body, about one scan.
Reply done(const Scan& scan, const char* effect) {
  return Reply().with(effect).about(scan.id, scan.name);
}

/// "alt_targets" is a list, or one text, or absent.
std::optional<std::string> otherTargets(const Json& body) {
  const Json& given = body["alt_targets"];
  if (given.isString()) return given.asString();
  std::string joined;
  for (const Json& target : given.items()) joined += target.asString() + ",";
  if (joined.empty()) return {};
  return joined;
}

}  // namespace

Answer<ScanSettings> Api::readSettings(const Call& call, bool creating) {
  ScanSettings settings = ScanSettings::read(call.body);
  if (settings.template_uuid) {
    const Template* found = findTemplate(*settings.template_uuid);
    if (!found) return refuse(400, "Invalid 'uuid' field");
    settings.template_name = found->name;
  } else if (creating) {
    return refuse(400, "Invalid 'uuid' field");
  }
  if (settings.policy_id && !findPolicy(*settings.policy_id))
    return refuse(400, "Invalid 'policy_id' field");
  return settings;
}

Reply Api::listScans(const Call& call) {
  const auto folder = call.param("folder_id");
  const auto since = call.param("last_modification_date");
  Json list;
  for (const Scan& scan : scans_.all(call.now)) {
    if (folder && scan.folder_id != *folder) continue;
    // A change within the second of the last answer must not be missed, so equal counts.
    if (since && scan.lastChange().micros / 1'000'000 < *since) continue;
    list.push(scanListEntry(scan, access_.owner()));
  }
  return Reply::json(Json::object({{"folders", folderList()},
                                   {"scans", std::move(list)},
                                   {"timestamp", call.now.micros / 1'000'000}}));
}

Reply Api::createScan(const Call& call) {
  const auto settings = readSettings(call, true);
  if (!settings) return replyOf(settings.error());
  const auto created = scans_.create(*settings, call.now);
  if (!created) return replyOf(created.error());
  const Scan& scan = **created;
  journal_.addCredentials(scan.id, call.body["credentials"]["add"]);
  const char* effect = "scan_created";
  if (truthOf(call.body["settings"]["launch_now"]) &&
      scans_.launch(scan.id, std::nullopt, call.now))
    effect = "scan_created_and_launched";
  return Reply::json(Json::object({{"scan", scanObject(scan, access_.owner())}}))
      .with(effect)
      .about(scan.id, scan.name);
}

Reply Api::configureScan(const Call& call) {
  const auto settings = readSettings(call, false);
  if (!settings) return replyOf(settings.error());
  const auto scan = scans_.configure(call.id(), *settings, call.now);
  if (!scan) return replyOf(scan.error());
  for (const char* part : {"add", "edit"})
    journal_.addCredentials((*scan)->id, call.body["credentials"][part]);
  return Reply::json(scanObject(**scan, access_.owner()))
      .with("scan_configured")
      .about((*scan)->id, (*scan)->name);
}

Reply Api::copyScan(const Call& call) {
  const auto scan = scans_.copy(call.id(), call.now);
  if (!scan) return replyOf(scan.error());
  return Reply::json(scanObject(**scan, access_.owner()))
      .with("scan_copied")
      .about((*scan)->id, (*scan)->name);
}

Reply Api::deleteScan(const Call& call) {
  const auto scan = scans_.remove(call.id(), call.now);
  return scan ? done(*scan, "scan_deleted") : replyOf(scan.error());
}

Reply Api::deleteScans(const Call& call) {
  Json deleted = Json::array();
  for (const Json& wanted : call.body["ids"].items()) {
    const auto scan = scans_.remove(numberOf(wanted).value_or(-1), call.now);
    if (scan) deleted.push(scan->id);
  }
  Reply reply = Reply::json(Json::object({{"deleted", deleted}})).with("scans_deleted");
  reply.name = deleted.dump();
  return reply;
}

Reply Api::deleteHistory(const Call& call) {
  const auto scan = scans_.removeRun(call.id(0), call.id(1), call.now);
  return scan ? done(**scan, "history_deleted") : replyOf(scan.error());
}

Reply Api::launchScan(const Call& call) {
  const auto uuid = scans_.launch(call.id(), otherTargets(call.body), call.now);
  if (!uuid) return replyOf(uuid.error());
  const auto scan = scans_.find(call.id(), call.now);
  return Reply::json(Json::object({{"scan_uuid", *uuid}}))
      .with("scan_launched")
      .about((*scan)->id, (*scan)->name);
}

Reply Api::controlScan(const Call& call, bool (Run::*change)(Timestamp), const char* effect) {
  const auto scan = scans_.control(call.id(), change, call.now);
  return scan ? done(**scan, effect) : replyOf(scan.error());
}

Reply Api::pauseScan(const Call& call) {
  return controlScan(call, &Run::pause, "scan_paused");
}
Reply Api::resumeScan(const Call& call) {
  return controlScan(call, &Run::resume, "scan_resumed");
}
Reply Api::stopScan(const Call& call) {
  return controlScan(call, &Run::stop, "scan_stopped");
}
Reply Api::killScan(const Call& call) {
  return controlScan(call, &Run::kill, "scan_killed");
}

Reply Api::markScan(const Call& call) {
  const auto scan = scans_.find(call.id(), call.now);
  if (!scan) return replyOf(scan.error());
  const auto param = call.request.params.find("read");
  (*scan)->read = param != call.request.params.end()
                      ? truthOf(Json(param->second))
                      : call.body["status"].asString() == "read" || truthOf(call.body["read"]);
  return done(**scan, "scan_marked");
}

Reply Api::scheduleScan(const Call& call) {
  const auto scan = scans_.find(call.id(), call.now);
  if (!scan) return replyOf(scan.error());
  if (!call.body.has("enabled")) return Reply::error(400, "Invalid 'enabled' field");
  (*scan)->schedule_enabled = truthOf(call.body["enabled"]);
  return Reply::json(Json::object({{"enabled", (*scan)->schedule_enabled},
                                   {"control", true},
                                   {"rrules", (*scan)->repeat_rules},
                                   {"starttime", (*scan)->start_time},
                                   {"timezone", (*scan)->time_zone}}))
      .with("schedule_changed")
      .about((*scan)->id, (*scan)->name);
}

Answer<const Run*> Api::chosenRun(const Call& call, const Scan& scan) const {
  const auto history_id = call.param("history_id");
  const Run* run = history_id ? scan.findRun(*history_id) : scan.lastRun();
  if (!run) return refuse(404, "The requested file was not found.");
  return run;
}

Reply Api::showScan(const Call& call) {
  const auto scan = scans_.find(call.id(), call.now);
  if (!scan) return replyOf(scan.error());
  if ((*scan)->runs.empty() && !call.param("history_id"))
    return Reply::json(scanDetails(**scan, nullptr, call.now)).about((*scan)->id, (*scan)->name);
  const auto run = chosenRun(call, **scan);
  if (!run) return replyOf(run.error());
  return Reply::json(scanDetails(**scan, *run, call.now)).about((*scan)->id, (*scan)->name);
}

Answer<const Run*> Api::runWithHost(const Call& call) {
  const auto scan = scans_.find(call.id(), call.now);
  if (!scan) return tl::unexpected(scan.error());
  auto run = chosenRun(call, **scan);
  if (!run) return run;
  const std::int64_t host = call.id(1);
  const auto hosts = static_cast<std::int64_t>((*run)->report().hostCount());
  if (host < 1 || host > hosts ||
      !(*run)->hostProgress(static_cast<std::size_t>(host - 1), call.now))
    return refuse(404, "The requested file was not found.");
  return run;
}

Reply Api::showHost(const Call& call) {
  const auto run = runWithHost(call);
  if (!run) return replyOf(run.error());
  return Reply::json(hostDetails(**run, call.id(1)));
}

Reply Api::showPluginOutput(const Call& call) {
  const auto run = runWithHost(call);
  if (!run) return replyOf(run.error());
  return Reply::json(pluginOutput(**run, call.id(1), call.id(2)));
}

Json Api::state() {
  const std::lock_guard lock(mutex_);
  const Timestamp now = clock_();
  Json list = Json::array();
  for (const Scan& scan : scans_.all(now)) list.push(scanState(scan, now));
  return Json::object({{"scans", std::move(list)}});
}

}  // namespace scanhost::simulator
