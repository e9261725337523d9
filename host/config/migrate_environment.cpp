// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/migrate_environment.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "host/base/nearest.h"
#include "host/config/references.h"
#include "host/config/value_text.h"

namespace scanhost {
namespace {

/// A variable that holds a switch or a number, in the unit of its name.
struct MappedVariable {
  const char* name;
  const char* key;   ///< in `housekeeping`
  const char* unit;  ///< empty: true or false
};

constexpr std::array<MappedVariable, 9> housekeeping_variables{{
    {"HOUSEKEEPING_ENABLED", "enabled", ""},
    {"HOUSEKEEPING_INTERVAL_HOURS", "interval", "h"},
    {"COMPLETED_TTL_DAYS", "completed_ttl", "d"},
    {"FAILED_TTL_DAYS", "failed_ttl", "d"},
    {"STALE_SCAN_CLEANUP_ENABLED", "stale_enabled", ""},
    {"STALE_SCAN_HOURS", "stale_after", "h"},
    {"STALE_SCAN_DELETE_FROM_NESSUS", "stale_remote_delete", ""},
    {"NESSUS_SCAN_CLEANUP_ENABLED", "remote_cleanup", ""},
    {"NESSUS_SCAN_RETENTION_HOURS", "remote_retention", "h"},
}};

/// In a shell's environment, what may be meant for the earlier service.
constexpr std::array<std::string_view, 12> earlier_prefixes{
    "NESSUS_",    "SCANNER_", "SCAN_", "REDIS_", "WORKER_",  "HOUSEKEEPING_",
    "COMPLETED_", "FAILED_",  "DATA_", "MCP_",   "METRICS_", "PROMETHEUS_"};

bool isWholeNumber(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// StateDirectory= of packaging/systemd/scanhost.service.
bool isInStateFolder(const std::filesystem::path& folder) {
  const std::string path = (folder / "").lexically_normal();
  return path.starts_with("/var/lib/scanhost/");
}

/// "%40" is "@"; what is no such escape stays.
std::string withoutPercents(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto hex = [&](std::size_t i) {
      return i < text.size() && std::isxdigit(static_cast<unsigned char>(text[i]));
    };
    if (text[at] == '%' && hex(at + 1) && hex(at + 2)) {
      out += static_cast<char>(std::stoi(text.substr(at + 1, 2), nullptr, 16));
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

/// "redis://[user][:password]@host:port/0?parameters", taken apart.
struct RedisUrl {
  std::string address;  ///< with the scheme, without the rest
  std::string username;
  bool has_password = false;
  bool has_parameters = false;               ///< beside the login
  std::vector<std::string> parameter_names;  ///< of those; their values may be secrets
};

/// Of "?ssl_cert_reqs=none&password=x". A login there counts where none stands before the host.
void readParameters(const std::string& text, RedisUrl& url) {
  for (std::size_t at = 1; at < text.size();) {
    const std::size_t end = std::min(text.find('&', at), text.size());
    const std::string one = text.substr(at, end - at);
    const std::string name = one.substr(0, one.find('='));
    const bool has_value = name.size() + 1 < one.size();
    at = end + 1;
    if (name == "password") {
      url.has_password |= has_value;
    } else if (name == "username") {
      if (url.username.empty() && has_value)
        url.username = withoutPercents(one.substr(name.size() + 1));
    } else {
      url.has_parameters = true;
      if (name.size() < one.size() && isVariableName(name)) url.parameter_names.push_back(name);
    }
  }
}

Result<RedisUrl> readRedisUrl(const std::string& text) {
  const std::size_t scheme = text.find("://");
  const std::string name = text.substr(0, scheme == text.npos ? 0 : scheme);
  if (name != "redis" && name != "rediss")
    return fail(ErrorClass::config,
                "must begin with redis:// or rediss://, as in redis://127.0.0.1:6379/0");
  RedisUrl out;
  std::string rest = text.substr(scheme + 3);
  const std::size_t end = rest.find_first_of("/?#");
  std::string authority = rest.substr(0, end);
  std::string path = end == rest.npos ? "" : rest.substr(end);
  if (const std::size_t at = authority.rfind('@'); at != authority.npos) {
    const std::string login = authority.substr(0, at);
    const std::size_t colon = login.find(':');
    out.username = withoutPercents(login.substr(0, colon));
    out.has_password = colon != login.npos && colon + 1 < login.size();
    authority.erase(0, at + 1);
  }
  const std::size_t query = std::min(path.find_first_of("?#"), path.size());
  readParameters(path.substr(query), out);
  path.erase(query);
  if (authority.empty() || path.find('@') != path.npos)
    return fail(
        ErrorClass::config,
        "names no host; write '@', '/', '?' and '#' of a password as %40, %2F, %3F and %23");
  out.address = name + "://" + authority + path;
  return out;
}

class EnvironmentMigration {
 public:
  EnvironmentMigration(const EarlierEnvironment& environment, MigrationDraft& draft)
      : environment_(environment), draft_(draft) {}

  void run() {
    node();
    if (const EarlierVariable* url = mapped("REDIS_URL"))
      redis(*url);
    else
      draft_.notes.decide("REDIS_URL",
                          "is not set, so the queue is queue-sqlite, which one node has alone; "
                          "several nodes share queue-redis");
    for (const MappedVariable& one : housekeeping_variables)
      if (const EarlierVariable* variable = mapped(one.name)) housekeeping(one, *variable);
    if (const EarlierVariable* level = mapped("LOG_LEVEL")) logLevel(*level);
    if (const EarlierVariable* file = mapped("SCANNER_CONFIG"))
      draft_.notes.dropped(file->where(),
                           "the scanners stand in the new file; what changes in theirs later has "
                           "no effect");
    tellVariablesOfTheNewFile();
    tellTheRest();
  }

 private:
  /// Of a variable that has a place in the new file; it is told from then on.
  const EarlierVariable* mapped(const char* name) {
    known_.insert(name);
    const EarlierVariable* found = environment_.find(name);
    if (found && found->value.find("${") != std::string::npos)
      draft_.notes.decide(found->where(),
                          "holds ${...}, which is taken as it stands; write what it meant");
    return found;
  }

  ConfigNode& put(const std::string& section, const std::string& key, const std::string& text,
                  const EarlierVariable& variable) {
    return putCommented(section, key, text, variable, variable.where());
  }
  ConfigNode& putCommented(const std::string& section, const std::string& key,
                           const std::string& text, const EarlierVariable& variable,
                           const std::string& comment) {
    ConfigNode& node = draft_.tree.member(section).member(key);
    node.kind = ConfigNode::Kind::scalar;
    node.text = escapeReferences(text);
    node.file = std::make_shared<const std::string>(variable.place().file);
    node.line = variable.place().line;
    draft_.comments[section + "." + key] = comment;
    return node;
  }

  void node() {
    if (const EarlierVariable* folder = mapped("DATA_DIR")) {
      put("node", "data_dir", folder->value, *folder);
      draft_.notes.dropped(folder->where(),
                           "tasks and reports of the earlier service in that folder are not "
                           "carried over");
      if (folder->value.front() != '/')
        draft_.notes.decide(folder->where(),
                            "is relative, and counts from the folder of the new file now; better "
                            "is an absolute path");
      if (!isInStateFolder(folder->value))
        draft_.notes.decide(folder->where(),
                            "is outside of /var/lib/scanhost, the only place where the packages' "
                            "unit may write; systemctl edit scanhost, and put ReadWritePaths= with "
                            "that folder under [Service] (and ProtectHome=no, if it is below /home "
                            "or /root); the folder must be there and belong to the user scanhost; "
                            "the control socket lies in it, too, where scanhostctl does not look, "
                            "unless you set node.control_socket: /run/scanhost/control.sock");
    } else {
      draft_.notes.decide("DATA_DIR", "is not set, so node.data_dir is /var/lib/scanhost");
    }
    const EarlierVariable* pools = mapped("WORKER_POOLS");
    if (!pools) return;
    ConfigNode& list = put("node", "pools", pools->value, *pools);
    list.comma_list = true;
    list = list.asList();
  }

  void redis(const EarlierVariable& variable) {
    const auto url = readRedisUrl(variable.value);
    if (!url) return draft_.problems.error(variable.place(), "REDIS_URL", url.error().message);
    put("queue", "plugin", "queue-redis", variable);
    ConfigNode& config = draft_.tree.member("queue").member("config");
    const auto set = [&](const char* key, const std::string& text) {
      ConfigNode& node = config.member(key);
      node.kind = ConfigNode::Kind::scalar;
      node.quoted = true;
      node.text = text;
    };
    set("url", escapeReferences(url->address));
    redisLogin(*url, variable, set);
    shareQueue(variable);
    if (url->address.rfind("rediss://", 0) == 0)
      draft_.notes.decide(variable.where(),
                          "the server's certificate is verified; unless one of the system's "
                          "authorities signed it, add tls: {ca_file: ...} or {pin_sha256: ...} to "
                          "queue.config");
    if (!url->has_parameters) return;
    const std::string names = joinNames(url->parameter_names);
    draft_.notes.dropped(variable.where(), "its parameters" + (names.empty() ? "" : " " + names) +
                                               "; queue.config has keys of its own");
  }

  template <class Set>
  void redisLogin(const RedisUrl& url, const EarlierVariable& variable, Set set) {
    if (!url.username.empty() && !url.has_password) {
      draft_.notes.dropped(variable.where(), "its user, which stands there without a password");
      return;
    }
    if (!url.has_password) return;
    if (!url.username.empty()) set("username", escapeReferences(url.username));
    const std::string file = draft_.secrets.next("redis", "password");
    set("password", "${file:" + file + "}");
    draft_.notes.decide(variable.where(),
                        "holds a password; put it, with each %XX as what it stands for, into " +
                            file + ", mode 0600 and the service's own");
  }

  /// What a queue that nodes may share asks for beside itself.
  void shareQueue(const EarlierVariable& variable) {
    const ConfigNode* folder = draft_.tree.member("node").find("data_dir");
    putCommented("node", "key_file", "", variable,
                 "one node's own; all nodes with that queue need the same file")
        .text = folder->text + "/keys.json";
    putCommented("results", "allow_local", "true", variable,
                 "findings stay on the node that ran the scan");
    draft_.notes.dropped(variable.where(),
                         "tasks that wait or run in the earlier queue there are not carried over, "
                         "and its keys stay; drain the earlier service first");
  }

  void housekeeping(const MappedVariable& one, const EarlierVariable& variable) {
    const bool counts = *one.unit != '\0';
    if (counts && !isWholeNumber(variable.value))
      return draft_.problems.error(
          variable.place(), one.name,
          "expected a whole number, found " + quotedForMessage(variable.value));
    put("housekeeping", one.key, variable.value + one.unit, variable);
    if (std::string_view(one.name) == "COMPLETED_TTL_DAYS")
      draft_.notes.changed(variable.where(),
                           "it is for records of tasks; findings live for results.retention, 365d "
                           "unless you set it");
  }

  /// Names that Python's logging knows beside ours.
  void logLevel(const EarlierVariable& variable) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> other_names{
        {{"WARN", "warning"}, {"CRITICAL", "error"}, {"FATAL", "error"}, {"NOTSET", "debug"}}};
    std::string level = variable.value;
    for (char& c : level) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    for (const auto& [name, ours] : other_names)
      if (level == name) {
        put("log", "level", std::string(ours), variable);
        return draft_.notes.changed(
            variable.where(),
            std::string(name) + " is not known; log.level is " + std::string(ours));
      }
    put("log", "level", variable.value, variable);
  }

  void tellVariablesOfTheNewFile() {
    for (const auto& [name, reading] : draft_.variables) {
      known_.insert(name);
      const std::string reads = "the scanner at " + placeText(reading.first) +
                                " reads it by ${env:" + name +
                                "}, in the environment scanhost starts with; ";
      if (const EarlierVariable* set = environment_.find(name))
        draft_.notes.decide(set->where(), reads + "set it there");
      else if (reading.required)
        draft_.notes.decide(name, reads + "it is set nowhere here, and there it must be");
    }
  }

  void tellTheRest() {
    std::size_t others = 0;
    for (const auto& [name, variable] : environment_.variables) {
      if (known_.count(name)) continue;
      if (environment_.of_service || mayBeEarlier(name))
        draft_.notes.dropped(variable.where(), meaningOf(name));
      else
        ++others;
    }
    if (others > 0)
      draft_.notes.dropped("environment",
                           std::to_string(others) +
                               " variables of this process are taken for none of the earlier "
                               "service's; name its own file by --env to have each told");
  }

  static bool mayBeEarlier(const std::string& name) {
    return std::any_of(earlier_prefixes.begin(), earlier_prefixes.end(),
                       [&](std::string_view prefix) { return name.rfind(prefix, 0) == 0; });
  }

  static std::string meaningOf(const std::string& name) {
    const auto ends = [&](std::string_view end) {
      return name.size() >= end.size() &&
             name.compare(name.size() - end.size(), end.size(), end) == 0;
    };
    if (name == "MCP_SERVER_URL") return "scanhostctl and the client library read it, scanhost not";
    if (ends("HOST") || ends("PORT"))
      return "nothing in scanhost reads it; http.listen is the one address, for clients, /metrics "
             "and /health";
    return "nothing in scanhost reads it";
  }

  const EarlierEnvironment& environment_;
  MigrationDraft& draft_;
  std::set<std::string> known_;
};

}  // namespace

void migrateEnvironment(const EarlierEnvironment& environment, MigrationDraft& draft) {
  EnvironmentMigration(environment, draft).run();
}

}  // namespace scanhost
