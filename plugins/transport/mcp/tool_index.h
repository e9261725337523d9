// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the transport must know of each tool before it is called: whether it runs as a task, and
/// which of its arguments a header repeats. Learnt anew when the list changes. Any thread.
#pragma once

#include <scanhost/host_operations.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost::mcp {

/// An argument with `x-mcp-header` in its schema (MCP 2026-07-28, Custom headers).
struct HeaderParameter {
  std::string header;             ///< "Mcp-Param-Region"
  std::vector<std::string> path;  ///< from the arguments inwards
};

/// Those of a schema; what is marked against the rules is passed over.
std::vector<HeaderParameter> headerParameters(const Json& input_schema);
/// Whether a header's value says the same as the argument. Both absent is the same.
bool saysTheSame(std::optional<std::string_view> header, const Json& value);

struct KnownTool {
  std::uint32_t flags = 0;
  std::vector<HeaderParameter> headers = {};
};

class ToolIndex {
 public:
  explicit ToolIndex(const OperationsClient& operations) : operations_(operations) {}

  void learn();
  /// Null when there is none of that name.
  std::shared_ptr<const KnownTool> find(std::string_view name) const;
  std::vector<std::string> names() const;

 private:
  using Tools = std::map<std::string, std::shared_ptr<const KnownTool>, std::less<>>;

  const OperationsClient& operations_;
  mutable std::mutex mutex_;
  Tools tools_;
};

}  // namespace scanhost::mcp
