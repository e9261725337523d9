// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/redis/durability_check.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>

#include "plugins/queue/redis/random.h"

namespace scanhost::queue_redis {
namespace {

using Fields = std::map<std::string, std::string>;

/// "name:value" lines of INFO.
void addInfo(const Reply& reply, Fields& fields) {
  if (reply->isError()) return;
  const std::string text = textOf(reply);
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::size_t end = line.find_last_not_of('\r') + 1;
    fields[std::string(line.substr(0, colon))] = line.substr(colon + 1, end - colon - 1);
  }
}

void addConfig(const Reply& reply, Fields& fields) {
  if (reply->isError()) return;
  const auto items = itemsOf(reply);
  for (std::size_t i = 0; i + 1 < items.size(); i += 2)
    fields[textOf(items[i])] = textOf(items[i + 1]);
}

std::string valueOf(const Fields& fields, const char* name) {
  const auto found = fields.find(name);
  return found == fields.end() ? "unknown" : found->second;
}

int major(const std::string& version) {
  int number = 0;
  std::from_chars(version.data(), version.data() + version.size(), number);
  return number;
}

std::vector<RedisConnection::Command> questions() {
  std::vector<RedisConnection::Command> commands;
  for (const char* section : {"server", "persistence", "replication", "memory"})
    commands.emplace_back() << "INFO" << section;
  commands.emplace_back() << "CONFIG"
                          << "GET"
                          << "appendfsync";
  return commands;
}

/// Which server it is, where Sentinel tells.
std::string placeOf(RedisClient& client) {
  return client.config().sentinels.empty() ? "" : ", now " + client.pool().current().text();
}

void object(std::string& objections, const std::string& one) {
  if (!objections.empty()) objections += "; ";
  objections += one;
}

}  // namespace

ServerState lookAtServer(RedisClient& client, Call& call) {
  Fields fields;
  const std::vector<Reply> replies = client.commands(questions(), call);
  for (std::size_t i = 0; i + 1 < replies.size(); ++i) addInfo(replies[i], fields);
  addConfig(replies.back(), fields);

  const std::string version = valueOf(fields, "redis_version");
  const std::string aof = valueOf(fields, "aof_enabled");
  const std::string fsync = valueOf(fields, "appendfsync");
  const std::string eviction = valueOf(fields, "maxmemory_policy");
  const std::string role = valueOf(fields, "role");
  const std::string replicas = valueOf(fields, "connected_slaves");
  const std::string aof_write = valueOf(fields, "aof_last_write_status");
  const unsigned wanted_replicas = client.config().wait_replicas;

  ServerState state;
  std::string objections;  // what must change before an accepted task is safe
  if (version != "unknown" && major(version) < 6)
    object(objections, "it is Redis " + version + "; use 6.2 or newer");
  if (role != "master") object(objections, "its role is " + role + "; name the master");
  if (aof != "1") object(objections, "appendonly is off; set appendonly yes");
  if (fsync != "always")
    object(objections, "appendfsync is " + fsync +
                           (fsync == "unknown" ? "; allow CONFIG|GET to this user"
                                               : "; set appendfsync always"));
  if (eviction != "noeviction")
    object(objections, "maxmemory-policy is " + eviction + "; set it to noeviction");
  if (aof_write == "err") object(objections, "its last write to the append-only file failed");
  state.durability.survives_process = true;
  state.durability.survives_power = objections.empty();
  state.durability.survives_machine = objections.empty() && wanted_replicas > 0;
  state.durability.detail = "Redis " + version + " at " + client.config().where() +
                            placeOf(client) + ", " + role + " with " + replicas +
                            " replicas, appendonly " + (aof == "1" ? "yes" : "no") +
                            ", appendfsync " + fsync + ", maxmemory-policy " + eviction +
                            ", wait_replicas " + std::to_string(wanted_replicas);
  if (!objections.empty()) state.durability.detail += ": " + objections;

  ScriptCall store = client.script(Script::store);
  store << randomHex(16);
  const Reply reply = client.run(store, Repeat::yes, call);
  const auto items = itemsOf(reply);
  if (items.size() != 3) throw ProtocolError("the store's own record makes no sense");
  state.version = textOf(items[0]);
  state.store_id = textOf(items[1]);
  state.damaged = integerOf(items[2]);
  if (state.damaged > 0)
    state.durability.detail += "; " + std::to_string(state.damaged) +
                               " damaged records are set aside in " + client.key("damaged");
  return state;
}

}  // namespace scanhost::queue_redis
