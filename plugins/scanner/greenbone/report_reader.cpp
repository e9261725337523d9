// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/greenbone/report_reader.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace scanhost::greenbone {
namespace {

constexpr std::size_t most_text_bytes = 4u << 20;     ///< of one text, whatever the sink would take
constexpr std::size_t most_result_bytes = 16u << 20;  ///< of one result's texts together
constexpr std::size_t most_references = 2000;         ///< of one result
constexpr std::size_t most_facts = 500;               ///< of one host
constexpr std::size_t most_fact_bytes = 4096;

constexpr std::string_view in_report = "report/report/";
constexpr std::string_view in_result = "results/result";
constexpr std::string_view in_host = "host";
constexpr std::string_view in_error = "errors/error";

/// The rest of `path` below `parent`, "" for itself; nothing when it is elsewhere.
bool below(std::string_view path, std::string_view parent, std::string_view& rest) {
  if (path.substr(0, parent.size()) != parent) return false;
  rest = path.substr(parent.size());
  if (rest.empty()) return true;
  if (rest.front() != '/') return false;
  rest.remove_prefix(1);
  return true;
}

double toNumber(const std::string& text) {
  if (text.size() > 32) return FindingRecord::no_score;
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  return end != text.c_str() && std::isfinite(number) ? number : FindingRecord::no_score;
}

double toScore(const std::string& text) {
  const double number = toNumber(text);
  return number >= 0 && number <= 10 ? number : FindingRecord::no_score;
}

/// -1 is a false positive, 0 a note.
Severity severityOf(double score) {
  if (!(score > 0)) return Severity::info;
  if (score >= 9) return Severity::critical;
  if (score >= 7) return Severity::high;
  return score >= 4 ? Severity::medium : Severity::low;
}

/// "443/tcp", "general/icmp", "general/Host_Details"
void readPort(const std::string& text, FindingRecord& finding) {
  const std::size_t slash = text.find('/');
  const std::string number = text.substr(0, slash);
  const bool is_port = !number.empty() && number.size() <= 5 &&
                       number.find_first_not_of("0123456789") == std::string::npos;
  finding.port = is_port ? number : "0";
  const std::string protocol = slash == std::string::npos ? "" : text.substr(slash + 1);
  finding.protocol = protocol == "udp" || protocol == "icmp" ? protocol : "tcp";
}

/// The value of "name=" in "summary=...|impact=...|..."; a value may hold no bar.
std::string tagIn(std::string_view tags, std::string_view name) {
  while (!tags.empty()) {
    const std::string_view tag = tags.substr(0, tags.find('|'));
    tags.remove_prefix(std::min(tags.size(), tag.size() + 1));
    if (tag.size() > name.size() && tag.substr(0, name.size()) == name && tag[name.size()] == '=')
      return std::string(tag.substr(name.size() + 1));
  }
  return {};
}

void addParagraph(std::string& text, const std::string& more) {
  if (!more.empty()) text += (text.empty() ? "" : "\n\n") + more;
}

/// What a host's details say of logins.
unsigned loginOf(std::string_view name) {
  if (name.substr(0, 5) != "Auth-") return 0;
  if (name.size() > 8 && name.substr(name.size() - 8) == "-Success") return SCANHOST_LOGIN_GOOD;
  return name.size() > 8 && name.substr(name.size() - 8) == "-Failure" ? SCANHOST_LOGIN_BAD : 0u;
}

}  // namespace

ReportReader::ReportReader(FindingSink& sink, TellHosts tell_hosts, std::uint64_t most_bytes)
    // One byte more than the sink takes, so that it sees that there was more, cuts and names it.
    : ResponseReader(most_bytes, static_cast<std::size_t>(
                                     std::min<std::uint64_t>(sink.maxText() + 1, most_text_bytes))),
      sink_(sink),
      tell_hosts_(tell_hosts) {}

void ReportReader::onOpen(std::string_view path, const Attributes& attributes) {
  if (path == "report/report") {
    totals_.report_id = attributes["id"].substr(0, 128);
    return;
  }
  if (path.substr(0, in_report.size()) != in_report) return;
  path.remove_prefix(in_report.size());
  std::string_view rest;
  if (below(path, in_result, rest)) return openInResult(rest, attributes);
  if (path == in_host) host_ = HostReport{};
  if (path == "host/detail") detail_ = Detail{};
  if (path == in_error) error_ = FindingRecord{};
  if (path == "errors/error/nvt") error_.check_key = attributes["oid"].substr(0, 256);
}

void ReportReader::openInResult(std::string_view path, const Attributes& attributes) {
  FindingRecord& finding = result_.finding;
  if (path.empty()) {
    result_ = Result{};
  } else if (path == "nvt") {
    finding.check_id = attributes["oid"].substr(0, 256);
  } else if (path == "nvt/severities/severity") {
    result_.severity_kind = attributes["type"].substr(0, 64);
    result_.severity_score.clear();
    result_.severity_vector.clear();
  } else if (path == "nvt/refs/ref") {
    const std::string id(attributes["id"].substr(0, most_fact_bytes));
    const std::string_view type = attributes["type"];
    if (finding.cve.size() + finding.xref.size() >= most_references || id.empty()) return;
    if (type == "cve")
      finding.cve.push_back(id);
    else if (type == "url")
      finding.see_also += (finding.see_also.empty() ? "" : "\n") + id;
    else
      finding.xref.push_back(std::string(type.substr(0, 64)) + ":" + id);
  }
}

void ReportReader::onValue(std::string_view path, std::string text, bool cut) {
  if (path.substr(0, in_report.size()) != in_report) return;
  path.remove_prefix(in_report.size());
  std::string_view rest;
  if (below(path, in_result, rest)) return valueInResult(rest, std::move(text), cut);
  if (path == "scan_run_status") totals_.run_status = text.substr(0, 64);
  if (path == "host/ip") host_.host = std::move(text);
  if (path == "host/detail/name") detail_.name = text.substr(0, 256);
  if (path == "host/detail/value") detail_.value = std::move(text);
  if (path == "errors/error/host")
    error_.host = std::move(text);
  else if (path == "errors/error/port")
    readPort(text, error_);
  else if (path == "errors/error/description")
    error_.output = std::move(text);
  else if (path == "errors/error/nvt/name")
    error_.synopsis = std::move(text);
}

void ReportReader::valueInResult(std::string_view path, std::string text, bool cut) {
  FindingRecord& finding = result_.finding;
  using Member = std::string FindingRecord::*;
  static constexpr std::pair<std::string_view, Member> texts[] = {
      {"name", &FindingRecord::check_name},   {"host", &FindingRecord::host},
      {"path", &FindingRecord::check_key},    {"description", &FindingRecord::output},
      {"nvt/family", &FindingRecord::family}, {"nvt/solution", &FindingRecord::solution},
  };
  result_.bytes += text.size();
  if (result_.bytes > most_result_bytes) return noteCut("extra");
  for (const auto& [name, member] : texts)
    if (path == name) {
      finding.*member = std::move(text);
      return;
    }
  if (path == "port") {
    readPort(text, finding);
  } else if (path == "severity") {
    finding.severity = severityOf(toNumber(text));
  } else if (path == "threat") {
    finding.risk_factor = std::move(text);
  } else if (path == "qod/value" || path == "qod/type" || path == "host/hostname" ||
             path == "nvt/cpe" || path == "original_severity") {
    finding.extra.emplace_back(path, std::move(text));
  } else if (path == "nvt/tags") {
    if (cut) noteCut("description");
    result_.tags = std::move(text);
  } else if (path == "nvt/severities/severity/score") {
    result_.severity_score = std::move(text);
  } else if (path == "nvt/severities/severity/value") {
    result_.severity_vector = std::move(text);
  } else if (path == "nvt/epss/max_severity/score") {
    const double epss = toNumber(text);
    if (epss >= 0 && epss <= 1) finding.epss_score = epss;
  }
}

void ReportReader::noteCut(const char* field) {
  std::vector<std::string>& cut = result_.finding.truncated;
  if (std::find(cut.begin(), cut.end(), field) == cut.end()) cut.emplace_back(field);
}

void ReportReader::onClose(std::string_view path) {
  if (path.substr(0, in_report.size()) != in_report) return;
  path.remove_prefix(in_report.size());
  if (path == "results/result/nvt/severities/severity") endSeverity();
  if (path == in_result) endResult();
  if (path == "host/detail") endDetail();
  if (path == in_host) endHost();
  if (path == in_error) endError();
}

void ReportReader::endSeverity() {
  FindingRecord& finding = result_.finding;
  const double score = toScore(result_.severity_score);
  if (result_.severity_kind == "cvss_base_v4") {
    finding.cvss4_base_score = score;
    finding.cvss4_vector = result_.severity_vector;
  } else if (result_.severity_kind == "cvss_base_v3") {
    finding.cvss3_base_score = score;
    finding.cvss3_vector = result_.severity_vector;
  } else if (result_.severity_kind == "cvss_base_v2") {
    finding.cvss_base_score = score;
    finding.cvss_vector = result_.severity_vector;
  }
}

void ReportReader::endResult() {
  ++totals_.results;
  FindingRecord& finding = result_.finding;
  finding.synopsis = tagIn(result_.tags, "summary");
  for (const char* tag : {"insight", "affected", "impact", "vuldetect"})
    addParagraph(finding.description, tagIn(result_.tags, tag));
  if (finding.solution.empty()) finding.solution = tagIn(result_.tags, "solution");
  if (finding.host.empty() || finding.check_id.empty()) return;  // belongs to nobody
  sink_.emit(std::move(finding));
}

void ReportReader::endDetail() {
  host_.login |= loginOf(detail_.name);
  if (host_.facts.size() >= most_facts || detail_.name.empty() || detail_.value.empty()) return;
  detail::cutText(detail_.value, most_fact_bytes);
  host_.facts.emplace_back(std::move(detail_.name), std::move(detail_.value));
}

void ReportReader::endHost() {
  if (host_.host.empty()) return;
  ++totals_.hosts;
  if (tell_hosts_ == TellHosts::yes) sink_.host(std::move(host_));
}

void ReportReader::endError() {
  if (tell_hosts_ == TellHosts::no || error_.host.empty()) return;
  error_.check_id = "greenbone:error";
  error_.check_name = "A check did not run to its end";
  error_.family = "greenbone errors";
  sink_.emit(std::move(error_));
}

}  // namespace scanhost::greenbone
