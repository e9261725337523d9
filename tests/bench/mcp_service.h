// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The service with the plugins that serve MCP, and what it is asked over it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "tests/bench/served_program.h"

namespace scanhost::bench {

/// A POST /mcp of revision 2026-07-28; `params` are the members of it but `_meta`, and a comma:
/// `"name":"x",`.
std::string mcpRequest(const std::string& method, const std::string& name,
                       const std::string& params);
/// tools/call without arguments.
std::string toolCall(const std::string& tool);

/// The program, on processor 0 alone.
std::unique_ptr<ServedProgram> startPinned(std::vector<std::string> words, const std::string& sign);
/// An entry for `exporters:`, which writes to events.jsonl in that folder.
std::string eventsFile(const std::filesystem::path& folder);
/// The service on processor 0, with its files in `folder`; `http` are further members of that
/// section and of the transport's config: "max_streams: 9, ".
std::unique_ptr<ServedProgram> startMcpService(const std::filesystem::path& folder,
                                               const std::string& http = {},
                                               const std::string& transport = {});
/// The same with these `exporters:`, a YAML flow sequence's entries.
std::unique_ptr<ServedProgram> startMcpServiceSeenBy(const std::string& exporters,
                                                     const std::filesystem::path& folder,
                                                     const std::string& http = {},
                                                     const std::string& transport = {});

}  // namespace scanhost::bench
