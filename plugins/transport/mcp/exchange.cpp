// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/exchange.h"

#include <utility>

#include "plugins/transport/mcp/protocol.h"

namespace scanhost::mcp {
namespace {

constexpr int list_ttl_ms = 60'000;

const std::string& serverInfoMember() {
  static const std::string member =
      "\"_meta\":" +
      Json::object({{std::string(meta::server_info),
                     Json::object({{"name", server_name}, {"version", server_version}})}})
          .dump();
  return member;
}

void append(std::string& members, std::string_view more) {
  if (!members.empty()) members += ',';
  members += more;
}

}  // namespace

void Exchange::succeed(std::string members, Keep keep) const {
  if (isStateless(revision) && keep != Keep::unsaid)
    append(members, "\"ttlMs\":" + std::to_string(keep == Keep::shortly ? list_ttl_ms : 0) +
                        ",\"cacheScope\":\"private\"");
  succeedAs("complete", std::move(members));
}

void Exchange::succeedAs(std::string_view result_type, std::string members) const {
  if (isStateless(revision)) {
    append(members, "\"resultType\":\"");
    members += result_type;
    members += "\",";
    members += serverInfoMember();
  }
  outlet->respond(200, resultBody(id, members));
}

void Exchange::fail(const RpcError& error) const {
  if (error.httpStatus() == 403)
    return outlet->forbid(error.data()["scope"].asString(), errorBody(id, error));
  outlet->respond(error.httpStatus(), errorBody(id, error));
}

std::int32_t logLevelOf(std::string_view name) {
  if (name == "debug") return SCANHOST_LEVEL_DEBUG;
  if (name == "info" || name == "notice") return SCANHOST_LEVEL_INFO;
  if (name == "warning") return SCANHOST_LEVEL_WARNING;
  if (name == "error" || name == "critical" || name == "alert" || name == "emergency")
    return SCANHOST_LEVEL_ERROR;
  return -1;
}

std::string_view logLevelName(std::int32_t level) {
  switch (level) {
    case SCANHOST_LEVEL_DEBUG: return "debug";
    case SCANHOST_LEVEL_INFO: return "info";
    case SCANHOST_LEVEL_WARNING: return "warning";
    default: return "error";
  }
}

}  // namespace scanhost::mcp
