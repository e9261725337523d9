// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/config.h"

namespace scanhost::mcp {
namespace {

std::optional<SseConfig> readSse(const Json& sse) {
  if (!sse["enabled"].asBool()) return std::nullopt;
  SseConfig config{sse["path"].asString(), sse["messages"].asString(), sse["endpoint"].asString()};
  if (config.endpoint.empty()) config.endpoint = config.messages;
  return config;
}

std::size_t sizeOf(const Json& value) {
  return static_cast<std::size_t>(value.asInteger());
}

}  // namespace

Config::Config(const Settings& settings)
    : path(settings["path"].asString()),
      sse(readSse(settings["sse"])),
      max_sessions(sizeOf(settings["max_sessions"])),
      max_sessions_per_client(sizeOf(settings["max_sessions_per_client"])),
      session_idle(settings["session_idle_s"].asInteger()),
      max_streams_per_client(sizeOf(settings["max_streams_per_client"])),
      keep_alive(settings["keep_alive_s"].asInteger()),
      stream_buffer(sizeOf(settings["stream_buffer_kib"]) * 1024),
      memory{sizeOf(settings["replay_events"]), sizeOf(settings["replay_kib"]) * 1024,
             std::make_shared<ReplayBudget>(sizeOf(settings["replay_total_mib"]) << 20)},
      replay(settings["replay_s"].asInteger()),
      poll(settings["poll_ms"].asInteger()),
      retry(settings["retry_ms"].asInteger()),
      errors_as_results(settings["errors"].asString() == "result"),
      instructions(settings["instructions"].asString()) {}

}  // namespace scanhost::mcp
