// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/webhook/config.h"

#include <scanhost/error.h>

#include "plugins/shared/settings/setting_reader.h"

namespace scanhost::webhook {
namespace {

using namespace std::chrono_literals;

constexpr const char* plugin = "exporter-webhook";
constexpr int largest_queue = 10'000;

SigningKey readKey(const std::string& secret) {
  if (const auto key = SigningKey::read(secret)) return *key;
  throw PluginError(ErrorClass::config,
                    std::string(plugin) +
                        ": secret: it is not whsec_ and the base64 of 24 to 64 bytes; make one "
                        "with: echo \"whsec_$(openssl rand -base64 32)\"",
                    ErrorSubject::backend);
}

std::set<NoticeKind> readKinds(const Json& events, const SettingReader& reader) {
  std::set<NoticeKind> kinds;
  for (const std::string& word :
       reader.words(events, "events", {"task_ended", "scanner_suspended", "scope_refused"}))
    kinds.insert(word == "task_ended"          ? NoticeKind::task_ended
                 : word == "scanner_suspended" ? NoticeKind::scanner_suspended
                                               : NoticeKind::scope_refused);
  return kinds;
}

}  // namespace

Config Config::read(const Json& settings) {
  const SettingReader reader(plugin);
  return {.target = http_client::readPostTarget(settings, plugin),
          .key = readKey(settings["secret"].asString()),
          .kinds = readKinds(settings["events"], reader),
          .max_age = reader.time(settings["max_age"], "max_age", 168h),
          .max_queue = static_cast<std::size_t>(
              reader.number(settings["max_queue"], "max_queue", 1, largest_queue))};
}

}  // namespace scanhost::webhook
