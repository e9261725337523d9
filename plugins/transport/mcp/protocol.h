// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The names that the Model Context Protocol gives to revisions, headers and errors, and who we
/// are.
#pragma once

#include <array>
#include <string_view>

namespace scanhost::mcp {

/// The revision without sessions: each request stands alone.
inline constexpr std::string_view stateless_revision = "2026-07-28";
/// Revisions with sessions, the preferred one first.
inline constexpr std::array<std::string_view, 2> session_revisions = {"2025-11-25", "2025-06-18"};

inline constexpr std::string_view server_name = "scanhost";
inline constexpr std::string_view server_version = "0.1.0";

namespace header {
inline constexpr std::string_view protocol_version = "MCP-Protocol-Version";
inline constexpr std::string_view session_id = "Mcp-Session-Id";
inline constexpr std::string_view method = "Mcp-Method";
inline constexpr std::string_view name = "Mcp-Name";
}  // namespace header

namespace meta {
inline constexpr std::string_view protocol_version = "io.modelcontextprotocol/protocolVersion";
inline constexpr std::string_view client_capabilities =
    "io.modelcontextprotocol/clientCapabilities";
inline constexpr std::string_view server_info = "io.modelcontextprotocol/serverInfo";
}  // namespace meta

namespace code {
inline constexpr int parse_error = -32700;
inline constexpr int invalid_request = -32600;
inline constexpr int method_not_found = -32601;
inline constexpr int invalid_params = -32602;
inline constexpr int internal_error = -32603;
inline constexpr int header_mismatch = -32020;
inline constexpr int unsupported_version = -32022;
}  // namespace code

}  // namespace scanhost::mcp
