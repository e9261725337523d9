// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
/// Templates, policies and plugins: what a client looks up before it makes a scan.
#include "tests/simulators/nessus/api.h"
#include "tests/simulators/nessus/checks.h"
#include "tests/simulators/nessus/templates.h"

namespace scanhost::simulator {
namespace {

Reply notFound() {
  return Reply::error(404, "The requested file was not found.");
}

bool knownEditor(const std::string& type) {
  return type == "scan" || type == "policy";
}

template <class Visit>
void eachCheck(Visit visit) {
  for (const std::span<const Check> table : {weaknesses(), facts()})
    for (const Check& check : table) visit(check);
}

Json policyEntry(const Policy& policy, const std::string& owner) {
  return Json::object({{"id", policy.id},
                       {"template_uuid", policy.template_uuid},
                       {"name", policy.name},
                       {"description", policy.description},
                       {"owner", owner},
                       {"owner_id", 2},
                       {"visibility", "private"},
                       {"shared", 0},
                       {"user_permissions", 128},
                       {"has_credentials", 0},
                       {"is_scap", 0},
                       {"no_target", "false"},
                       {"creation_date", policy.created.micros / 1'000'000},
                       {"last_modification_date", policy.changed.micros / 1'000'000},
                       {"plugin_filters", nullptr}});
}

}  // namespace

Reply Api::listTemplates(const Call& call) {
  return knownEditor(call.parts[0]) ? Reply::json(templateList()) : notFound();
}

Reply Api::showTemplate(const Call& call) {
  const Template* found = findTemplate(call.parts[1]);
  return knownEditor(call.parts[0]) && found ? Reply::json(templateForm(*found)) : notFound();
}

Policy* Api::findPolicy(std::int64_t id) {
  for (Policy& policy : policies_)
    if (policy.id == id) return &policy;
  return nullptr;
}

Reply Api::listPolicies(const Call&) {
  Json list;
  for (const Policy& policy : policies_) list.push(policyEntry(policy, access_.owner()));
  return Reply::json(Json::object({{"policies", std::move(list)}}));
}

Reply Api::createPolicy(const Call& call) {
  const Json& settings = call.body["settings"];
  const std::string name = textOf(settings["name"]).value_or("");
  if (name.empty()) return Reply::error(400, "Invalid 'name' field");
  Policy policy;
  policy.id = scans_.nextId();
  policy.name = name;
  policy.description = textOf(settings["description"]).value_or("");
  policy.template_uuid = call.body["uuid"].asString();
  policy.settings = settings;
  policy.created = policy.changed = call.now;
  journal_.addCredentials({}, call.body["credentials"]["add"]);
  policies_.push_back(policy);
  return Reply::json(Json::object({{"policy_id", policy.id}, {"policy_name", policy.name}}))
      .with("policy_created");
}

Reply Api::showPolicy(const Call& call) {
  const Policy* policy = findPolicy(call.id());
  if (!policy) return notFound();
  return Reply::json(
      Json::object({{"uuid", policy->template_uuid}, {"settings", policy->settings}}));
}

Reply Api::configurePolicy(const Call& call) {
  Policy* policy = findPolicy(call.id());
  if (!policy) return notFound();
  for (const auto& [name, value] : call.body["settings"].members()) policy->settings[name] = value;
  policy->name = textOf(policy->settings["name"]).value_or(policy->name);
  policy->changed = call.now;
  return Reply().with("policy_changed");
}

Reply Api::deletePolicy(const Call& call) {
  const std::int64_t id = call.id();
  if (!findPolicy(id)) return notFound();
  std::erase_if(policies_, [&](const Policy& policy) { return policy.id == id; });
  return Reply().with("policy_deleted");
}

Reply Api::listFamilies(const Call&) {
  Json list = Json::array();
  for (std::size_t i = 0; i < families().size(); ++i) {
    std::int64_t count = 0;
    eachCheck([&](const Check& check) { count += check.family == families()[i]; });
    list.push(Json::object({{"id", i + 1}, {"name", families()[i]}, {"count", count}}));
  }
  return Reply::json(Json::object({{"families", std::move(list)}}));
}

Reply Api::showFamily(const Call& call) {
  const std::int64_t id = call.id();
  if (id < 1 || id > static_cast<std::int64_t>(families().size())) return notFound();
  const std::string& family = families()[static_cast<std::size_t>(id - 1)];
  Json plugins = Json::array();
  eachCheck([&](const Check& check) {
    if (check.family == family)
      plugins.push(Json::object({{"id", check.id}, {"name", check.name}}));
  });
  return Reply::json(Json::object({{"id", id}, {"name", family}, {"plugins", std::move(plugins)}}));
}

Reply Api::showPlugin(const Call& call) {
  const Check* check = findCheck(call.id());
  if (!check) return notFound();
  Json attributes = Json::array();
  for (const auto& [name, value] : checkFields(*check))
    attributes.push(Json::object({{"attribute_name", name}, {"attribute_value", value}}));
  return Reply::json(Json::object({{"id", check->id},
                                   {"name", check->name},
                                   {"family_name", check->family},
                                   {"attributes", std::move(attributes)}}));
}

}  // namespace scanhost::simulator
