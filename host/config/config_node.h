// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One value of a configuration as it was read, with the file and line it stands at.
///
/// YAML and INI both become this tree, and everything after the readers (merging, expansion,
/// validation, the messages of a plugin's own schema) works on it alone. A scalar stays the text
/// that was written; its type is decided by whoever needs one.
///
/// A node owns its children. Distinct trees may be used from distinct threads.
#pragma once

#include <scanhost/json.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/problem.h"

namespace scanhost {

/// Bounds of one configuration, over all its files; a reader that meets one refuses the file.
struct ConfigLimits {
  static constexpr std::size_t file_bytes = 1024 * 1024;
  static constexpr std::size_t depth = 32;
  static constexpr std::size_t values = 50'000;               ///< aliases count in full
  static constexpr std::size_t text_bytes = 4 * 1024 * 1024;  ///< all scalars, aliases in full
  static constexpr std::size_t key_bytes = 256;
  static constexpr std::size_t map_keys = 4096;
};

class ConfigNode {
 public:
  enum class Kind { null, scalar, list, map };

  Kind kind = Kind::null;
  std::string name;         ///< the key in the map that holds it; empty elsewhere
  std::string text;         ///< of a scalar
  bool quoted = false;      ///< a quoted scalar is a string, whatever it looks like
  bool comma_list = false;  ///< INI and expanded values: "a, b" may stand for a list
  bool broken = false;  ///< its expansion failed and was reported; nothing more is said about it
  std::string written;  ///< an expanded scalar's text before expansion; else empty
  std::vector<ConfigNode> children;  ///< of a list or map, in order of appearance
  std::shared_ptr<const std::string> file;
  int line = 0;  ///< a map member's is that of its key

  bool isNull() const { return kind == Kind::null; }
  bool isScalar() const { return kind == Kind::scalar; }
  bool isList() const { return kind == Kind::list; }
  bool isMap() const { return kind == Kind::map; }
  /// "nothing", "a value", "a list" or "a map", for messages.
  const char* kindName() const;

  Place place() const { return {file ? *file : std::string(), line}; }
  /// The member of a map, or null.
  const ConfigNode* find(std::string_view member) const;
  ConfigNode* find(std::string_view member);
  /// The member, added when absent at this node's place; anything but a map becomes one first.
  ConfigNode& member(std::string_view member_name);

  /// The value without places. A plain scalar becomes true, false, a number written as JSON writes
  /// them, or else a string; `007`, `0x1F` and `yes` stay strings.
  Json toJson() const;

  /// As a list: itself, or the parts of a scalar that may stand for one.
  ConfigNode asList() const;

  /// Where the value that a JSON pointer (RFC 6901) names was written: the nearest one above it
  /// when it is not there, so that a missing key is reported at the map that lacks it.
  Place locate(std::string_view pointer) const;
};

/// Lays `over` on `base`: maps merge, lists append, any other value replaces; nulls change nothing.
void mergeInto(ConfigNode& base, ConfigNode over);

}  // namespace scanhost
