// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One request of a client while it is answered: who asks, in which revision, and the way back.
#pragma once

#include <scanhost/abi/call.h>
#include <scanhost/caller.h>
#include <scanhost/json.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "plugins/transport/mcp/json_rpc.h"
#include "plugins/transport/mcp/outlet.h"
#include "plugins/transport/mcp/revision.h"

namespace scanhost::mcp {

class Session;

/// How long a client may keep a result (MCP 2026-07-28, Caching); older revisions have none.
enum class Keep {
  unsaid,
  shortly,  ///< lists, which change with a restart or with the caller's roles
  never,    ///< what is read may be another at any time
};

struct Exchange {
  Revision revision = newest_session_revision;
  Json id;
  std::shared_ptr<const OwnedCaller> caller;
  std::shared_ptr<Outlet> outlet;
  std::shared_ptr<Session> session = {};  ///< null without one
  Json client;                            ///< the client's capabilities
  std::int32_t log_level = -1;            ///< the least that is sent; -1: none
  Json progress_token;                    ///< null: no progress is wanted
  scanhost_trace trace{};
  std::int64_t deadline_ns = INT64_MAX;

  /// `members` is the inside of the result; what the revision demands of every result is added.
  void succeed(std::string members, Keep keep = Keep::unsaid) const;
  /// A result whose `resultType` is not "complete", before 2026-07-28 as it is.
  void succeedAs(std::string_view result_type, std::string members) const;
  void fail(const RpcError& error) const;
};

/// syslog's names (RFC 5424) as our levels, and back; -1 for a name that is none.
std::int32_t logLevelOf(std::string_view name);
std::string_view logLevelName(std::int32_t level);

}  // namespace scanhost::mcp
