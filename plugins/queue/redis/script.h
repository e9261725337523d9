// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The Lua scripts, each one atomic step, and a call of one of them.
///
/// They stand in scripts/*.lua and are built in, after the parts that each names. Redis knows
/// a script by the SHA-1 of its text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost::queue_redis {

enum class Script {
  submit,
  lease,
  renew,
  advance,
  finish,
  release,
  redrive,
  request,
  remove,
  expire,
  time_out,
  get,
  list,
  counts,
  announce,
  instances,
  store,
};

struct ScriptSource {
  std::string name, text, sha;
  bool takes_many;  ///< arguments of any number of calls; it answers as many
};
const ScriptSource& sourceOf(Script script);

/// What a script is called with: the keys' prefix and what is added by <<, numbers as text.
class ScriptCall {
 public:
  ScriptCall(Script script, const std::string& prefix)
      : script_(script), key_("{" + prefix + "}") {}

  ScriptCall& operator<<(const std::string& argument) {
    arguments_.push_back(argument);
    return *this;
  }
  ScriptCall& operator<<(const char* argument) { return *this << std::string(argument); }
  ScriptCall& operator<<(bool argument) { return *this << (argument ? "1" : "0"); }
  ScriptCall& operator<<(int argument) { return *this << std::to_string(argument); }
  ScriptCall& operator<<(std::int64_t argument) { return *this << std::to_string(argument); }
  ScriptCall& operator<<(std::uint64_t argument) { return *this << std::to_string(argument); }

  Script script() const { return script_; }
  const std::string& key() const { return key_; }
  const std::vector<std::string>& arguments() const { return arguments_; }

 private:
  Script script_;
  std::string key_;
  std::vector<std::string> arguments_;
};

}  // namespace scanhost::queue_redis
