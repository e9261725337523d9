// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

// The schema as a page of the manual. See configManual() in load.h.
#include "host/base/nearest.h"
#include "host/config/load.h"
#include "host/config/schema.h"
#include "sdk/pages/roff.h"

namespace scanhost {
namespace {

using pages::roff;

constexpr const char* opening =
    R"(.SH NAME
scanhost.yaml \- configuration of scanhost
.SH SYNOPSIS
.I /etc/scanhost/scanhost.yaml
.br
.I /etc/scanhost/conf.d/*.yaml
.SH DESCRIPTION
One file, YAML
.RB ( .yaml ", " .yml )
or INI
.RB ( .ini ", " .conf )
by its ending, over which
.I conf.d/*.yaml
beside it is laid in alphabetical order: maps merge, lists append, other values replace. An unknown key is
an error. In INI, dots nest, and the part of a section's name behind
.BR scanners. ", " transports. " or " exporters.
labels an entry of the list.
.PP
.B scanhost check \-\-config
.I FILE
finds every problem of a file in one run;
.B scanhost config print\-defaults
writes all keys down with their defaults. Keys that say
.I reload
may change while the service runs; a reload that would change any other is refused as a whole.
.SS Values
.TP
.B duration
500ms, 30s, 10m, 2h, 7d
.TP
.B size
512B, 64KiB, 32MiB, 2GiB, 1TiB
.TP
.B path
absolute, or counted from the folder of the file that names it
.TP
.B ${env:NAME} ${env:NAME:\-text}
a variable of the environment, and its default where it is unset or empty; anywhere inside a value
.TP
.B ${file:/path}
what that file holds, without the newline at its end; the path may hold
.B ${env:NAME}
.TP
.B $${
a literal ${
)";

constexpr const char* closing =
    R"(.SH EXAMPLE
.EX
node: {data_dir: /var/lib/scanhost}
transports:
  \- {plugin: transport\-mcp, config: {path: /mcp}}
scanners:
  \- {name: local, pool: nmap, plugin: scanner\-nmap, max_concurrent_scans: 2}
policy:
  targets: {allow: ["10.0.0.0/8"], deny: ["10.0.0.1/32"]}
.EE
.SH SEE ALSO
.BR scanhost (8),
.BR scanhost (7),
.BR scanhostctl (1)
)";

std::string typeText(ValueType type) {
  switch (type) {
    case ValueType::section:
    case ValueType::free: return "map";
    case ValueType::entries: return "list of maps";
    case ValueType::named: return "map of maps, under names of your choice";
    case ValueType::text: return "text";
    case ValueType::name: return "name";
    case ValueType::url: return "URL";
    case ValueType::integer: return "integer";
    case ValueType::number: return "number";
    case ValueType::boolean: return "boolean";
    case ValueType::duration: return "duration";
    case ValueType::size: return "size";
    case ValueType::path: return "path";
    case ValueType::address: return "address:port";
    case ValueType::names: return "list of names";
    case ValueType::choice:
    case ValueType::choices: return "";  // the choices themselves say it
    case ValueType::scope: return "scope of OAuth";
    case ValueType::networks: return "list of networks";
    case ValueType::hosts: return "list of host names";
    case ValueType::origins: return "list of origins";
    case ValueType::digests: return "map of SHA-256 by plugin";
  }
  return "";
}

/// "duration, 1s to 1h; default 30s; reload"
std::string facts(const Key& key) {
  std::vector<std::string> all;
  std::string type = typeText(key.type);
  if (!key.choices.empty())
    type = (key.type == ValueType::choices ? "list of " : "") + joinNames(key.choices, " | ");
  if (!key.least.empty()) type += ", " + key.least + " to " + key.most;
  if (!type.empty()) all.push_back(type);
  if (key.required) all.push_back("required");
  if (!key.default_text.empty()) all.push_back("default " + key.default_text);
  if (key.default_text.empty() && !key.example.empty()) all.push_back("as " + key.example);
  if (key.reloadable && key.store) all.push_back("reload");
  return joinNames(all, "; ");
}

void describe(const SchemaNode& node, std::string& out) {
  const Key& key = *node.key;
  if (!key.store && !key.doc.empty() && key.type == ValueType::section)
    out += (key.path.find('.') == key.path.npos ? ".SS " : ".PP\n.B ") + roff(key.path) + "\n" +
           roff(key.doc) + "\n";
  else
    out +=
        ".TP\n.B " + roff(key.path) + "\n.I " + roff(facts(key)) + "\n.br\n" + roff(key.doc) + "\n";
  for (const SchemaNode& child : node.children) {
    const bool element = child.name == "[]" || child.name == "*";
    if (element)
      for (const SchemaNode& inner : child.children) describe(inner, out);
    else
      describe(child, out);
  }
}

}  // namespace

std::string configManual(const std::string& version) {
  std::string out = ".\\\" Made of the configuration's schema; changes belong there.\n";
  out += ".TH SCANHOST.YAML 5 \"\" \"scanhost " + version + "\" \"scanhost\"\n";
  out += opening;
  out += ".SH KEYS\n";
  for (const SchemaNode& child : configSchema().children) describe(child, out);
  return out + closing;
}

}  // namespace scanhost
