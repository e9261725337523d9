// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/templates.h"

#include <cstdio>
#include <vector>

#include "tests/simulators/nessus/checks.h"
#include "tests/simulators/nessus/dice.h"

namespace scanhost::simulator {
namespace {

constexpr std::size_t icon_bytes = 4800;

/// `head` followed by digits derived from the name, in the product's shape 8-4-4-4-28.
std::string completeUuid(const char* head, const char* name) {
  std::string digits = head;
  Dice dice(seedOf(name));
  while (digits.size() < 52) {
    const std::size_t at = digits.size();
    if (at == 8 || at == 13 || at == 18 || at == 23)
      digits += '-';
    else
      digits += "0123456789abcdef"[dice.below(16)];
  }
  return digits;
}

Template entry(const char* name, const char* title, const char* uuid_head, const char* description,
               bool agent = false) {
  return {name, title, completeUuid(uuid_head, name), description, agent};
}

const std::vector<Template>& allTemplates() {
  static const std::vector<Template> all = {
      entry("basic", "Basic Network Scan", "731a8e52-3ea6-a291-ec0a-d2ff0619c19d7bd788d6be818b65",
            "A full system scan suitable for any host."),
      entry("advanced", "Advanced Scan", "ad629e16-03b6-8c1d-cef6-ef8c9dd3c658d24bd260ef5f9e66",
            "Configure a scan without using any recommendations."),
      entry("advanced_dynamic", "Advanced Dynamic Scan", "939a2145-",
            "Choose checks by filters instead of by hand."),
      entry("discovery", "Host Discovery", "bbd4f805-", "Find live hosts and open ports."),
      entry("patch_audit", "Credentialed Patch Audit", "0625147c-",
            "Log in to hosts and list missing updates."),
      entry("webapp", "Web Application Tests", "c3cbcd46-", "Scan for weaknesses of web servers."),
      entry("compliance", "Policy Compliance Auditing", "40345bfc-",
            "Audit settings against a known baseline."),
      entry("custom", "Custom", "ab4bacd2-", "A scan made from a policy."),
      entry("malware", "Malware Scan", "", "Look for malware on hosts."),
      entry("cloud_audit", "Audit Cloud Infrastructure", "", "Audit settings of cloud services."),
      entry("mdm", "Mobile Device Scan", "", "Assess mobile devices."),
      entry("offline", "Offline Config Auditing", "", "Audit settings of network devices."),
      entry("pci", "Internal PCI Network Scan", "", "An internal scan by PCI DSS."),
      entry("asv", "PCI Quarterly External Scan", "", "An external scan by PCI."),
      entry("scap", "SCAP and OVAL Auditing", "", "Audit by SCAP and OVAL definitions."),
      entry("badlock", "Badlock Detection", "", "Checks for CVE-2016-2118."),
      entry("shellshock", "Bash Shellshock Detection", "", "Checks for CVE-2014-6271."),
      entry("drown", "DROWN Detection", "", "Checks for CVE-2016-0800."),
      entry("intel_amt", "Intel AMT Security Bypass", "", "Checks for CVE-2017-5689."),
      entry("shadow_brokers", "Shadow Brokers Scan", "", "Checks from a leak of 2017."),
      entry("spectre_meltdown", "Spectre and Meltdown", "", "Checks for CVE-2017-5753 and kin."),
      entry("wannacry_ransomware", "WannaCry Ransomware", "", "Checks for MS17-010."),
      entry("agent_basic", "Basic Agent Scan", "", "A full scan by agents.", true),
      entry("agent_advanced", "Advanced Agent Scan", "", "An agent scan of your own.", true),
  };
  return all;
}

Json inputField(const char* id, const char* name, const char* type, Json fallback = {}) {
  return Json::object(
      {{"id", id}, {"name", name}, {"type", type}, {"default", std::move(fallback)}});
}

Json choice(const char* id, const char* name, std::initializer_list<Json> options) {
  Json field = inputField(id, name, "radio");
  field["options"] = Json::array(options);
  return field;
}

Json credentialForm() {
  Json ssh = Json::object(
      {{"name", "SSH"},
       {"max", 1000},
       {"inputs",
        Json::array({choice("auth_method", "Authentication method",
                            {"certificate", "Kerberos", "password", "public key"}),
                     inputField("username", "Username", "entry", "root"),
                     inputField("password", "Password", "password"),
                     inputField("private_key", "Private key", "file"),
                     inputField("private_key_passphrase", "Private key passphrase", "password"),
                     choice("elevate_privileges_with", "Elevate privileges with",
                            {"Nothing", ".k5login", "Checkpoint Gaia 'expert'", "Cisco 'enable'",
                             "dzdo", "pbrun", "su", "su+sudo", "sudo"})})}});
  Json windows = Json::object(
      {{"name", "Windows"},
       {"max", 1000},
       {"inputs", Json::array({choice("auth_method", "Authentication method",
                                      {"Kerberos", "LM Hash", "NTLM Hash", "Password"}),
                               inputField("username", "Username", "entry"),
                               inputField("password", "Password", "password"),
                               inputField("domain", "Domain", "entry")})}});
  return Json::object(
      {{"data",
        Json::array({Json::object({{"name", "Host"}, {"types", Json::array({ssh, windows})}})})}});
}

}  // namespace

std::span<const Template> templates() {
  return allTemplates();
}

const Template* findTemplate(std::string_view uuid) {
  for (const Template& candidate : allTemplates())
    if (candidate.uuid == uuid) return &candidate;
  return nullptr;
}

Json templateList() {
  Json list = Json::array();
  for (const Template& each : allTemplates()) {
    std::string icon = "iVBORw0KGgoAAAANSUhEUg";
    icon.resize(icon_bytes, 'A');
    list.push(Json::object({{"unsupported", false},
                            {"cloud_only", false},
                            {"desc", each.description},
                            {"order", nullptr},
                            {"subscription_only", std::string_view(each.name) == "asv"},
                            {"is_was", nullptr},
                            {"title", each.title},
                            {"is_agent", each.agent ? Json(true) : Json()},
                            {"uuid", each.uuid},
                            {"category", each.agent ? "Agent" : "Scanner"},
                            {"icon", std::move(icon)},
                            {"manager_only", each.agent},
                            {"license_fulfilled", true},
                            {"name", each.name}}));
  }
  return Json::object({{"templates", std::move(list)}});
}

Json templateForm(const Template& chosen) {
  Json basic = Json::object(
      {{"title", "Basic"},
       {"inputs", Json::array({inputField("name", "Name", "entry"),
                               inputField("description", "Description", "textarea"),
                               inputField("folder_id", "Folder", "ui_radio", 3),
                               inputField("scanner_id", "Scanner", "ui_radio", 1),
                               inputField("text_targets", "Targets", "textarea"),
                               inputField("file_targets", "Upload targets", "file")})}});
  Json plugin_families = Json::object();
  for (const std::string& family : families())
    plugin_families[family] = Json::object({{"status", "enabled"}});
  return Json::object({{"name", chosen.name},
                       {"title", chosen.title},
                       {"uuid", chosen.uuid},
                       {"is_agent", chosen.agent},
                       {"settings", Json::object({{"basic", std::move(basic)}})},
                       {"credentials", credentialForm()},
                       {"plugins", Json::object({{"families", std::move(plugin_families)}})},
                       {"filter_attributes", Json::array()}});
}

}  // namespace scanhost::simulator
