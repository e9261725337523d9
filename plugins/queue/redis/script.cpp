// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/redis/script.h"

#include <Poco/DigestEngine.h>
#include <Poco/SHA1Engine.h>

#include <vector>

#include "scripts_embedded.h"

namespace scanhost::queue_redis {
namespace {

enum class Takes { one, many };

ScriptSource make(const char* name, std::string_view text, Takes takes = Takes::one) {
  ScriptSource source{name, std::string(text), {}, takes == Takes::many};
  Poco::SHA1Engine engine;
  engine.update(source.text);
  source.sha = Poco::DigestEngine::digestToHex(engine.digest());
  return source;
}

}  // namespace

const ScriptSource& sourceOf(Script script) {
  static const std::vector<ScriptSource> sources{make("submit", lua_submit, Takes::many),
                                                 make("lease", lua_lease),
                                                 make("renew", lua_renew),
                                                 make("advance", lua_advance, Takes::many),
                                                 make("finish", lua_finish, Takes::many),
                                                 make("release", lua_release),
                                                 make("redrive", lua_redrive),
                                                 make("request", lua_request),
                                                 make("remove", lua_remove),
                                                 make("expire", lua_expire),
                                                 make("time_out", lua_time_out),
                                                 make("get", lua_get),
                                                 make("list", lua_list),
                                                 make("counts", lua_counts),
                                                 make("announce", lua_announce),
                                                 make("instances", lua_instances),
                                                 make("store", lua_store)};
  return sources.at(static_cast<std::size_t>(script));
}

}  // namespace scanhost::queue_redis
