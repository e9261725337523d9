// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nessus/nessus_scanner.h"

#include <algorithm>
#include <utility>

#include "plugins/scanner/nessus/report_reader.h"
#include "plugins/scanner/nessus/scan_settings.h"
#include "plugins/scanner/nessus/scan_state.h"
#include "plugins/shared/message/in_quotes.h"
#include "plugins/shared/remote_scan/remote_name.h"

namespace scanhost::nessus {
namespace {

using std::chrono::milliseconds;

constexpr int most_looks = 3;  ///< for the effect of a request whose answer was lost
constexpr milliseconds look_again{1000};

/// A reference goes into paths: digits and nothing else.
std::string pathOf(const std::string& reference) {
  const bool digits = !reference.empty() && reference.size() <= 18 &&
                      reference.find_first_not_of("0123456789") == std::string::npos;
  if (!digits)
    throw PluginError(ErrorClass::lost, inQuotes(reference) + " is no reference of a Nessus scan");
  return "/scans/" + reference;
}

bool isUnderWay(RemoteStatus state) {
  return state == RemoteStatus::running || state == RemoteStatus::pending ||
         state == RemoteStatus::paused || state == RemoteStatus::stopping;
}

/// True when a scan in that state needs no more to become what the action asks for.
bool isDoneBy(std::string_view action, RemoteStatus state) {
  if (action == "pause") return state == RemoteStatus::paused;
  if (action == "resume") return state == RemoteStatus::running || state == RemoteStatus::pending;
  return !isUnderWay(state) || state == RemoteStatus::stopping;
}

/// Nothing when the server can be used, else what it waits for: a failed download of plugins does
/// not stop scanning.
std::optional<std::string> notReady(const Json& status) {
  const std::string& word = status["status"].asString();
  const Json& detail = status["detailed_status"];
  if (word == "ready" || (detail["login_status"].asString() == "allow" &&
                          detail["engine_status"]["status"].asString() == "ready"))
    return std::nullopt;
  return word.empty() ? "unknown" : word;
}

bool isPathPart(const std::string& text) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  };
  return !text.empty() && text.size() <= 256 && std::all_of(text.begin(), text.end(), plain);
}

[[noreturn]] void exportFailed(const std::string& why) {
  throw PluginError(ErrorClass::transient, "file_not_found: the report was not exported: " + why);
}

}  // namespace

NessusScanner::NessusScanner(const Settings& settings)
    : config_(readConfig(settings.values())), client_(config_) {}

void NessusScanner::start(Call& call) {
  if (config_.server.tls.mode == tls::Trust::Mode::insecure)
    call.log(LogLevel::warning, "scanner_certificate_unchecked",
             Json::object({{"url", config_.url()},
                           {"remedy", "set tls.pin_sha256 or tls.ca_file instead of insecure"}}));
  if (config_.ui_session)
    call.log(LogLevel::warning, "scanner_licence_limit_bypassed",
             Json::object({{"url", config_.url()},
                           {"remedy", "use API keys where the licence lets them control scans"}}));
}

ScannerDescription NessusScanner::describe() {
  return {SCANHOST_SCANNER_CREDENTIALS | SCANHOST_SCANNER_PINS_NAMES | SCANHOST_SCANNER_TWO_STEP |
              SCANHOST_SCANNER_FINDS | SCANHOST_SCANNER_PAUSES,
          "nessus", config_.url()};
}

ScannerHealth NessusScanner::selfTest(Call& call) {
  const Answer status = client_.getOpen("/server/status", call);
  const auto document = Json::tryParse(status.body);
  if (!document && !status.isGood()) client_.refuse(status, "its status");
  if (const auto waiting = notReady(document ? *document : Json()))
    throw PluginError(ErrorClass::transient,
                      config_.url() + " is not ready; its status is " + inQuotes(*waiting),
                      ErrorSubject::backend);

  const Json properties = client_.get("/server/properties", "its properties", call);
  ScannerHealth health;
  health.version = properties["server_version"].asString();
  if (health.version.empty()) health.version = properties["nessus_ui_version"].asString();
  health.active_scans = 0;
  const Json scans = listScans(call);
  for (const Json& entry : scans.items())
    if (isUnderWay(stateOfEntry(entry).state)) ++health.active_scans;

  const Json& scan_api = properties["license"]["features"]["scan_api"];
  if (scan_api.isBool() && !scan_api.asBool() && !config_.ui_session) {
    health.read_only = true;
    health.reason = "the licence of this Nessus (" +
                    inQuotes(properties["license"]["name"].asString()) +
                    ") does not let API keys control scans; see ui_session in the plugin's README";
  }
  return health;
}

Json NessusScanner::listScans(Call& call) {
  return client_.get("/scans", "the list of scans", call)["scans"];
}

const NessusClient::Members NessusScanner::of_state = {"info", "history", "hosts"};

std::optional<Json> NessusScanner::findOwn(const RemoteScan& scan, Call& call,
                                           const NessusClient::Members& members) {
  auto details = client_.find(pathOf(scan.reference), "scan " + scan.reference, call, members);
  if (!details || scan.marker.empty() ||
      markerIn((*details)["info"]["name"].asString()) != scan.marker)
    return std::nullopt;
  return details;
}

Json NessusScanner::own(const RemoteScan& scan, Call& call, const NessusClient::Members& members) {
  auto details = findOwn(scan, call, members);
  if (!details)
    throw PluginError(ErrorClass::lost, config_.url() + " has no scan " + scan.reference +
                                            " with the marker " + scan.marker);
  return std::move(*details);
}

std::string NessusScanner::templateUuid(const std::string& name, Call& call) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = templates_.find(name); known != templates_.end()) return known->second;
  }
  const Json list = client_.get("/editor/scan/templates", "the scan templates", call);
  std::map<std::string, std::string> templates;
  std::string names;
  for (const Json& item : list["templates"].items()) {
    templates.emplace(item["name"].asString(), item["uuid"].asString());
    names += (names.empty() ? "" : ", ") + item["name"].asString();
  }
  const std::lock_guard lock(mutex_);
  templates_ = std::move(templates);
  if (const auto known = templates_.find(name); known != templates_.end()) return known->second;
  throw PluginError(ErrorClass::config, config_.url() + " has no scan template " + inQuotes(name) +
                                            "; it has " + inQuotes(names));
}

std::string NessusScanner::prepareScan(const ScanRequest& request, Call& call) {
  const std::string& wanted = request.settings["template"].asString();
  const std::string uuid = templateUuid(wanted.empty() ? config_.scan_template : wanted, call);
  const Json scan = newScan(request, uuid);
  std::string lost;
  try {
    const Answer answer = client_.send("POST", "/scans", scan, call);
    const auto document = Json::tryParse(answer.body);
    if (answer.isGood() && document)
      if (const auto id = numberOf((*document)["scan"]["id"])) return std::to_string(*id);
    // A refusal before anything was done, or a failure in the middle of it?
    if (!answer.isGood() && answer.status < 500) client_.refuse(answer, "a new scan");
    lost = "it answered " + std::to_string(answer.status);
  } catch (const LostReply& reply) {
    lost = reply.what();
  }
  std::string found;
  try {
    found = findByMarker(request.marker, call);
  } catch (const PluginError&) {
    // Still not known; the error below says so.
  }
  if (!found.empty()) return found;
  throw PluginError(ErrorClass::ambiguous, "whether the scan was made is not known (" + lost +
                                               "); look for " + request.marker + " on " +
                                               config_.url());
}

std::string NessusScanner::findByMarker(const std::string& marker, Call& call) {
  for (int looks = 1;; ++looks) {
    const Json scans = listScans(call);
    for (const Json& entry : scans.items()) {
      const RemoteState state = stateOfEntry(entry);
      if (state.marker == marker) return state.reference;
    }
    if (looks == most_looks) return {};
    NessusClient::wait(look_again, call);
  }
}

std::string NessusScanner::startScan(const RemoteScan& scan, Call& call) {
  const Json details = own(scan, call);
  const RemoteState before = stateOfDetails(details, scan.reference);
  if (before.state != RemoteStatus::created || !before.run_id.empty())
    throw PluginError(ErrorClass::ambiguous, "scan " + scan.reference + " on " + config_.url() +
                                                 " has run before (status " +
                                                 inQuotes(before.status) +
                                                 "); it is not started again");
  try {
    const Answer answer =
        client_.send("POST", pathOf(scan.reference) + "/launch", Json::object(), call);
    const auto document = Json::tryParse(answer.body);
    if (answer.isGood() && document && !(*document)["scan_uuid"].asString().empty())
      return (*document)["scan_uuid"].asString();
    if (!answer.isGood() && answer.status < 500)
      client_.refuse(answer, "the launch of scan " + scan.reference);
    return findRun(scan, "it answered " + std::to_string(answer.status), call);
  } catch (const LostReply& reply) {
    return findRun(scan, reply.what(), call);
  }
}

/// The run that a launch without a readable answer may have begun.
std::string NessusScanner::findRun(const RemoteScan& scan, const std::string& why, Call& call) {
  try {
    for (int looks = 1;; ++looks) {
      const RemoteState state = stateOfDetails(own(scan, call), scan.reference);
      if (!state.run_id.empty()) return state.run_id;
      if (looks == most_looks) break;
      NessusClient::wait(look_again, call);
    }
  } catch (const PluginError&) {
    // Still not known; the error below says so.
  }
  throw PluginError(ErrorClass::ambiguous, "whether scan " + scan.reference + " on " +
                                               config_.url() + " was launched is not known (" +
                                               why + ")");
}

void NessusScanner::findScans(std::string_view marker_prefix, RemoteStateSink& sink, Call& call) {
  const Json scans = listScans(call);
  for (const Json& entry : scans.items()) {
    const RemoteState state = stateOfEntry(entry);
    if (!state.marker.empty() && state.marker.compare(0, marker_prefix.size(), marker_prefix) == 0)
      sink.tell(state);
  }
}

void NessusScanner::pollScans(const std::vector<RemoteScan>& scans, RemoteStateSink& sink,
                              Call& call) {
  std::map<std::string, RemoteState> listed;
  const Json list = listScans(call);
  for (const Json& entry : list.items()) {
    RemoteState state = stateOfEntry(entry);
    listed.insert_or_assign(state.reference, std::move(state));
  }
  for (const RemoteScan& scan : scans) {
    const auto found = listed.find(scan.reference);
    const bool is_listed = found != listed.end() && found->second.marker == scan.marker;
    if (is_listed && found->second.state != RemoteStatus::running) {
      sink.tell(found->second);
      continue;
    }
    // Running: its progress. Not listed: a list may come short while the server starts, so that
    // only the scan's own page says that it is gone.
    try {
      const auto details = findOwn(scan, call);
      RemoteState state;
      if (details) {
        state = stateOfDetails(*details, scan.reference);
      } else {
        state.reference = scan.reference;
        state.marker = scan.marker;
        state.state = RemoteStatus::gone;
      }
      sink.tell(state);
    } catch (const ServerHangs&) {
      throw;
    } catch (const PluginError&) {
      call.check();
      if (is_listed) sink.tell(found->second);
    }
  }
}

void NessusScanner::control(const RemoteScan& scan, const char* action, Call& call) {
  const RemoteState state = stateOfDetails(own(scan, call), scan.reference);
  if (isDoneBy(action, state.state)) return;
  const std::string what = std::string(action) + " of scan " + scan.reference;
  try {
    const Answer answer = client_.send("POST", pathOf(scan.reference) + "/" + action, Json(), call);
    if (!answer.isGood()) client_.refuse(answer, what);
  } catch (const LostReply& reply) {
    // Harmless when repeated, so nobody has to find out what came of it.
    throw PluginError(ErrorClass::transient, reply.what(), ErrorSubject::backend);
  }
}

void NessusScanner::pauseScan(const RemoteScan& scan, Call& call) {
  control(scan, "pause", call);
}

void NessusScanner::resumeScan(const RemoteScan& scan, Call& call) {
  control(scan, "resume", call);
}

void NessusScanner::stopScan(const RemoteScan& scan, Call& call) {
  control(scan, "stop", call);
}

void NessusScanner::removeScan(const RemoteScan& scan, Call& call) {
  if (!findOwn(scan, call)) return;
  try {
    const Answer answer = client_.send("DELETE", pathOf(scan.reference), Json(), call);
    if (!answer.isGood() && answer.status != 404)
      client_.refuse(answer, "the removal of scan " + scan.reference);
  } catch (const LostReply& reply) {
    throw PluginError(ErrorClass::transient, reply.what(), ErrorSubject::backend);
  }
}

NessusScanner::ExportPaths NessusScanner::requestExport(const std::string& reference,
                                                        std::int64_t history_id, Call& call) {
  const std::string path = pathOf(reference) + "/export?history_id=" + std::to_string(history_id);
  Answer answer;
  try {
    answer = client_.send("POST", path, Json::object({{"format", "nessus"}}), call);
  } catch (const LostReply& reply) {
    // At worst there is one export more, which the server forgets by itself.
    throw PluginError(ErrorClass::transient, reply.what(), ErrorSubject::backend);
  }
  if (!answer.isGood()) client_.refuse(answer, "an export of scan " + reference);
  const auto document = Json::tryParse(answer.body);
  const std::string token = document ? (*document)["token"].asString() : std::string();
  if (isPathPart(token)) return {"/tokens/" + token + "/status", "/tokens/" + token + "/download"};
  const auto file = document ? numberOf((*document)["file"]) : std::nullopt;
  if (!file) exportFailed("the server names neither a token nor a file");
  const std::string base = pathOf(reference) + "/export/" + std::to_string(*file);
  return {base + "/status", base + "/download"};
}

bool NessusScanner::awaitExport(const ExportPaths& paths, Call& call) {
  const auto until = std::chrono::steady_clock::now() + config_.export_timeout;
  for (milliseconds pause{100};; pause = std::min(pause * 2, milliseconds(2000))) {
    const auto status = client_.find(paths.status, "the state of an export", call);
    if (!status) return false;
    const std::string& word = (*status)["status"].asString();
    if (word == "ready") return true;
    if (word == "error") exportFailed("the server reports an error");
    if (std::chrono::steady_clock::now() >= until)
      exportFailed("it was not ready within export_timeout; its state is " + inQuotes(word));
    NessusClient::wait(pause, call);
  }
}

Summary NessusScanner::collectScan(const RemoteScan& scan, FindingSink& sink, Call& call) {
  const Json details = own(scan, call, {"info", "history"});
  const Json* run = runIn(details, scan.run_id);
  const auto history_id = run ? numberOf((*run)["history_id"]) : std::nullopt;
  if (!history_id)
    throw PluginError(ErrorClass::lost, "scan " + scan.reference + " on " + config_.url() +
                                            " has no run " + inQuotes(scan.run_id));

  ReportReader reader(sink, config_.max_report_bytes);
  for (int tries = 1;; ++tries) {
    const ExportPaths paths = requestExport(scan.reference, *history_id, call);
    bool is_there = awaitExport(paths, call);
    if (is_there) {
      Answer answer;
      try {
        answer = client_.download(
            paths.download,
            [&](std::string_view piece) {
              call.check();
              reader.feed(piece);
            },
            call);
      } catch (const TransportError& error) {
        throw PluginError(ErrorClass::transient,
                          "xml_invalid: the report broke off: " + std::string(error.what()));
      }
      if (answer.isGood()) break;
      if (answer.status != 404) client_.refuse(answer, "an exported report");
      is_there = false;
    }
    // Exports do not last; one that was forgotten in between is asked for once more.
    if (tries == 2) exportFailed("the server has forgotten it twice");
  }
  reader.finish();

  Summary summary;
  const std::string& status = (*run)["status"].asString();
  summary.complete = statusOf(status) == RemoteStatus::completed;
  if (!summary.complete) summary.reason = "the scan's status is " + inQuotes(status);
  const ReportTotals& totals = reader.totals();
  const std::uint64_t asked = addressesIn(details["info"]["targets"].asString());
  summary.hosts_answered = totals.hosts_answered;
  summary.hosts_silent =
      std::max(totals.hosts_silent, asked - std::min(asked, totals.hosts_answered));
  summary.report_bytes = reader.bytesRead();
  summary.login_findings = totals.login_findings;
  return summary;
}

}  // namespace scanhost::nessus
