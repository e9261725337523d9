// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The schema of its settings, and settings that the schema should never have let through.
#include <array>

#include "host/plugins/schema.h"
#include "tests/conformance/check_case.h"
#include "tests/conformance/process_state.h"
#include "tests/conformance/subject.h"

namespace scanhost::conformance {
namespace {

Schema compiled(const Json& schema, const std::string& name) {
  auto result = Schema::compile(schema);
  if (!result)
    throw Breach(name + ": " + result.error().message, "the subset of JSON Schema that hosts read",
                 "leave the keyword out; docs/reference/abi.md 3.5 lists what there is");
  return std::move(*result);
}

/// `visit(name, property, pointer)` for each property, at any depth.
template <class Visit>
void eachProperty(const Json& schema, const std::string& pointer, const Visit& visit) {
  for (const auto& [name, property] : schema["properties"].members()) {
    const std::string where = pointer + "/" + pointerToken(name);
    visit(name, property, where);
    eachProperty(property, where, visit);
  }
  if (schema["items"].isObject()) eachProperty(schema["items"], pointer + "/*", visit);
  for (const char* keyword : {"anyOf", "oneOf"})
    for (const Json& form : schema[keyword].items()) eachProperty(form, pointer, visit);
}

void schemasAreReadable(Subject& subject) {
  compiled(subject.manifest().config_schema, "config_schema");
  compiled(subject.manifest().scan_schema, "scan_schema");
}

void defaultsAreValid(Subject& subject) {
  for (const Json* schema : {&subject.manifest().config_schema, &subject.manifest().scan_schema})
    eachProperty(*schema, "", [](const std::string&, const Json& property, const std::string& at) {
      if (!property.has("default")) return;
      const CheckedSettings checked = compiled(property, at).check(property["default"]);
      if (!checked.problems.empty())
        throw Breach("the default of " + at + " is " + property["default"].dump() + ": " +
                         checked.problems.front().message,
                     "a default that its own schema allows", "correct the default or its schema");
    });
}

bool soundsSecret(const std::string& name) {
  static constexpr std::array<std::string_view, 8> words = {
      "password", "passwd", "secret", "token", "api_key", "apikey", "access_key", "private_key"};
  static constexpr std::array<std::string_view, 6> harmless = {"_file", "_path", "_url",
                                                               "_name", "_id",   "_timeout"};
  for (const std::string_view ending : harmless)
    if (name.size() > ending.size() &&
        name.compare(name.size() - ending.size(), ending.size(), ending) == 0)
      return false;
  for (const std::string_view word : words)
    if (name.find(word) != std::string::npos) return true;
  return false;
}

void secretsAreMarked(Subject& subject) {
  eachProperty(subject.manifest().config_schema, "",
               [](const std::string& name, const Json& property, const std::string& at) {
                 if (property["type"].asString() == "string" && soundsSecret(name) &&
                     !property["x-secret"].asBool())
                   throw Breach(at + " sounds like a secret and is not marked",
                                "\"x-secret\": true",
                                "mark it; one that is none wants another name");
               });
}

/// A value that no schema of `type` allows.
Json wrongFor(const Json& property) {
  const std::string& type = property["type"].asString();
  if (type == "string") return Json(17);
  if (type == "integer" || type == "number") return Json("seventeen");
  if (type == "boolean") return Json("yes");
  if (type == "array") return Json::object();
  if (type == "object") return Json::array();
  return Json();
}

struct BadSettings {
  std::string what;
  Json settings;
};

/// One thing wrong in each, the rest as in `good`.
std::vector<BadSettings> badSettings(const Json& schema, const Json& good) {
  std::vector<BadSettings> bad;
  for (const Json& name : schema["required"].items()) {
    Json::Object members = good.members();
    std::erase_if(members, [&](const Json::Member& one) { return one.first == name.asString(); });
    bad.push_back({"without " + name.asString(), Json(std::move(members))});
  }
  for (const auto& [name, property] : schema["properties"].members()) {
    const Json wrong = wrongFor(property);
    if (wrong.isNull()) continue;
    Json settings = good;
    settings[name] = wrong;
    bad.push_back({"with " + name + ": " + wrong.dump(), std::move(settings)});
  }
  Json settings = good;
  settings["no_such_setting_"] = 1;
  bad.push_back({"with an unknown key", std::move(settings)});
  return bad;
}

void schemaRefusesBadSettings(Subject& subject) {
  const Json& document = subject.manifest().config_schema;
  const Schema schema = compiled(document, "config_schema");
  for (const BadSettings& bad : badSettings(document, subject.settings("/tmp", "x")))
    if (schema.check(bad.settings).problems.empty())
      throw Breach("its schema allows settings " + bad.what,
                   "a refusal, before the plugin sees them",
                   "give each setting a type, and the object \"additionalProperties\": false");
}

/// Valid JSON that a schema should have stopped: it may be refused or not, but harm nothing.
std::vector<BadSettings> hostileSettings(const Json& schema, const Json& good) {
  std::vector<BadSettings> bad = badSettings(schema, good);
  bad.push_back({"{}", Json::object()});
  for (const auto& [name, property] : schema["properties"].members()) {
    const std::string& type = property["type"].asString();
    Json settings = good;
    if (type == "string") {
      settings[name] =
          std::string(100'000, '%') + std::string(1, '\0') + "\n../../\xF0\x9F\x98\x80";
    } else if (type == "integer" || type == "number") {
      settings[name] = INT64_MIN;
    } else if (type == "array") {
      settings[name] = Json(Json::Array(1000, Json("x")));
    } else {
      settings[name] = Json();
    }
    bad.push_back({"with an extreme " + name, std::move(settings)});
  }
  return bad;
}

void survivesBadSettings(Subject& subject) {
  for (const std::string& id : subject.interfaces()) {
    const testing_support::Folder folder;
    for (const BadSettings& bad :
         hostileSettings(subject.manifest().config_schema,
                         subject.settings(folder.path().string(), "checked"))) {
      CheckHost host({}, subject.programs);
      InstanceShape shape;
      shape.settings = bad.settings;
      Instance instance(subject, host, id, std::move(shape));
      subject.step("create with settings " + bad.what);
      if (!instance.create().ok()) continue;
      if (!instance.self())
        throw Breach("create with settings " + bad.what + " succeeded and stored no instance",
                     "an instance, or an error", "store it before returning SCANHOST_OK");
      instance.destroy();
    }
  }
}

/// Each setting marked as a secret gets a word that stands nowhere else.
std::vector<std::string> plantCanaries(const Json& schema, Json& settings) {
  std::vector<std::string> canaries;
  for (const auto& [name, property] : schema["properties"].members()) {
    if (property["x-secret"].asBool() && property["type"].asString() == "string") {
      canaries.push_back("canary" + std::to_string(canaries.size()) + "x7Kq9vB2mZ4w");
      settings[name] = canaries.back();
    } else if (property["type"].asString() == "object" && settings.has(name)) {
      for (std::string& canary : plantCanaries(property, settings[name]))
        canaries.push_back(std::move(canary));
    }
  }
  return canaries;
}

void tellsNoSecret(Subject& subject) {
  const testing_support::Folder folder;
  Json settings = subject.settings(folder.path().string(), "checked");
  const std::vector<std::string> canaries =
      plantCanaries(subject.manifest().config_schema, settings);
  if (canaries.empty()) throw Skipped("none of its settings is marked as a secret");
  for (const std::string& id : subject.interfaces()) {
    CheckHost host({}, subject.programs);
    const CapturedOutput output;
    InstanceShape shape;
    shape.settings = settings;
    Instance instance(subject, host, id, std::move(shape));
    if (instance.create().ok() && instance.self()) {
      if (instance.start().ok()) {
        exercise(instance);
        instance.stop();
      }
      instance.destroy();
    }
    const std::string said = output.text();
    for (const std::string& canary : canaries) {
      std::vector<std::string> places = host.transcript().placesOf(canary);
      if (said.find(canary) != std::string::npos)
        places.push_back("standard output or standard error");
      if (!places.empty())
        throw Breach("a secret setting stands in " + joined(places), "it stands nowhere",
                     "leave it out of messages and events; say which setting, never its value");
    }
  }
}

}  // namespace

std::vector<Case> settingsCases() {
  std::vector<Case> cases = {
      {"settings.schema",
       "Its schemas keep to the subset that hosts read.",
       {"SH-P-51"},
       schemasAreReadable},
      {"settings.defaults",
       "Each default is valid by its own schema.",
       {"SH-P-51"},
       defaultsAreValid},
      {"settings.refused",
       "Its schema refuses a missing, mistyped or unknown setting.",
       {"SH-P-51"},
       schemaRefusesBadSettings},
      {"settings.hostile",
       "Settings that the schema should have stopped end no process.",
       {"SH-P-23", "SH-P-45"},
       survivesBadSettings},
      {"settings.secrets",
       "Settings that sound like secrets are marked as secrets.",
       {"SH-P-52"},
       secretsAreMarked},
      {"settings.secrets-untold",
       "No secret setting appears in an event, an error, an answer or on standard output.",
       {"SH-P-18"},
       tellsNoSecret},
  };
  for (Case& one : cases) one.starts = one.id == "settings.secrets-untold";
  return cases;
}

}  // namespace scanhost::conformance
