// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Contents of a reply as a revision has them: those of a tool's result, the messages of a prompt,
/// what is in a resource. A kind that the revision does not know becomes text. One thread at a
/// time.
#pragma once

#include <scanhost/operations.h>

#include <string>
#include <string_view>

#include "plugins/transport/mcp/revision.h"

namespace scanhost::mcp {

/// Standard Base64 with padding (RFC 4648, section 4).
std::string encodeBase64(std::string_view bytes);

class ContentList {
 public:
  enum class Form { tool, prompt, resource };

  ContentList(Revision revision, Form form) : revision_(revision), form_(form) {}

  /// A piece of the next content, or the rest of the one that was begun. False when all together is
  /// over the bound of one answer.
  bool add(const ContentHead& head, std::string_view piece, bool more);
  bool empty() const { return list_.empty(); }
  /// The JSON array.
  std::string text() const { return "[" + list_ + "]"; }

  static constexpr std::size_t max_bytes = 64u << 20;

 private:
  void finish(const ContentHead& head, std::string_view bytes);

  const Revision revision_;
  const Form form_;
  std::string list_;
  std::string begun_;  ///< the bytes so far of a content that goes on
};

}  // namespace scanhost::mcp
