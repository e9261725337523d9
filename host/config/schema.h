// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Every key of the configuration, once: its type, default, bounds, meaning, and where it lands.
///
/// Validation, the printed defaults and the comparison of two configurations all follow from this
/// one table; a key that is not in it does not exist. The schema is built at first use and constant
/// after; any thread may read it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "host/config/config.h"

namespace scanhost {

enum class ValueType {
  section,  ///< a map of the keys below it
  entries,  ///< a list of maps
  named,    ///< a map of maps under names that the operator chooses
  text,
  name,  ///< see isName()
  url,   ///< http:// or https://
  integer,
  number,
  boolean,
  duration,  ///< "30s"
  size,      ///< "32MiB"
  choice,    ///< one of `choices`
  path,      ///< relative ones start at the file that holds them
  address,   ///< address:port
  names,     ///< list of names
  choices,   ///< list of `choices`, at least one
  scope,     ///< an OAuth scope: visible ASCII without '"' and '\\'
  networks,  ///< list of addresses and CIDR networks
  hosts,     ///< list of host names and addresses
  origins,   ///< list of http(s)://host[:port]
  digests,   ///< map from a plugin's name to a SHA-256
  free,      ///< a map whose keys belong to a plugin
};

/// A value that passed; the fields that its type fills are set.
struct TypedValue {
  std::string text;
  std::int64_t integer = 0;
  double number = 0;
  bool flag = false;
  std::chrono::milliseconds duration{};
  std::uint64_t bytes = 0;
  ListenAddress address;
  std::vector<std::string> list;
  std::vector<std::size_t> chosen;  ///< indexes into `choices`
  std::map<std::string, std::string> map;
  ConfigNode node;  ///< of a free map
};

struct Key {
  std::string path;  ///< "tasks.retry.max_attempts", "scanners[].name", "scan_templates.*.pool"
  ValueType type = ValueType::section;
  std::string default_text;  ///< in YAML; empty when there is none
  std::string doc;           ///< one sentence or two
  std::string example;       ///< in YAML, for keys without a default
  std::string least, most;   ///< bounds, written like values; empty for none
  std::vector<std::string> choices;
  bool any_case = false;  ///< of a choice: "INFO" is info
  bool required = false;
  bool secret = false;  ///< messages never show its value
  bool reloadable = false;
  /// Puts the value in its place; of entries and named maps, adds an element that holds its label.
  std::function<void(Config&, const TypedValue&)> store;
};

/// The keys as the tree they form. A list's elements share the one child `[]`, a named map's `*`.
struct SchemaNode {
  std::string name;
  const Key* key = nullptr;
  std::vector<SchemaNode> children;  ///< in the table's order

  const SchemaNode* find(std::string_view child) const;
};

const SchemaNode& configSchema();

}  // namespace scanhost
