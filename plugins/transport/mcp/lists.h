// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What there is, as a revision lists it: tools, resources, templates, prompts. Lists that change
/// seldom are kept as text until they do. Any thread.
#pragma once

#include <scanhost/host_operations.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "plugins/transport/mcp/json_rpc.h"
#include "plugins/transport/mcp/revision.h"

namespace scanhost::mcp {

std::string toolText(const OperationInfo& operation, Revision revision);
std::string resourceText(const ResourceInfo& resource, Revision revision);
std::string promptText(const PromptInfo& prompt, Revision revision);

class Lists {
 public:
  explicit Lists(const OperationsClient& operations) : operations_(operations) {}

  /// The members of the result: `"tools":[...],"nextCursor":"..."`. Throws RpcError for a bad
  /// cursor.
  std::string members(ListKind what, const Message& message, const scanhost_caller& caller,
                      Revision revision);
  /// What was kept is told no more.
  void forget();

 private:
  using Key = std::tuple<ListKind, Revision, std::string>;

  std::string read(ListKind what, std::string_view cursor, const scanhost_caller& caller,
                   Revision revision) const;

  const OperationsClient& operations_;
  std::mutex mutex_;
  std::uint64_t generation_ = 0;
  std::map<Key, std::string> kept_;
};

}  // namespace scanhost::mcp
