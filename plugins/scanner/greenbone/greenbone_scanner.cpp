// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/greenbone/greenbone_scanner.h"

#include <poll.h>

#include <algorithm>
#include <charconv>

#include "plugins/scanner/greenbone/report_reader.h"
#include "plugins/scanner/greenbone/task_state.h"
#include "plugins/shared/message/in_quotes.h"
#include "plugins/shared/remote_scan/remote_name.h"

namespace scanhost::greenbone {
namespace {

constexpr int rows_of_tasks = 500;
constexpr int rows_of_results = 1000;
constexpr int most_pages = 100'000;  ///< a manager that never comes to its last page is left
constexpr int most_looks = 3;
constexpr std::chrono::milliseconds look_again{1000};
constexpr const char* report_format_xml = "a994b278-1f62-11e1-96ac-406186ea4fc5";

std::string filterOf(const std::string& terms, int rows, int first) {
  return escaped(terms + " rows=" + std::to_string(rows) + " first=" + std::to_string(first));
}

/// What stands in attributes of ours is an id that the manager made.
bool isId(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of("0123456789abcdefABCDEF-") == std::string_view::npos;
}

std::uint64_t countIn(const std::string& text) {
  std::uint64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

/// Waits, or throws when the call ends first.
void wait(std::chrono::milliseconds time, Call& call) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < until) {
    call.check();
    pollfd cancelled{call.cancelFd(), POLLIN, 0};  // a negative descriptor is skipped
    poll(&cancelled, 1, 200);
  }
}

}  // namespace

GreenboneScanner::GreenboneScanner(const Settings& settings)
    : config_(readConfig(settings.values())) {}

void GreenboneScanner::start(Call& call) {
  if (config_.tls.mode == tls::Trust::Mode::insecure)
    call.log(LogLevel::warning, "scanner_certificate_unchecked",
             Json::object({{"url", config_.url()},
                           {"remedy", "set tls.pin_sha256 or tls.ca_file instead of insecure"}}));
}

ScannerDescription GreenboneScanner::describe() {
  return {SCANHOST_SCANNER_PINS_NAMES | SCANHOST_SCANNER_TWO_STEP | SCANHOST_SCANNER_FINDS,
          "greenbone", config_.url()};
}

ScannerHealth GreenboneScanner::selfTest(Call& call) {
  GmpSession session(config_, call);
  ScannerHealth health;
  EntityReader version({"version"});
  session.read("<get_version/>", version, "its version", call);
  health.version = textAt(version.fields(), "version");
  EntityReader running({"task_count/filtered"});
  session.read(
      "<get_tasks usage_type=\"scan\" filter=\"" + filterOf("status=Running", 1, 1) + "\"/>",
      running, "the list of tasks", call);
  health.active_scans =
      static_cast<std::int64_t>(countIn(textAt(running.fields(), "task_count/filtered")));
  idOf(session, "config", config_.scan.scan_config, call);
  idOf(session, "port_list", config_.scan.port_list, call);
  idOf(session, "scanner", config_.scanner, call);
  return health;
}

std::string GreenboneScanner::idOf(GmpSession& session, const std::string& kind,
                                   const std::string& name, Call& call) {
  const auto key = std::pair(kind, name);
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = ids_.find(key); known != ids_.end()) return known->second;
  }
  std::string found, names;
  EntityReader reader(kind, {"name"}, [&](const Fields& entity) {
    const std::string& id = textAt(entity, "@id");
    if (!isId(id)) return;
    if (textAt(entity, "name") == name || id == name) found = id;
    if (names.size() < 200) names += (names.empty() ? "" : ", ") + textAt(entity, "name");
  });
  session.read("<get_" + kind + "s filter=\"rows=-1\"" +
                   (kind == "config" ? " usage_type=\"scan\"" : "") + "/>",
               reader, "the list of " + kind + "s", call);
  if (found.empty())
    throw PluginError(ErrorClass::config, config_.url() + " has no " + kind + " " + inQuotes(name) +
                                              "; it has " + inQuotes(names));
  const std::lock_guard lock(mutex_);
  ids_[key] = found;
  return found;
}

void GreenboneScanner::listTasks(GmpSession& session, std::string_view text,
                                 const TaskReceiver& receiver, Call& call) {
  for (int page = 0; page < most_pages; ++page) {
    int told = 0;
    EntityReader reader("task", taskFields(), [&](const Fields& task) {
      ++told;
      receiver(task);
    });
    const std::string filter =
        filterOf("name~\"" + std::string(text) + "\"", rows_of_tasks, page * rows_of_tasks + 1);
    session.read("<get_tasks usage_type=\"scan\" filter=\"" + filter + "\"/>", reader,
                 "the list of tasks", call);
    if (told < rows_of_tasks) return;
  }
}

std::optional<GreenboneScanner::Task> GreenboneScanner::findOwn(GmpSession& session,
                                                                const RemoteScan& scan,
                                                                Call& call) {
  if (!isId(scan.reference) || scan.marker.empty()) return std::nullopt;
  std::optional<Task> found;
  EntityReader reader("task", taskFields(), [&](const Fields& fields) {
    Task task{taskState(fields), {}};
    if (task.state.reference != scan.reference || task.state.marker != scan.marker) return;
    if (markerIn(textAt(fields, "target/name")) == scan.marker)
      task.target_id = textAt(fields, "target@id");
    found = std::move(task);
  });
  try {
    session.read("<get_tasks task_id=\"" + scan.reference + "\"/>", reader,
                 "task " + scan.reference, call);
  } catch (const PluginError& error) {
    if (error.errorClass() != ErrorClass::lost) throw;
  }
  return found;
}

GreenboneScanner::Task GreenboneScanner::own(GmpSession& session, const RemoteScan& scan,
                                             Call& call) {
  auto task = findOwn(session, scan, call);
  if (!task)
    throw PluginError(ErrorClass::lost, config_.url() + " has no task " + scan.reference +
                                            " with the marker " + scan.marker);
  return std::move(*task);
}

std::string GreenboneScanner::createTarget(GmpSession& session, const ScanRequest& request,
                                           Call& call) {
  const ScanOptions options = readScanOptions(request.settings, config_.scan);
  const std::string port_list = idOf(session, "port_list", options.port_list, call);
  EntityReader reader({});
  ResponseStatus status;
  try {
    status = session.change("<create_target><name>" + escaped(remoteName(request)) +
                                "</name><hosts>" + escaped(addressList(request.targets)) +
                                "</hosts><port_list id=\"" + port_list + "\"/></create_target>",
                            reader, call);
  } catch (const LostReply& reply) {
    // At worst a target stays that no task has; nothing can run by it.
    call.check();
    throw PluginError(ErrorClass::transient, reply.what(), ErrorSubject::backend);
  }
  if (!status.isGood()) session.refuse(status, "a new target");
  if (!isId(status.id))
    throw PluginError(ErrorClass::transient, config_.url() + " names no id of a new target",
                      ErrorSubject::backend);
  return status.id;
}

void GreenboneScanner::deleteTarget(GmpSession& session, const std::string& target_id, Call& call) {
  EntityReader reader({});
  const ResponseStatus status = session.change(
      "<delete_target target_id=\"" + target_id + "\" ultimate=\"1\"/>", reader, call);
  if (!status.isGood() && status.code != 404)
    call.log(
        LogLevel::info, "scanner_target_left",
        Json::object({{"url", config_.url()}, {"target", target_id}, {"reason", status.text}}));
}

std::string GreenboneScanner::prepareScan(const ScanRequest& request, Call& call) {
  if (request.credential)
    throw PluginError(ErrorClass::unsupported, "scanner-greenbone cannot log in to targets yet");
  GmpSession session(config_, call);
  const ScanOptions options = readScanOptions(request.settings, config_.scan);
  const std::string config = idOf(session, "config", options.scan_config, call);
  const std::string scanner = idOf(session, "scanner", config_.scanner, call);
  const std::string target = createTarget(session, request, call);
  std::string lost;
  try {
    EntityReader reader({});
    const ResponseStatus status = session.change(
        "<create_task><name>" + escaped(remoteName(request)) + "</name><comment>" +
            escaped(request.description) + "</comment><config id=\"" + config +
            "\"/><target id=\"" + target + "\"/><scanner id=\"" + scanner + "\"/></create_task>",
        reader, call);
    if (status.isGood() && isId(status.id)) return status.id;
    if (!status.isGood() && status.code < 500) {
      deleteTarget(session, target, call);
      session.refuse(status, "a new task");
    }
    lost = "it answered " + std::to_string(status.code);
  } catch (const LostReply& reply) {
    lost = reply.what();
  }
  const std::string found = findByMarker(request.marker, call);
  if (!found.empty()) return found;
  throw PluginError(ErrorClass::ambiguous, "whether the task was made is not known (" + lost +
                                               "); look for " + request.marker + " on " +
                                               config_.url());
}

std::string GreenboneScanner::findByMarker(const std::string& marker, Call& call) {
  for (int looks = 1; looks <= most_looks; ++looks) {
    try {
      if (looks > 1) wait(look_again, call);
      GmpSession session(config_, call);
      std::string found;
      listTasks(
          session, marker,
          [&](const Fields& fields) {
            const RemoteState state = taskState(fields);
            if (state.marker == marker) found = state.reference;
          },
          call);
      if (!found.empty()) return found;
    } catch (const PluginError&) {
      // Still not known; the caller says so.
    }
  }
  return {};
}

std::string GreenboneScanner::startScan(const RemoteScan& scan, Call& call) {
  GmpSession session(config_, call);
  const Task task = own(session, scan, call);
  if (!isFresh(task.state))
    throw PluginError(ErrorClass::ambiguous, "task " + scan.reference + " on " + config_.url() +
                                                 " has run before (status " +
                                                 inQuotes(task.state.status) +
                                                 "); it is not started again");
  try {
    EntityReader reader({"report_id"});
    const ResponseStatus status =
        session.change("<start_task task_id=\"" + scan.reference + "\"/>", reader, call);
    const std::string& report = textAt(reader.fields(), "report_id");
    if (status.isGood() && isId(report)) return report;
    if (!status.isGood() && status.code < 500)
      session.refuse(status, "the start of task " + scan.reference);
    return findRun(scan, "it answered " + std::to_string(status.code), call);
  } catch (const LostReply& reply) {
    return findRun(scan, reply.what(), call);
  }
}

/// The run that a start without a readable answer may have begun.
std::string GreenboneScanner::findRun(const RemoteScan& scan, const std::string& why, Call& call) {
  for (int looks = 1; looks <= most_looks; ++looks) {
    try {
      if (looks > 1) wait(look_again, call);
      GmpSession session(config_, call);
      const Task task = own(session, scan, call);
      if (!task.state.run_id.empty()) return task.state.run_id;
    } catch (const PluginError&) {
      // Still not known; the error below says so.
    }
  }
  throw PluginError(ErrorClass::ambiguous, "whether task " + scan.reference + " on " +
                                               config_.url() + " was started is not known (" + why +
                                               ")");
}

void GreenboneScanner::findScans(std::string_view marker_prefix, RemoteStateSink& sink,
                                 Call& call) {
  GmpSession session(config_, call);
  listTasks(
      session, marker_prefix,
      [&](const Fields& fields) {
        const RemoteState state = taskState(fields);
        if (!state.marker.empty() &&
            state.marker.compare(0, marker_prefix.size(), marker_prefix) == 0)
          sink.tell(state);
      },
      call);
}

void GreenboneScanner::pollScans(const std::vector<RemoteScan>& scans, RemoteStateSink& sink,
                                 Call& call) {
  GmpSession session(config_, call);
  std::map<std::string, RemoteState> listed;
  listTasks(
      session, "[scanhost:",
      [&](const Fields& fields) {
        RemoteState state = taskState(fields);
        listed.insert_or_assign(state.reference, std::move(state));
      },
      call);
  for (const RemoteScan& scan : scans) {
    const auto found = listed.find(scan.reference);
    if (found != listed.end() && found->second.marker == scan.marker) {
      sink.tell(found->second);
      continue;
    }
    // Only the task itself says that it is gone.
    RemoteState state;
    if (const auto task = findOwn(session, scan, call)) {
      state = task->state;
    } else {
      state.reference = scan.reference;
      state.marker = scan.marker;
      state.state = RemoteStatus::gone;
    }
    sink.tell(state);
  }
}

void GreenboneScanner::stopScan(const RemoteScan& scan, Call& call) {
  GmpSession session(config_, call);
  const Task task = own(session, scan, call);
  if (task.state.state != RemoteStatus::running && task.state.state != RemoteStatus::pending)
    return;
  try {
    EntityReader reader({});
    const ResponseStatus status =
        session.change("<stop_task task_id=\"" + scan.reference + "\"/>", reader, call);
    if (!status.isGood()) session.refuse(status, "the stop of task " + scan.reference);
  } catch (const LostReply& reply) {
    // Harmless when repeated, so nobody has to find out what came of it.
    throw PluginError(ErrorClass::transient, reply.what(), ErrorSubject::backend);
  }
}

void GreenboneScanner::removeScan(const RemoteScan& scan, Call& call) {
  GmpSession session(config_, call);
  const auto task = findOwn(session, scan, call);
  if (!task) return;
  try {
    EntityReader reader({});
    const ResponseStatus status = session.change(
        "<delete_task task_id=\"" + scan.reference + "\" ultimate=\"1\"/>", reader, call);
    if (!status.isGood() && status.code != 404)
      session.refuse(status, "the removal of task " + scan.reference);
    if (isId(task->target_id)) deleteTarget(session, task->target_id, call);
  } catch (const LostReply& reply) {
    throw PluginError(ErrorClass::transient, reply.what(), ErrorSubject::backend);
  }
}

std::uint64_t GreenboneScanner::addressesOf(GmpSession& session, const std::string& target_id,
                                            Call& call) {
  if (!isId(target_id)) return 0;
  std::uint64_t count = 0;
  EntityReader reader("target", {"max_hosts"},
                      [&](const Fields& target) { count = countIn(textAt(target, "max_hosts")); });
  session.read("<get_targets target_id=\"" + target_id + "\"/>", reader, "target " + target_id,
               call);
  return count;
}

Summary GreenboneScanner::collectScan(const RemoteScan& scan, FindingSink& sink, Call& call) {
  if (!isId(scan.run_id))
    throw PluginError(ErrorClass::lost, "task " + scan.reference + " on " + config_.url() +
                                            " has no run " + inQuotes(scan.run_id));
  GmpSession session(config_, call);
  const Task task = own(session, scan, call);
  const std::uint64_t asked = addressesOf(session, task.target_id, call);

  Summary summary;
  std::string status;
  for (int page = 0; page < most_pages; ++page) {
    const std::uint64_t left = config_.max_report_bytes - summary.report_bytes;
    ReportReader reader(sink, page == 0 ? TellHosts::yes : TellHosts::no, left);
    // In an order that is the same for every page, or a result could fall between two.
    const std::string filter = filterOf(
        "apply_overrides=1 levels=chmlg min_qod=" + std::to_string(config_.min_qod) + " sort=uuid",
        rows_of_results, page * rows_of_results + 1);
    session.read("<get_reports report_id=\"" + scan.run_id + "\" format_id=\"" + report_format_xml +
                     "\" details=\"1\" ignore_pagination=\"0\" filter=\"" + filter + "\"/>",
                 reader, "report " + scan.run_id, call);
    summary.report_bytes += reader.bytesRead();
    if (reader.totals().report_id != scan.run_id)
      throw PluginError(ErrorClass::lost, config_.url() + " answers with report " +
                                              inQuotes(reader.totals().report_id) + " instead of " +
                                              scan.run_id);
    if (page == 0) {
      summary.hosts_answered = reader.totals().hosts;
      status = reader.totals().run_status;
    }
    if (reader.totals().results < rows_of_results) break;
  }
  summary.complete = statusOf(status) == RemoteStatus::completed;
  if (!summary.complete) summary.reason = "the scan's status is " + inQuotes(status);
  summary.hosts_silent = asked - std::min(asked, summary.hosts_answered);
  return summary;
}

}  // namespace scanhost::greenbone
