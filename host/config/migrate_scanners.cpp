// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/migrate_scanners.h"

#include <algorithm>
#include <array>
#include <utility>

#include "host/config/references.h"
#include "host/config/value_text.h"

namespace scanhost {
namespace {

/// Keys by which Python programs turn the verification of certificates off.
constexpr std::array<std::string_view, 7> verify_keys{
    "verify", "verify_ssl", "verify_tls", "ssl_verify", "tls_verify", "verify_certs", "insecure"};

/// What scanner-nessus is configured by.
constexpr std::array<std::string_view, 11> nessus_keys{
    "url",      "access_key", "secret_key",      "username",       "password",        "ui_session",
    "template", "tls",        "request_timeout", "export_timeout", "max_report_bytes"};
constexpr std::array<std::string_view, 3> nessus_tls_keys{"ca_file", "pin_sha256", "insecure"};

/// As a key begins that a quote, not closed before it, made part of a text.
constexpr std::array<std::string_view, 10> swallowed_keys{" max_concurrent_scans: ",
                                                          " instance_id: ",
                                                          " name: ",
                                                          " url: ",
                                                          " username: ",
                                                          " password: ",
                                                          " enabled: ",
                                                          " access_key: ",
                                                          " secret_key: ",
                                                          " plugin: "};

std::string inLowerCase(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

bool namesPath(const std::string& key) {
  const std::string name = inLowerCase(key);
  return name.ends_with("_file") || name.ends_with("-file") || name.ends_with("_path") ||
         name.ends_with("-path");
}

/// By what such keys are called; one too many costs a file, one too few a secret.
bool namesSecret(const std::string& key) {
  constexpr std::array<std::string_view, 13> words{
      "password",   "passwd",     "passphrase", "secret",    "token",  "apikey", "api_key",
      "access_key", "credential", "private",    "community", "cookie", "bearer"};
  constexpr std::array<std::string_view, 4> whole{"pass", "pwd", "auth", "authorization"};
  if (namesPath(key)) return false;
  std::string name = inLowerCase(key);
  std::replace(name.begin(), name.end(), '-', '_');
  return std::find(whole.begin(), whole.end(), name) != whole.end() ||
         std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return name.find(word) != name.npos; });
}

/// "https://user:password@host"
bool holdsLogin(const std::string& text) {
  const std::size_t scheme = text.find("://");
  return scheme != text.npos && text.find('@', scheme) != text.npos;
}

bool isBoolean(const ConfigNode& node) {
  const std::string text = inLowerCase(node.text);
  return text == "true" || text == "false";
}

/// Neither a number nor true or false, also where it stands in quotes.
bool isText(ConfigNode node) {
  node.quoted = false;
  return node.toJson().isString() && !isBoolean(node);
}

void removeMember(ConfigNode& map, std::string_view name) {
  std::erase_if(map.children, [&](const ConfigNode& child) { return child.name == name; });
}

/// One entry: its values rewritten, and what a change of its meaning asks for.
class EntryMigration {
 public:
  EntryMigration(ConfigNode& entry, std::string label, MigrationDraft& draft)
      : entry_(entry), label_(std::move(label)), draft_(draft) {
    const std::string name = textOf("name");
    owner_ = isName(name) ? name : textOf("pool");
    shown_ = textOf("pool") + ":" + (isName(name) ? name : quotedForMessage(name));
  }

  void run() {
    refuseSwallowedKeys(entry_);
    if (isNessus()) adaptToNessus();
    for (ConfigNode& child : entry_.children) {
      rewrite(child, {}, namesSecret(child.name));
      child.quoted = false;  // typed by their keys
    }
    orderKeys();
    draft_.comments[label_] = placeText(entry_.place());
  }

 private:
  /// As the reference lists them.
  void orderKeys() {
    constexpr std::array<std::string_view, 7> order{
        "name", "title", "pool", "plugin", "enabled", "max_concurrent_scans", "config"};
    const auto rank = [&](const ConfigNode& child) {
      return std::find(order.begin(), order.end(), child.name) - order.begin();
    };
    std::stable_sort(entry_.children.begin(), entry_.children.end(),
                     [&](const ConfigNode& a, const ConfigNode& b) { return rank(a) < rank(b); });
  }

  void refuseSwallowedKeys(const ConfigNode& node) {
    for (const std::string_view key : swallowed_keys)
      if (node.text.find(key) != node.text.npos)
        draft_.problems.error(node.place(), {},
                              "this text has \"" + std::string(trimmed(key)) +
                                  "\" in it, as when a quote is not closed; close it where the "
                                  "text ends, or take those words out");
    for (const ConfigNode& child : node.children) refuseSwallowedKeys(child);
  }

  bool isNessus() const { return textOf("plugin") == "scanner-nessus"; }
  std::string textOf(std::string_view key) const {
    const ConfigNode* node = entry_.find(key);
    return node && node->isScalar() ? node->text : std::string();
  }
  std::string where(const ConfigNode& node) const {
    return placeText(node.place()) + ": " + shown_;
  }

  void adaptToNessus() {
    ConfigNode& config = entry_.member("config");
    if (!config.isMap()) config.kind = ConfigNode::Kind::map;
    adaptVerification(config);
    dropUnknown(config, nessus_keys);
    if (ConfigNode* tls = config.find("tls")) dropUnknown(*tls, nessus_tls_keys);
    for (const ConfigNode& child : config.children) refuseOtherKind(child);
    if (!config.find("url"))
      draft_.notes.decide(where(entry_), "it has no url; add it to its config");
    adaptLogin(config);
  }

  /// What it holds is in no message: it may be a secret.
  void refuseOtherKind(const ConfigNode& setting) {
    const bool is_tls = setting.name == "tls";
    if (setting.isNull() || (is_tls ? setting.isMap() : setting.isScalar())) return;
    draft_.problems.error(setting.place(), setting.name,
                          std::string("expected ") + (is_tls ? "a map" : "a value") + ", found " +
                              setting.kindName());
  }

  template <std::size_t Size>
  void dropUnknown(ConfigNode& map, const std::array<std::string_view, Size>& known) {
    std::erase_if(map.children, [&](const ConfigNode& child) {
      if (!map.isMap() || std::find(known.begin(), known.end(), child.name) != known.end())
        return false;
      draft_.notes.dropped(where(child), child.name + ", which scanner-nessus does not know");
      return true;
    });
  }

  void adaptVerification(ConfigNode& config) {
    for (const std::string_view key : verify_keys) {
      const ConfigNode* found = config.find(key);
      if (!found) continue;
      draft_.notes.dropped(where(*found), std::string(key) +
                                              ", for certificates are verified unless tls says "
                                              "otherwise");
      removeMember(config, key);
    }
    const ConfigNode* tls = config.find("tls");
    const ConfigNode* insecure = tls ? tls->find("insecure") : nullptr;
    if (insecure && inLowerCase(insecure->text) == "true")
      draft_.notes.decide(where(*insecure),
                          "tls.insecure takes any certificate; better is tls: {pin_sha256: ...} "
                          "or {ca_file: ...}");
    if (tls && !tls->isNull()) return;
    draft_.notes.decide(
        where(entry_),
        "its certificate is verified now, which the earlier service never did; unless one of the "
        "system's authorities signed it, add tls: {pin_sha256: ...} or {ca_file: ...} to its "
        "config (a refusal prints the fingerprint to compare)");
  }

  void adaptLogin(ConfigNode& config) {
    const auto given = [&](const char* key) {
      const ConfigNode* node = config.find(key);
      return node && !node->text.empty();
    };
    const bool keys = given("access_key") && given("secret_key");
    const bool login = given("username") && given("password");
    if (config.find("ui_session")) return;
    if (keys) {
      for (const char* unused : {"username", "password"}) {
        const ConfigNode* found = config.find(unused);
        if (!found) continue;
        draft_.notes.dropped(where(*found), std::string(unused) + ", for the API keys are used");
        removeMember(config, unused);
      }
    } else if (login) {
      ConfigNode& session = config.member("ui_session");
      session.kind = ConfigNode::Kind::scalar;
      session.text = "true";
      draft_.comments[label_ + ".config.ui_session"] = "as the earlier service logged in";
      draft_.notes.decide(where(entry_),
                          "it logs in as the web page does (ui_session), which the earlier service "
                          "did and which works around the licence's limit on API keys; keep that, "
                          "or put access_key and secret_key in place of the login");
    } else {
      draft_.notes.decide(where(entry_),
                          "it has no login; add access_key and secret_key to its config");
    }
  }

  void rewrite(ConfigNode& node, const std::string& path, bool secret) {
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      ConfigNode& child = node.children[i];
      const std::string step = node.isList() ? std::to_string(i) : child.name;
      rewrite(child, path.empty() ? step : path + "-" + step, secret || namesSecret(child.name));
    }
    if (!node.isScalar() || node.text.empty()) return;
    const std::string key = path.empty() ? node.name : path;
    secret = (secret && !isBoolean(node)) || holdsLogin(node.text) ||
             (!path.empty() && mayHoldAnything(node));
    const auto text = rewritten(node, key, node.text, secret, 0);
    if (!text) return draft_.problems.error(node.place(), key, text.error().message);
    node.text = *text;
    node.quoted = node.quoted || secret;  // text, also where it looks like a number
  }

  /// Text of a setting that only the plugin can tell the meaning of: notes, a command line.
  bool mayHoldAnything(const ConfigNode& node) const {
    return !isNessus() && node.name != "url" && node.name != "username" && !namesPath(node.name) &&
           isText(node);
  }

  Result<std::string> rewritten(const ConfigNode& node, const std::string& key,
                                std::string_view written, bool secret, int nesting) {
    const auto pieces = splitReferences(written);
    if (!pieces) return tl::unexpected(pieces.error());
    const auto in_clear = [](const TextPiece& piece) {
      return piece.kind == TextPiece::Kind::text;
    };
    if (secret && std::any_of(pieces->begin(), pieces->end(), in_clear))
      return inFile(node, key, pieces->size() > 1, nesting);
    std::string out;
    for (const TextPiece& piece : *pieces) {
      if (piece.kind == TextPiece::Kind::text) {
        out += escapeReferences(piece.text);
        continue;
      }
      const auto reference = rewrittenReference(node, key, piece.text, secret, nesting);
      if (!reference) return reference;
      out += *reference;
    }
    return out;
  }

  Result<std::string> rewrittenReference(const ConfigNode& node, const std::string& key,
                                         std::string_view inside, bool secret, int nesting) {
    if (nesting >= max_reference_nesting)
      return fail(ErrorClass::config, "references nested deeper than 8 levels");
    const auto variable = readVariable(inside);
    if (!variable) return tl::unexpected(variable.error());
    const auto reading =
        draft_.variables.try_emplace(variable->name, VariableReading{node.place()}).first;
    reading->second.required = reading->second.required || !variable->fallback;
    if (!variable->fallback) return "${env:" + variable->name + "}";
    const auto fallback = rewritten(node, key, *variable->fallback, secret, nesting + 1);
    if (!fallback) return fallback;
    return "${env:" + variable->name + ":-" + *fallback + "}";
  }

  std::string inFile(const ConfigNode& node, const std::string& key, bool composed, int nesting) {
    const std::string file = draft_.secrets.next(owner_, key);
    draft_.notes.decide(
        where(node),
        key +
            (nesting > 0 ? " has a default that stands there in clear; put it into "
                         : " stands there in clear; put it into ") +
            file + ", mode 0600 and the service's own" +
            (composed ? ", with its ${...} filled in, for it is text and variables together" : ""));
    return "${file:" + file + "}";
  }

  ConfigNode& entry_;
  const std::string label_;
  std::string owner_;  ///< whose files the secrets are
  std::string shown_;  ///< "nessus:scanner1"
  MigrationDraft& draft_;
};

}  // namespace

void migrateScanners(std::vector<ConfigNode> entries, MigrationDraft& draft) {
  for (std::size_t i = 0; i < entries.size(); ++i)
    EntryMigration(entries[i], "scanners[" + std::to_string(i) + "]", draft).run();
  ConfigNode& scanners = draft.tree.member("scanners");
  scanners.kind = ConfigNode::Kind::list;
  scanners.children = std::move(entries);
}

}  // namespace scanhost
