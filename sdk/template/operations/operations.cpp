// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@
#include "operations.h"

#include <scanhost/json.h>

#include <fstream>
#include <iterator>
#include <sstream>

using namespace scanhost;

namespace {

constexpr const char* list_uri = "@SHORT@://services";

/// Arguments come from a stranger: JSON that may be anything.
std::optional<std::int64_t> portOf(std::string_view arguments) {
  const auto read = Json::tryParse(arguments.empty() ? "{}" : arguments);
  const std::int64_t port = read ? (*read)["port"].asInteger(-1) : -1;
  if (port < 0 || port > 65535) return std::nullopt;
  return port;
}

}  // namespace

@CLASS@::@CLASS@(const Settings& settings) : file_(settings["services"].asString()) {}

void @CLASS@::start(Call&) {
  std::ifstream in(file_);
  if (!in)
    throw PluginError(ErrorClass::config, file_ + " cannot be read; name another file in services");
  services_.assign(std::istreambuf_iterator<char>(in), {});
}

void @CLASS@::list(ListPage& page, ListKind what, const scanhost_caller&, std::string_view cursor,
                   Call&) {
  if (!cursor.empty()) throw PluginError(ErrorClass::unsupported, "the list has one page");
  if (what == ListKind::operations)
    page.add(OperationInfo{"service_of_port", "Service of a port",
                           "Names the service that is usually found at a TCP port.",
                           R"({"type":"object","properties":{"port":{"type":"integer",)"
                           R"("minimum":0,"maximum":65535}},"required":["port"]})",
                           R"({"type":"object","properties":{"service":{"type":"string"}}})",
                           SCANHOST_OPERATION_READ_ONLY | SCANHOST_OPERATION_IDEMPOTENT});
  if (what == ListKind::resources)
    page.add(ResourceInfo{list_uri, "services", "Services", "Every service and its port.",
                          "text/plain"});
  if (what == ListKind::prompts)
    page.add(PromptInfo{"explain_port", "Explain a port", "Asks what an open port may mean.",
                        R"([{"name":"port","required":true}])"});
}

void @CLASS@::request(const OperationRequest& request, Reply reply, const Call&) {
  if (request.kind == RequestKind::operation && request.name == "service_of_port")
    return nameService(request, std::move(reply));
  if (request.kind == RequestKind::resource && request.name == list_uri) {
    ContentHead head;
    head.kind = ContentKind::resource;
    head.uri = list_uri;
    head.media_type = "text/plain";
    reply.content(head, services_);
    return reply.result();
  }
  if (request.kind == RequestKind::prompt && request.name == "explain_port") {
    const auto arguments = Json::tryParse(request.arguments);
    const std::string port = arguments ? (*arguments)["port"].asString() : std::string();
    if (port.empty()) return reply.refuse("invalid_arguments", "the argument port is missing");
    reply.text("What may an open port " + port + " on a server mean, and when is it a risk?");
    return reply.result();
  }
  reply.refuse("unknown", "there is no such thing here");
}

void @CLASS@::nameService(const OperationRequest& request, Reply reply) const {
  const auto port = portOf(request.arguments);
  if (!port) {
    reply.text("port must be an integer from 0 to 65535");
    return reply.error();
  }
  const std::string wanted = std::to_string(*port) + "/tcp";
  std::istringstream lines(services_);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name, found;
    if (words >> name >> found && found == wanted)
      return reply.result(Json::object({{"service", name}}));
  }
  reply.text("no service is known at port " + std::to_string(*port));
  reply.error();
}
