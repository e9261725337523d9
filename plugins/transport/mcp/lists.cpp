// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/lists.h"

#include <utility>

#include "plugins/transport/mcp/json_members.h"

namespace scanhost::mcp {
namespace {

constexpr std::size_t max_kept = 256;

std::string annotations(const OperationInfo& operation) {
  const auto flag = [&](const char* name, std::uint32_t bit) {
    return std::string("\"") + name + "\":" + (operation.has(bit) ? "true" : "false");
  };
  return "{" + flag("readOnlyHint", SCANHOST_OPERATION_READ_ONLY) + "," +
         flag("destructiveHint", SCANHOST_OPERATION_DESTRUCTIVE) + "," +
         flag("idempotentHint", SCANHOST_OPERATION_IDEMPOTENT) + "," +
         flag("openWorldHint", SCANHOST_OPERATION_OPEN_WORLD) + "}";
}

/// Before 2026-07-28 the root of an outputSchema is an object's.
bool fits(const std::string& output_schema, Revision revision) {
  if (output_schema.empty() || !hasStructure(revision)) return false;
  if (hasAnyStructure(revision)) return true;
  const auto schema = Json::tryParse(output_schema);
  return schema && (*schema)["type"].asString() == "object";
}

std::string_view taskSupport(const OperationInfo& operation) {
  if (operation.has(SCANHOST_OPERATION_TASK_REQUIRED)) return "required";
  return operation.has(SCANHOST_OPERATION_TASK_OPTIONAL) ? "optional" : "forbidden";
}

std::string_view memberName(ListKind what) {
  switch (what) {
    case ListKind::operations: return "tools";
    case ListKind::resources: return "resources";
    case ListKind::templates: return "resourceTemplates";
    case ListKind::prompts: return "prompts";
  }
  return {};
}

/// Who is asked for: lists may vary by caller, never by connection.
std::string whoAsks(const scanhost_caller& caller) {
  std::string who = toString(caller.subject);
  for (const std::string& role : toStrings(caller.roles)) who += '\n' + role;
  return who;
}

}  // namespace

std::string toolText(const OperationInfo& operation, Revision revision) {
  std::string out = "{";
  appendString(out, "name", operation.name);
  if (hasStructure(revision)) appendOptional(out, "title", operation.title);
  appendString(out, "description",
               operation.description.empty() ? operation.title : operation.description);
  appendMember(out, "inputSchema",
               operation.input_schema.empty() ? "{\"type\":\"object\"}" : operation.input_schema);
  if (fits(operation.output_schema, revision))
    appendMember(out, "outputSchema", operation.output_schema);
  if (hasToolAnnotations(revision)) appendMember(out, "annotations", annotations(operation));
  if (hasTaskRequests(revision))
    appendMember(out, "execution",
                 "{\"taskSupport\":\"" + std::string(taskSupport(operation)) + "\"}");
  return out += '}';
}

std::string resourceText(const ResourceInfo& resource, Revision revision) {
  const bool is_template = (resource.flags & SCANHOST_RESOURCE_TEMPLATE) != 0;
  std::string out = "{";
  appendString(out, is_template ? "uriTemplate" : "uri", resource.uri);
  appendString(out, "name", resource.name.empty() ? resource.uri : resource.name);
  if (hasStructure(revision)) appendOptional(out, "title", resource.title);
  appendOptional(out, "description", resource.description);
  appendOptional(out, "mimeType", resource.media_type);
  if (resource.size >= 0 && !is_template) appendMember(out, "size", std::to_string(resource.size));
  return out += '}';
}

std::string promptText(const PromptInfo& prompt, Revision revision) {
  std::string out = "{";
  appendString(out, "name", prompt.name);
  if (hasStructure(revision)) appendOptional(out, "title", prompt.title);
  appendOptional(out, "description", prompt.description);
  if (!prompt.arguments.empty()) appendMember(out, "arguments", prompt.arguments);
  return out += '}';
}

std::string Lists::read(ListKind what, std::string_view cursor, const scanhost_caller& caller,
                        Revision revision) const {
  const auto page = operations_.page(what, caller, cursor);
  if (!page) throw invalidParams("this cursor was not given to you for this list");
  std::string out = "\"" + std::string(memberName(what)) + "\":[";
  const auto append = [&](const auto& items, const auto& text) {
    for (const auto& item : items) {
      if (out.back() != '[') out += ',';
      out += text(item, revision);
    }
  };
  append(page->operations, toolText);
  append(page->resources, resourceText);
  append(page->prompts, promptText);
  out += ']';
  if (page->next) appendMember(out, "nextCursor", Json(*page->next).dump());
  return out;
}

std::string Lists::members(ListKind what, const Message& message, const scanhost_caller& caller,
                           Revision revision) {
  const Json& cursor = message.params["cursor"];
  if (!cursor.isNull() && !cursor.isString()) throw invalidParams("cursor must be a string");
  const bool changes_seldom = what == ListKind::operations || what == ListKind::prompts;
  if (!changes_seldom || !cursor.isNull()) return read(what, cursor.asString(), caller, revision);

  const Key key{what, revision, whoAsks(caller)};
  std::uint64_t generation = 0;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = kept_.find(key); found != kept_.end()) return found->second;
    generation = generation_;
  }
  std::string text = read(what, {}, caller, revision);
  const std::lock_guard lock(mutex_);
  if (generation == generation_) {
    if (kept_.size() >= max_kept) kept_.clear();
    kept_.emplace(key, text);
  }
  return text;
}

void Lists::forget() {
  const std::lock_guard lock(mutex_);
  ++generation_;
  kept_.clear();
}

}  // namespace scanhost::mcp
