// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/redis/script.h"

#include <Poco/DigestEngine.h>
#include <Poco/SHA1Engine.h>

#include <vector>

#include "scripts_embedded.h"

namespace scanhost::queue_redis {
namespace {

ScriptSource make(const char* name, std::string_view text) {
  ScriptSource source{name, std::string(text), {}};
  Poco::SHA1Engine engine;
  engine.update(source.text);
  source.sha = Poco::DigestEngine::digestToHex(engine.digest());
  return source;
}

}  // namespace

const ScriptSource& sourceOf(Script script) {
  static const std::vector<ScriptSource> sources{
      make("submit", lua_submit),     make("lease", lua_lease),
      make("renew", lua_renew),       make("advance", lua_advance),
      make("finish", lua_finish),     make("release", lua_release),
      make("redrive", lua_redrive),   make("request", lua_request),
      make("remove", lua_remove),     make("expire", lua_expire),
      make("time_out", lua_time_out), make("get", lua_get),
      make("list", lua_list),         make("counts", lua_counts),
      make("announce", lua_announce), make("instances", lua_instances),
      make("store", lua_store)};
  return sources.at(static_cast<std::size_t>(script));
}

ScriptCall::ScriptCall(Script script, const std::string& prefix) : script_(script) {
  command_ << "EVALSHA" << sourceOf(script).sha << "1"
           << "{" + prefix + "}";
}

}  // namespace scanhost::queue_redis
