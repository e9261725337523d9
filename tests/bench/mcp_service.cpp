// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/mcp_service.h"

#include <fstream>

#include "tests/bench/figures.h"

namespace scanhost::bench {

std::string mcpRequest(const std::string& method, const std::string& name,
                       const std::string& params) {
  const std::string body = R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":{)" +
                           params + R"("_meta":{"io.modelcontextprotocol/protocolVersion":)" +
                           R"("2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}})";
  return "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n"
         "Mcp-Method: " +
         method + "\r\n" + (name.empty() ? "" : "Mcp-Name: " + name + "\r\n") +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string toolCall(const std::string& tool) {
  return mcpRequest("tools/call", tool, R"("name":")" + tool + R"(","arguments":{},)");
}

std::unique_ptr<ServedProgram> startPinned(std::vector<std::string> words,
                                           const std::string& sign) {
  words.insert(words.begin(), {"/usr/bin/taskset", "-c", "0"});
  return std::make_unique<ServedProgram>(words, sign);
}

std::string eventsFile(const std::filesystem::path& folder) {
  return "{plugin: exporter-jsonlog, config: {output: file, file: {path: " +
         (folder / "events.jsonl").string() + "}}}";
}

std::unique_ptr<ServedProgram> startMcpService(const std::filesystem::path& folder,
                                               const std::string& http,
                                               const std::string& transport) {
  return startMcpServiceSeenBy(eventsFile(folder), folder, http, transport);
}

std::unique_ptr<ServedProgram> startMcpServiceSeenBy(const std::string& exporters,
                                                     const std::filesystem::path& folder,
                                                     const std::string& http,
                                                     const std::string& transport) {
  std::ofstream(folder / "scanhost.yaml")
      << "node: {name: bench, data_dir: " << (folder / "data").string() << "}\n"
      << "http: {" << http << "listen: \"127.0.0.1:0\"}\n"
      << "transports: [{plugin: transport-mcp, config: {" << transport << "path: /mcp}}]\n"
      << "exporters: [" << exporters << "]\n"
      << "scanners: [{name: local, pool: nmap, plugin: scanner-nmap}]\n"
      << "policy: {targets: {allow: [\"127.0.0.0/8\"]}}\n";
  return startPinned({measuredBuild() / "bin/scanhost", "--config", folder / "scanhost.yaml"},
                     "is ready on ");
}

}  // namespace scanhost::bench
