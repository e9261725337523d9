// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
/// Exports: asking for a file, waiting for it, fetching it.
#include "tests/simulators/nessus/api.h"

namespace scanhost::simulator {
namespace {

Reply noSuchFile() {
  return Reply::error(404, "The requested file was not found");
}

}  // namespace

Reply Api::createExport(const Call& call) {
  const auto scan = scans_.find(call.id(), call.now);
  if (!scan) return Reply::error(scan.error().status, scan.error().text);
  const std::string format = call.body["format"].asString();
  if (!Exports::knows(format)) return Reply::error(400, "Invalid 'format' field");
  const auto run = chosenRun(call, **scan);
  if (!run) return Reply::error(run.error().status, run.error().text);
  const bool whole = (*run)->phase() == Phase::completed || (*run)->phase() == Phase::imported;
  Export wanted;
  wanted.scan_id = (*scan)->id;
  wanted.scan_name = (*scan)->name;
  wanted.format = format;
  wanted.report = (*run)->sharedReport();
  wanted.hosts = whole ? (*run)->report().hostCount() : (*run)->finishedHosts(call.now);
  const Export& made = exports_.add(std::move(wanted), call.now);
  return Reply::json(Json::object({{"token", made.token}, {"file", made.file}}))
      .with("export_created")
      .about((*scan)->id, (*scan)->name);
}

Reply Api::listExportFormats(const Call& call) {
  const auto scan = scans_.find(call.id(), call.now);
  if (!scan) return Reply::error(scan.error().status, scan.error().text);
  const auto format = [](const char* name, const char* value) {
    return Json::object({{"name", name}, {"value", value}});
  };
  return Reply::json(Json::object(
      {{"formats",
        Json::array({format("Nessus", "nessus"), format("HTML", "html"), format("CSV", "csv")})}}));
}

Reply Api::showExportStatus(const Export* wanted, Timestamp now) const {
  if (!wanted) return noSuchFile();
  if (wanted->broken()) return Reply::json(Json::object({{"status", "error"}}), 500);
  const char* status = exports_.ready(*wanted, now) ? "ready" : "loading";
  return Reply::json(Json::object({{"status", status}}));
}

Reply Api::sendExport(const Export* wanted, Timestamp now) const {
  if (!wanted || wanted->broken()) return noSuchFile();
  if (!exports_.ready(*wanted, now)) return Reply::error(409, "The file is not ready");
  Reply reply;
  reply.content_type = "application/octet-stream";
  reply.headers = {{"Content-Disposition", "attachment; filename=\"" + wanted->fileName() + "\""}};
  reply.stream = wanted->writer();
  return std::move(reply).with("export_downloaded").about(wanted->scan_id, wanted->scan_name);
}

Reply Api::exportStatus(const Call& call) {
  const auto scan = scans_.find(call.id(0), call.now);
  if (!scan) return noSuchFile();
  return showExportStatus(exports_.findFile(call.id(0), call.id(1), call.now), call.now);
}

Reply Api::exportDownload(const Call& call) {
  const auto scan = scans_.find(call.id(0), call.now);
  if (!scan) return noSuchFile();
  return sendExport(exports_.findFile(call.id(0), call.id(1), call.now), call.now);
}

Reply Api::tokenStatus(const Call& call) {
  return showExportStatus(exports_.findToken(call.parts[0], call.now), call.now);
}

Reply Api::tokenDownload(const Call& call) {
  return sendExport(exports_.findToken(call.parts[0], call.now), call.now);
}

}  // namespace scanhost::simulator
