// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/tool_index.h"

#include <scanhost/json.h>

#include <cctype>
#include <charconv>
#include <set>
#include <utility>

#include "plugins/transport/mcp/headers.h"
#include "plugins/transport/mcp/protocol.h"

namespace scanhost::mcp {
namespace {

constexpr int max_depth = 8;

/// token (RFC 9110, 5.6.2)
bool isToken(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  for (const char c : text)
    if (!std::isalnum(static_cast<unsigned char>(c)) && marks.find(c) == std::string_view::npos)
      return false;
  return !text.empty();
}

void collect(const Json& schema, std::vector<std::string>& path, std::set<std::string>& taken,
             std::vector<HeaderParameter>& found, int depth) {
  if (depth == 0) return;
  for (const auto& [name, property] : schema["properties"].members()) {
    path.push_back(name);
    const std::string& marked = property["x-mcp-header"].asString();
    const std::string& type = property["type"].asString();
    const bool simple = type == "string" || type == "integer" || type == "boolean";
    if (simple && isToken(marked) && taken.insert(lowered(marked)).second)
      found.push_back({std::string(header::parameter_prefix) + marked, path});
    collect(property, path, taken, found, depth - 1);
    path.pop_back();
  }
}

}  // namespace

std::vector<HeaderParameter> headerParameters(const Json& input_schema) {
  std::vector<HeaderParameter> found;
  std::vector<std::string> path;
  std::set<std::string> taken;
  collect(input_schema, path, taken, found, max_depth);
  return found;
}

bool saysTheSame(std::optional<std::string_view> header, const Json& value) {
  if (value.isNull() || !header) return value.isNull() && !header;
  const auto said = decodeHeaderValue(*header);
  if (!said) return false;
  if (value.isString()) return *said == value.asString();
  if (value.isBool()) return *said == (value.asBool() ? "true" : "false");
  if (!value.isInteger()) return false;
  std::int64_t number = 0;
  const auto read = std::from_chars(said->data(), said->data() + said->size(), number);
  return read.ec == std::errc() && read.ptr == said->data() + said->size() &&
         number == value.asInteger();
}

void ToolIndex::learn() {
  const scanhost_text role = toText("operator");
  scanhost_caller everything{};
  everything.struct_size = sizeof everything;
  everything.subject = toText("node");
  everything.roles = {&role, 1};
  Tools learnt;
  for (const OperationInfo& operation : operations_.list(everything)) {
    auto tool = std::make_shared<KnownTool>();
    tool->flags = operation.flags;
    if (operation.input_schema.find("x-mcp-header") != std::string::npos)
      tool->headers = headerParameters(Json::tryParse(operation.input_schema).value_or(Json()));
    learnt.emplace(operation.name, std::move(tool));
  }
  const std::lock_guard lock(mutex_);
  tools_ = std::move(learnt);
}

std::shared_ptr<const KnownTool> ToolIndex::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = tools_.find(name);
  return found == tools_.end() ? nullptr : found->second;
}

std::vector<std::string> ToolIndex::names() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& entry : tools_) names.push_back(entry.first);
  return names;
}

}  // namespace scanhost::mcp
