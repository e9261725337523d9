// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
/// The server itself, its users, and the odd calls that belong to neither scans nor policies.
#include "tests/simulators/nessus/api.h"
#include "tests/simulators/nessus/scan_view.h"

namespace scanhost::simulator {
namespace {

/// The name in `Content-Disposition: form-data; name="Filedata"; filename="x"`; empty if none.
std::string uploadedName(const std::string& body) {
  const std::size_t field = body.find("name=\"Filedata\"");
  if (field == std::string::npos) return {};
  const std::size_t line_end = body.find('\n', field);
  const std::size_t start = body.find("filename=\"", field);
  if (start == std::string::npos || start > line_end) return {};
  const std::size_t first = start + 10;
  const std::size_t end = body.find('"', first);
  return end == std::string::npos ? std::string() : body.substr(first, end - first);
}

/// What lies between the header and the closing boundary of the only part.
std::string uploadedContent(const std::string& body) {
  const std::size_t header_end = body.find("\r\n\r\n");
  const std::size_t last_boundary = body.rfind("\r\n--");
  if (header_end == std::string::npos || last_boundary == std::string::npos ||
      last_boundary < header_end + 4)
    return {};
  return body.substr(header_end + 4, last_boundary - header_end - 4);
}

}  // namespace

Reply Api::serverStatus(const Call&) {
  return Reply::json(Json::object({{"code", 200}, {"progress", nullptr}, {"status", "ready"}}));
}

Reply Api::serverProperties(const Call& call) {
  const bool manager = options_.licence == Licence::manager;
  Json properties = Json::object({{"nessus_type", manager ? "Nessus Manager" : "Nessus"},
                                  {"nessus_ui_version", "10.7.2"},
                                  {"server_version", "10.7.2"}});
  if (call.visitor.caller == Caller::nobody) return Reply::json(properties);
  properties["server_build"] = "20015";
  properties["platform"] = "LINUX";
  properties["feed"] = manager ? "ManagerFeed" : "ProFeed";
  properties["plugin_set"] = "202405010000";
  properties["loaded_plugin_set"] = "202405010000";
  properties["server_uuid"] = "5e1f2a0c-6c0e-4c0a-9d61-2f1f5f1c0b11";
  properties["expiration"] = 4102444800;
  properties["idle_timeout"] = "30";
  properties["license"] = Json::object(
      {{"type", manager ? "manager" : "nessus"},
       {"name", manager ? "Nessus Manager" : "Nessus Professional"},
       {"ips", 512},
       {"features", Json::object({{"api", true}, {"scan_api", manager}, {"report", true}})}});
  properties["capabilities"] = Json::object({{"multi_scanner", manager}, {"multi_user", "full"}});
  properties["notifications"] = Json::array();
  properties["update"] = Json::object({{"href", nullptr}, {"new_version", 0}, {"restart", 0}});
  return Reply::json(properties);
}

Reply Api::userInterfaceScript(const Call&) {
  Reply reply;
  reply.content_type = "application/javascript";
  reply.headers = {{"Cache-Control", "must-revalidate"},
                   {"ETag", "\"" + sha256Hex(access_.apiToken()).substr(0, 32) + "\""}};
  reply.body =
      "/* a stand-in for the user interface */(function(){var C=function(a,b){};"
      "C(this,[{key:\"getVersion\",value:function(){return\"10.7.2\"}},"
      "{key:\"getApiToken\",value:function(){return\"" +
      access_.apiToken() + "\"}},{key:\"getBuild\",value:function(){return 20015}}])})();\n";
  return reply;
}

Reply Api::openSession(const Call& call) {
  const std::string password = textOf(call.body["password"]).value_or("");
  journal_.addCredentials({}, Json::object({{"session.password", password}}));
  const auto token = access_.login(textOf(call.body["username"]).value_or(""), password, call.now);
  if (!token) return Reply::error(401, "Invalid Credentials");
  return Reply::json(Json::object({{"md5sum_wizard_templates", "c0ffee00c0ffee00c0ffee00c0ffee00"},
                                   {"token", *token},
                                   {"md5sum_tenable_links", "c0ffee01c0ffee01c0ffee01c0ffee01"}}))
      .with("session_opened");
}

Reply Api::describeSession(const Call&) {
  return Reply::json(Json::object({{"id", 2},
                                   {"username", access_.owner()},
                                   {"name", access_.owner()},
                                   {"email", nullptr},
                                   {"permissions", 128},
                                   {"type", "local"},
                                   {"container_id", 0},
                                   {"groups", nullptr}}));
}

Reply Api::closeSession(const Call& call) {
  access_.logout(call.request);
  return Reply().with("session_closed");
}

Reply Api::renewKeys(const Call&) {
  const KeyPair keys = access_.renewKeys();
  return Reply::json(Json::object({{"accessKey", keys.access}, {"secretKey", keys.secret}}))
      .with("keys_renewed");
}

Reply Api::listScanners(const Call&) {
  return Reply::json(
      Json::object({{"scanners", Json::array({Json::object({{"id", 1},
                                                            {"uuid",
                                                             "00000000-0000-0000-0000-000000000000"
                                                             "00000000000000"},
                                                            {"name", "Local Scanner"},
                                                            {"type", "local"},
                                                            {"status", "on"},
                                                            {"linked", 1},
                                                            {"owner", "nessus_ms_agent"},
                                                            {"engine_version", "10.7.2"},
                                                            {"loaded_plugin_set", "202405010000"},
                                                            {"num_scans", 0},
                                                            {"user_permissions", 128},
                                                            {"creation_date", 1},
                                                            {"last_modification_date", 1}})})}}));
}

Reply Api::listFolders(const Call&) {
  return Reply::json(Json::object({{"folders", folderList()}}));
}

Reply Api::uploadFile(const Call& call) {
  const std::string name = uploadedName(call.request.body);
  if (name.empty()) return Reply::error(400, "Invalid 'Filedata' field");
  journal_.addCredentials({},
                          Json::object({{"upload." + name, uploadedContent(call.request.body)}}));
  return Reply::json(Json::object({{"fileuploaded", name}})).with("file_uploaded");
}

}  // namespace scanhost::simulator
