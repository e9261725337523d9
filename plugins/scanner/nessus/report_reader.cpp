// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nessus/report_reader.h"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <new>
#include <unordered_map>
#include <utility>

namespace scanhost::nessus {
namespace {

using report_xml::XmlAttributes;
using TextMember = std::string FindingRecord::*;
using NumberMember = double FindingRecord::*;
using ListMember = std::vector<std::string> FindingRecord::*;

// Far above what real reports have, and a bound on what a hostile one can make us hold.
constexpr std::size_t most_text_bytes = 4u << 20;
constexpr std::size_t most_item_bytes = 8u << 20;  ///< of one item's texts together
constexpr std::size_t most_facts = 2000;
constexpr std::size_t most_fact_bytes = 16u << 10;
constexpr std::size_t most_seen_items = 200'000;

const std::unordered_map<std::string_view, TextMember>& textFields() {
  static const std::unordered_map<std::string_view, TextMember> fields{
      {"description", &FindingRecord::description},
      {"plugin_output", &FindingRecord::output},
      {"risk_factor", &FindingRecord::risk_factor},
      {"solution", &FindingRecord::solution},
      {"synopsis", &FindingRecord::synopsis},
      {"see_also", &FindingRecord::see_also},
      {"plugin_publication_date", &FindingRecord::plugin_publication_date},
      {"plugin_modification_date", &FindingRecord::plugin_modification_date},
      {"vuln_publication_date", &FindingRecord::vuln_publication_date},
      {"patch_publication_date", &FindingRecord::patch_publication_date},
      {"cvss_vector", &FindingRecord::cvss_vector},
      {"cvss3_vector", &FindingRecord::cvss3_vector},
      {"cvss4_vector", &FindingRecord::cvss4_vector},
  };
  return fields;
}

const std::unordered_map<std::string_view, NumberMember>& numberFields() {
  static const std::unordered_map<std::string_view, NumberMember> fields{
      {"cvss_base_score", &FindingRecord::cvss_base_score},
      {"cvss_temporal_score", &FindingRecord::cvss_temporal_score},
      {"cvss3_base_score", &FindingRecord::cvss3_base_score},
      {"cvss3_temporal_score", &FindingRecord::cvss3_temporal_score},
      {"cvss4_base_score", &FindingRecord::cvss4_base_score},
      {"vpr_score", &FindingRecord::vpr_score},
      {"epss_score", &FindingRecord::epss_score},
  };
  return fields;
}

const std::unordered_map<std::string_view, ListMember>& listFields() {
  static const std::unordered_map<std::string_view, ListMember> fields{
      {"cve", &FindingRecord::cve}, {"cwe", &FindingRecord::cwe}, {"xref", &FindingRecord::xref}};
  return fields;
}

template <class Member>
Member memberOf(const std::unordered_map<std::string_view, Member>& fields, std::string_view name) {
  const auto found = fields.find(name);
  return found == fields.end() ? nullptr : found->second;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

double toNumber(const std::string& text) {
  if (text.size() > 32) return FindingRecord::no_score;
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  return end != text.c_str() && std::isfinite(number) ? number : FindingRecord::no_score;
}

Severity toSeverity(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return static_cast<Severity>(std::clamp(value, 0, 4));
}

/// What the line "Credentialed checks : ..." of plugin 19506 says.
unsigned loginOfScanInformation(std::string_view output) {
  const std::size_t at = output.find("Credentialed checks");
  if (at == std::string_view::npos) return 0;
  std::string_view line = output.substr(at, output.find('\n', at) - at);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return 0;
  line = trimmed(line.substr(colon + 1));
  if (line.substr(0, 3) == "yes") return SCANHOST_LOGIN_GOOD;
  if (line.substr(0, 7) == "partial") return SCANHOST_LOGIN_WEAK;
  return line.substr(0, 2) == "no" ? SCANHOST_LOGIN_BAD : 0u;
}

/// How far login went, as one item tells it.
unsigned loginOfItem(const FindingRecord& item) {
  if (item.check_id == "19506") return loginOfScanInformation(item.output);
  if (item.check_id == "141118") return SCANHOST_LOGIN_GOOD;
  if (item.check_id == "110385") return SCANHOST_LOGIN_WEAK;
  if (item.check_id == "104410" || item.check_id == "21745") return SCANHOST_LOGIN_BAD;
  return 0;
}

/// Checks that run only where somebody could log in; told to people, no evidence for the status.
bool showsLogin(const FindingRecord& item) {
  static constexpr std::string_view checks[] = {"12634", "20811", "22869", "33851", "66334"};
  return std::find(std::begin(checks), std::end(checks), item.check_id) != std::end(checks);
}

unsigned loginOfProperty(std::string_view name, std::string_view value) {
  if (name != "Credentialed_Scan") return 0;
  if (value == "true") return SCANHOST_LOGIN_GOOD;
  return value == "false" ? SCANHOST_LOGIN_BAD : 0u;
}

/// Plugin 10180 reports hosts that are not there, where the policy wants them listed.
bool saysDead(const FindingRecord& item) {
  return item.check_id == "10180" && item.output.find("dead") != std::string::npos;
}

/// Before the compliance elements there was `"name" : [FAILED]` in the description.
std::string complianceNameIn(std::string_view description) {
  const std::string_view line = description.substr(0, description.find('\n'));
  const std::size_t result = line.rfind(" : [");
  return result == std::string_view::npos ? std::string()
                                          : std::string(trimmed(line.substr(0, result)));
}

[[noreturn]] void invalid(const std::string& reason) {
  throw PluginError(ErrorClass::transient, "xml_invalid: the report cannot be read: " + reason);
}

}  // namespace

/// SHA-256 over an item's content: what a hostile host could make collide could hide a finding.
class ReportReader::Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new()) {
    if (!context_) throw std::bad_alloc();
  }
  ~Digest() { EVP_MD_CTX_free(context_); }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  void begin() { EVP_DigestInit_ex(context_, EVP_sha256(), nullptr); }
  void add(std::string_view bytes) { EVP_DigestUpdate(context_, bytes.data(), bytes.size()); }
  /// A boundary that no text can contain.
  void mark() { EVP_DigestUpdate(context_, "\0", 1); }
  DigestBytes take() {
    DigestBytes bytes{};
    EVP_DigestFinal_ex(context_, bytes.data(), nullptr);
    return bytes;
  }

 private:
  EVP_MD_CTX* context_;
};

ReportReader::ReportReader(FindingSink& sink, std::uint64_t max_bytes)
    : sink_(sink), xml_(*this, {64, 64, max_bytes, {}}), digest_(std::make_unique<Digest>()) {}

ReportReader::~ReportReader() = default;

void ReportReader::feed(std::string_view xml) {
  try {
    xml_.feed(xml);
  } catch (const report_xml::XmlError& error) {
    invalid(error.what());
  }
}

void ReportReader::finish() {
  try {
    xml_.finish();
  } catch (const report_xml::XmlError& error) {
    invalid(error.what());
  }
}

void ReportReader::onStart(std::string_view name, const XmlAttributes& attributes) {
  ++depth_;
  if (skipped_from_ != 0) return;
  field_.clear();
  if (depth_ == 1) {
    if (name != "NessusClientData_v2")
      invalid("its root is \"" + std::string(name.substr(0, 64)) +
              "\", not NessusClientData_v2, so it is no .nessus file of version 2");
  } else if (in_item_ || in_properties_) {
    field_ = name;
    text_.clear();
    text_cut_ = false;
    if (in_item_) digest_->add(name);
    if (in_properties_) tag_name_ = attributes["name"];
  } else if (in_host_) {
    if (name == "HostProperties")
      in_properties_ = true;
    else if (name == "ReportItem")
      startItem(attributes);
    else
      skipped_from_ = depth_;
  } else if (in_report_ && name == "ReportHost") {
    startHost(attributes);
  } else if (depth_ == 2 && name == "Report") {
    in_report_ = true;
  } else {
    skipped_from_ = depth_;
  }
}

void ReportReader::onText(std::string_view text) {
  if (skipped_from_ != 0 || field_.empty()) return;
  if (in_item_) digest_->add(text);
  const std::size_t room = textLimit() - std::min(textLimit(), text_.size());
  text_.append(text.substr(0, room));
  text_cut_ = text_cut_ || text.size() > room;
}

std::size_t ReportReader::textLimit() const {
  if (!in_item_) return most_fact_bytes;
  // One byte more than the sink takes, so that it sees that there was more, cuts and names it.
  return static_cast<std::size_t>(std::min<std::uint64_t>(sink_.maxText(), most_text_bytes)) + 1;
}

void ReportReader::onEnd(std::string_view name) {
  const std::size_t depth = depth_--;
  if (skipped_from_ != 0) {
    if (depth == skipped_from_) skipped_from_ = 0;
  } else if (in_item_) {
    name == "ReportItem" ? endItem() : endField();
  } else if (in_properties_) {
    if (name == "HostProperties")
      in_properties_ = false;
    else
      endTag();
  } else if (in_host_) {
    endHost();
  } else if (depth == 2) {
    in_report_ = false;
  }
}

void ReportReader::startHost(const XmlAttributes& attributes) {
  in_host_ = true;
  host_ = HostReport{};
  host_.host = attributes["name"];
  host_items_ = 0;
  only_dead_ = true;
  seen_items_.clear();
}

void ReportReader::startItem(const XmlAttributes& attributes) {
  in_item_ = true;
  item_ = FindingRecord{};
  item_.host = host_.host;
  item_bytes_ = 0;
  compliance_id_.clear();
  compliance_name_.clear();
  digest_->begin();
  attributes.forEach([&](std::string_view name, std::string_view value) {
    digest_->add(name);
    digest_->mark();
    digest_->add(value);
    digest_->mark();
    const std::string_view bounded = value.substr(0, most_fact_bytes);
    if (name == "port")
      item_.port = bounded;
    else if (name == "svc_name")
      item_.service = bounded;
    else if (name == "protocol")
      item_.protocol = bounded;
    else if (name == "severity")
      item_.severity = toSeverity(bounded);
    else if (name == "pluginID")
      item_.check_id = bounded;
    else if (name == "pluginName")
      item_.check_name = bounded;
    else if (name == "pluginFamily")
      item_.family = bounded;
    else
      item_.extra.emplace_back(name, bounded);
  });
}

void ReportReader::endField() {
  digest_->mark();
  if (field_.empty()) return;  // the end of an element that held others
  const std::string name = std::exchange(field_, {});
  if (text_cut_) {
    detail::cutText(text_, textLimit() - 1);
    noteCut(name);
  }
  item_bytes_ += name.size() + text_.size();
  if (item_bytes_ > most_item_bytes) return noteCut(name);
  if (name == "cm:compliance-check-id") compliance_id_ = trimmed(text_);
  if (name == "cm:compliance-check-name") compliance_name_ = trimmed(text_);
  if (const TextMember member = memberOf(textFields(), name)) {
    std::string& field = item_.*member;  // see_also may come once per link
    field = field.empty() ? std::move(text_) : field + "\n" + text_;
  } else if (const ListMember list = memberOf(listFields(), name)) {
    (item_.*list).emplace_back(trimmed(text_));
  } else if (const NumberMember number = memberOf(numberFields(), name)) {
    item_.*number = toNumber(text_);
  } else if (name == "exploit_available") {
    item_.exploit_available = trimmed(text_) == "true" ? 1 : 0;
  } else {
    item_.extra.emplace_back(name, std::move(text_));
  }
  text_.clear();
}

void ReportReader::noteCut(const std::string& name) {
  const bool is_known = memberOf(textFields(), name) || memberOf(listFields(), name);
  const std::string shown = is_known ? name : "extra";
  if (std::find(item_.truncated.begin(), item_.truncated.end(), shown) == item_.truncated.end())
    item_.truncated.push_back(shown);
}

void ReportReader::endTag() {
  if (field_ != "tag" || tag_name_.empty()) return;
  const std::string_view value = trimmed(text_);
  host_.login |= loginOfProperty(tag_name_, value);
  if (host_.facts.size() < most_facts) {
    std::string kept(value);
    detail::cutText(kept, most_fact_bytes);
    host_.facts.emplace_back(tag_name_.substr(0, 256), std::move(kept));
  }
  field_.clear();
}

void ReportReader::endItem() {
  in_item_ = false;
  field_.clear();
  ++totals_.items;
  ++host_items_;
  host_.login |= loginOfItem(item_);
  only_dead_ = only_dead_ && saysDead(item_);
  const DigestBytes content = digest_->take();
  if (seen_items_.count(content) != 0) {
    ++totals_.repeated_items;
    return;
  }
  if (seen_items_.size() < most_seen_items) seen_items_.insert(content);
  if (item_.check_id == "0" && item_.check_name.empty()) item_.check_name = "Open port";
  if (!compliance_id_.empty() || !compliance_name_.empty())
    item_.check_key = compliance_id_.empty() ? compliance_name_ : compliance_id_;
  else if (item_.family == "Policy Compliance")
    item_.check_key = complianceNameIn(item_.description);
  totals_.login_findings += showsLogin(item_) ? 1 : 0;
  sink_.emit(std::move(item_));
}

void ReportReader::endHost() {
  in_host_ = false;
  seen_items_.clear();
  host_.answered = host_items_ > 0 && !only_dead_;
  ++(host_.answered ? totals_.hosts_answered : totals_.hosts_silent);
  sink_.host(std::move(host_));
}

}  // namespace scanhost::nessus
