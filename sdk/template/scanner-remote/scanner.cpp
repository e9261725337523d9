// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@
#include "scanner.h"

#include <sstream>

using namespace scanhost;

namespace {

/// "[scanhost:<task id>/<launch>]" at the end of a name; empty when there is none.
std::string markerOf(const std::string& name) {
  const std::size_t at = name.rfind("[scanhost:");
  return at == std::string::npos ? std::string() : name.substr(at);
}

RemoteStatus statusOf(const Spool::Job& job) {
  if (job.run_id.empty()) return RemoteStatus::created;
  if (job.status.empty()) return RemoteStatus::pending;
  if (job.status == "completed") return RemoteStatus::completed;
  if (job.status == "stopped") return RemoteStatus::stopped;
  if (job.status == "failed") return RemoteStatus::aborted;
  return RemoteStatus::running;
}

RemoteState stateOf(const Spool::Job& job) {
  RemoteState state;
  state.state = statusOf(job);
  state.reference = job.id;
  state.run_id = job.run_id;
  state.marker = markerOf(job.name);
  state.status = job.status;
  state.percent = job.percent;
  // Without the marker and the space before it: as prepareScan was given it.
  const std::size_t marker = job.name.size() - state.marker.size();
  state.name = job.name.substr(0, marker == 0 ? 0 : marker - 1);
  return state;
}

[[noreturn]] void lost(const RemoteScan& scan) {
  throw PluginError(ErrorClass::lost, "job " + scan.reference + " is gone from the spool folder");
}

}  // namespace

ScannerDescription @CLASS@::describe() {
  ScannerDescription description;
  description.capabilities =
      SCANHOST_SCANNER_PINS_NAMES | SCANHOST_SCANNER_TWO_STEP | SCANHOST_SCANNER_FINDS;
  return description;
}

ScannerHealth @CLASS@::selfTest(Call&) {
  spool_.check();
  return {};
}

std::string @CLASS@::prepareScan(const ScanRequest& request, Call&) {
  Json addresses = Json::array();
  for (const Target& target : request.targets)
    for (const std::string& address : target.addresses) addresses.push(address);
  return spool_.create(Json::object(
      {{"name", request.name + " " + request.marker}, {"addresses", std::move(addresses)}}));
}

std::string @CLASS@::startScan(const RemoteScan& scan, Call&) {
  if (!ours(scan)) lost(scan);
  return spool_.start(scan.reference);
}

void @CLASS@::findScans(std::string_view marker_prefix, RemoteStateSink& sink, Call&) {
  for (const Spool::Job& job : spool_.jobs())
    if (markerOf(job.name).rfind(marker_prefix, 0) == 0) sink.tell(stateOf(job));
}

void @CLASS@::pollScans(const std::vector<RemoteScan>& scans, RemoteStateSink& sink, Call& call) {
  spool_.check();  // a folder that is away is no sign that the jobs in it are
  for (const RemoteScan& scan : scans) {
    call.check();
    RemoteState state;
    if (const auto job = ours(scan))
      state = stateOf(*job);
    else
      state.state = RemoteStatus::gone;
    state.reference = scan.reference;
    sink.tell(state);
  }
}

void @CLASS@::stopScan(const RemoteScan& scan, Call&) {
  if (!ours(scan)) lost(scan);
  spool_.stop(scan.reference);
}

/// The report: "<address> <port> <check> <severity, 0 to 4> <text>", a line each.
Summary @CLASS@::collectScan(const RemoteScan& scan, FindingSink& sink, Call& call) {
  const auto job = ours(scan);
  if (!job) lost(scan);
  const std::string report = spool_.report(scan.reference);
  Summary summary;
  summary.report_bytes = report.size();
  summary.complete = job->status == "completed";
  if (!summary.complete) summary.reason = "the scanner says that the scan is " + job->status;
  std::istringstream lines(report);
  for (std::string line; std::getline(lines, line);) {
    call.check();
    std::istringstream fields(line);
    FindingRecord finding;
    int severity = -1;
    fields >> finding.host >> finding.port >> finding.check_id >> severity;
    if (!fields || severity < 0 || severity > 4) {
      summary.complete = false;
      summary.reason = "the report has a line that is no finding: " + line.substr(0, 80);
      continue;
    }
    std::getline(fields >> std::ws, finding.output);
    finding.check_name = finding.check_id;
    finding.severity = static_cast<Severity>(severity);
    sink.emit(std::move(finding));
  }
  return summary;
}

void @CLASS@::removeScan(const RemoteScan& scan, Call&) {
  if (ours(scan)) spool_.remove(scan.reference);
}

std::optional<Spool::Job> @CLASS@::ours(const RemoteScan& scan) const {
  auto job = spool_.find(scan.reference);
  if (job && (scan.marker.empty() || markerOf(job->name) != scan.marker)) job.reset();
  return job;
}
