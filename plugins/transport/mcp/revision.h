// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The revisions of the Model Context Protocol that are served, and what each of them knows.
/// (https://modelcontextprotocol.io/specification/)
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace scanhost::mcp {

/// In order of time, so that "from then on" is a comparison.
enum class Revision { r2024_11_05, r2025_03_26, r2025_06_18, r2025_11_25, r2026_07_28 };

inline constexpr std::array<std::string_view, 5> revision_names = {
    "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"};

constexpr std::string_view nameOf(Revision revision) {
  return revision_names[static_cast<std::size_t>(revision)];
}

constexpr std::optional<Revision> revisionOf(std::string_view name) {
  for (std::size_t i = 0; i < revision_names.size(); ++i)
    if (revision_names[i] == name) return static_cast<Revision>(i);
  return std::nullopt;
}

/// The newest of those that begin with `initialize`.
inline constexpr Revision newest_session_revision = Revision::r2025_11_25;
/// What a request of a session without a version header is of.
inline constexpr Revision unnamed_revision = Revision::r2025_03_26;

/// Each request stands alone: no sessions, no handshake.
constexpr bool isStateless(Revision revision) {
  return revision >= Revision::r2026_07_28;
}
constexpr bool hasBatches(Revision revision) {
  return revision == Revision::r2025_03_26 || revision == Revision::r2024_11_05;
}
constexpr bool hasAudio(Revision revision) {
  return revision >= Revision::r2025_03_26;
}
constexpr bool hasToolAnnotations(Revision revision) {
  return revision >= Revision::r2025_03_26;
}
/// structuredContent, outputSchema, resource links, titles.
constexpr bool hasStructure(Revision revision) {
  return revision >= Revision::r2025_06_18;
}
/// structuredContent and outputSchema of any kind, not objects alone.
constexpr bool hasAnyStructure(Revision revision) {
  return revision >= Revision::r2026_07_28;
}
/// Tasks as that revision alone had them; later they are an extension.
constexpr bool hasTaskRequests(Revision revision) {
  return revision == Revision::r2025_11_25;
}
/// A stream may be closed early and taken up again; older clients stumble over its first event.
constexpr bool hasStreamPolling(Revision revision) {
  return revision == Revision::r2025_11_25;
}

}  // namespace scanhost::mcp
