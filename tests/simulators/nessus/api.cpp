// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/api.h"

#include <Poco/URI.h>

#include <string_view>

namespace scanhost::simulator {
namespace {

/// The fields of a form as an object of texts; a repeated field keeps its first value.
Json readForm(const std::string& body) {
  Poco::URI uri;
  uri.setRawQuery(body);
  Json fields = Json::object();
  for (const auto& [name, value] : uri.getQueryParameters())
    if (!fields.has(name)) fields[name] = value;
  return fields;
}

/// The body as JSON, whichever way it is written; nothing when it is broken.
std::optional<Json> readBody(const Request& request) {
  const std::string type = request.header("Content-Type");
  if (request.body.empty() || type.starts_with("multipart/")) return Json::object();
  const bool looks_like_json = request.body.find_first_not_of(" \t\r\n") != std::string::npos &&
                               request.body[request.body.find_first_not_of(" \t\r\n")] == '{';
  if (type.starts_with("application/x-www-form-urlencoded") && !looks_like_json)
    return readForm(request.body);
  auto body = Json::tryParse(request.body);
  if (!body || !body->isObject()) return {};
  return body;
}

/// The text up to the next slash, which is taken off `rest`.
std::string_view takeSegment(std::string_view& rest) {
  const std::size_t slash = rest.find('/');
  const std::string_view segment = rest.substr(0, slash);
  rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
  return segment;
}

}  // namespace

Api::Api(Options options, ReportLibrary reports, Journal& journal, Clock clock)
    : options_(options),
      journal_(journal),
      clock_(std::move(clock)),
      access_(options.access),
      scans_(options.scans, std::move(reports)),
      exports_(options.export_time) {}

std::int64_t Api::Call::id(std::size_t index) const {
  return numberOf(Json(parts.at(index))).value_or(-1);
}

std::optional<std::int64_t> Api::Call::param(const std::string& name) const {
  const auto found = request.params.find(name);
  if (found == request.params.end()) return {};
  return numberOf(Json(found->second));
}

const std::vector<Api::Route>& Api::routes() {
  using enum Guard;
  static const std::vector<Route> all = {
      {"GET", "/server/status", open, &Api::serverStatus},
      {"GET", "/server/properties", open, &Api::serverProperties},
      {"GET", "/nessus6.js", open, &Api::userInterfaceScript},
      {"POST", "/session", open, &Api::openSession},
      {"GET", "/session", member, &Api::describeSession},
      {"DELETE", "/session", member, &Api::closeSession},
      {"PUT", "/session/keys", member, &Api::renewKeys},
      {"GET", "/scanners", member, &Api::listScanners},
      {"GET", "/folders", member, &Api::listFolders},
      {"POST", "/file/upload", control, &Api::uploadFile},

      {"GET", "/editor/{}/templates", member, &Api::listTemplates},
      {"GET", "/editor/{}/templates/{}", member, &Api::showTemplate},
      {"GET", "/policies", member, &Api::listPolicies},
      {"POST", "/policies", control, &Api::createPolicy},
      {"GET", "/policies/{}", member, &Api::showPolicy},
      {"PUT", "/policies/{}", control, &Api::configurePolicy},
      {"DELETE", "/policies/{}", removal, &Api::deletePolicy},
      {"GET", "/plugins/families", member, &Api::listFamilies},
      {"GET", "/plugins/families/{}", member, &Api::showFamily},
      {"GET", "/plugins/plugin/{}", member, &Api::showPlugin},

      {"GET", "/scans", member, &Api::listScans},
      {"POST", "/scans", control, &Api::createScan},
      {"DELETE", "/scans", removal, &Api::deleteScans},
      {"GET", "/scans/{}", member, &Api::showScan},
      {"PUT", "/scans/{}", control, &Api::configureScan},
      {"DELETE", "/scans/{}", removal, &Api::deleteScan},
      {"POST", "/scans/{}/copy", control, &Api::copyScan},
      {"POST", "/scans/{}/launch", control, &Api::launchScan},
      {"POST", "/scans/{}/pause", control, &Api::pauseScan},
      {"POST", "/scans/{}/resume", control, &Api::resumeScan},
      {"POST", "/scans/{}/stop", control, &Api::stopScan},
      {"POST", "/scans/{}/kill", control, &Api::killScan},
      {"PUT", "/scans/{}/status", member, &Api::markScan},
      {"PUT", "/scans/{}/schedule", control, &Api::scheduleScan},
      {"DELETE", "/scans/{}/history/{}", removal, &Api::deleteHistory},
      {"GET", "/scans/{}/hosts/{}", member, &Api::showHost},
      {"GET", "/scans/{}/hosts/{}/plugins/{}", member, &Api::showPluginOutput},

      {"POST", "/scans/{}/export", member, &Api::createExport},
      {"GET", "/scans/{}/export/formats", member, &Api::listExportFormats},
      {"GET", "/scans/{}/export/{}/status", member, &Api::exportStatus},
      {"GET", "/scans/{}/export/{}/download", member, &Api::exportDownload},
      {"GET", "/tokens/{}/status", open, &Api::tokenStatus},
      {"GET", "/tokens/{}/download", open, &Api::tokenDownload},
  };
  return all;
}

bool Api::matches(const char* pattern, const std::string& path, std::vector<std::string>& parts) {
  parts.clear();
  if (path.ends_with('/')) return false;
  std::string_view wanted = pattern;
  std::string_view given = path;
  while (!wanted.empty() && !given.empty()) {
    const std::string_view segment = takeSegment(wanted);
    const std::string_view found = takeSegment(given);
    if (segment == "{}" && !found.empty())
      parts.emplace_back(found);
    else if (segment != found)
      return false;
  }
  return wanted.empty() && given.empty();
}

Reply Api::answer(const Request& request) {
  const std::lock_guard lock(mutex_);
  bool path_known = false;
  std::vector<std::string> parts;
  for (const Route& route : routes()) {
    if (!matches(route.pattern, request.path, parts)) continue;
    path_known = true;
    if (request.method == route.method) return dispatch(route, request, std::move(parts));
  }
  if (path_known) return Reply::error(405, "The method is not allowed");
  return Reply::error(404, "The requested file was not found.");
}

std::optional<Reply> Api::refuseVisitor(const Route& route, const Visitor& visitor) const {
  if (route.guard == Guard::open) return {};
  if (visitor.caller == Caller::nobody)
    return Reply::error(401, visitor.refused ? "Invalid Credentials"
                                             : "You need to log in to perform this request.");
  const bool gated =
      route.guard == Guard::control || (route.guard == Guard::removal && options_.gate_delete);
  const bool from_user_interface = visitor.caller == Caller::session && visitor.api_token;
  if (options_.licence == Licence::manager || !gated || from_user_interface) return {};
  Reply reply = Reply::error(412, "API is not available");
  reply.close = true;
  return reply;
}

Reply Api::dispatch(const Route& route, const Request& request, std::vector<std::string> parts) {
  const Timestamp now = clock_();
  const Visitor visitor = access_.identify(request, now);
  if (auto refused = refuseVisitor(route, visitor)) return std::move(*refused);
  auto body = readBody(request);
  if (!body) return Reply::error(400, "The request body is not valid JSON");
  return (this->*route.act)(Call{request, std::move(parts), std::move(*body), visitor, now});
}

bool Api::vanish(std::int64_t scan_id) {
  const std::lock_guard lock(mutex_);
  return scans_.vanish(scan_id);
}

void Api::vanishAll() {
  const std::lock_guard lock(mutex_);
  scans_.vanishAll();
}

bool Api::abort(std::int64_t scan_id) {
  const std::lock_guard lock(mutex_);
  return scans_.control(scan_id, &Run::abort, clock_()).has_value();
}

bool Api::finish(std::int64_t scan_id) {
  const std::lock_guard lock(mutex_);
  return scans_.control(scan_id, &Run::finish, clock_()).has_value();
}

void Api::renewApiToken() {
  const std::lock_guard lock(mutex_);
  access_.renewApiToken();
}

}  // namespace scanhost::simulator
