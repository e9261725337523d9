// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nmap/script_findings.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

namespace scanhost::nmap {
namespace {

bool startsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

Severity severityOfScore(double score) {
  if (score >= 9) return Severity::critical;
  if (score >= 7) return Severity::high;
  if (score >= 4) return Severity::medium;
  return score > 0 ? Severity::low : Severity::info;
}

/// The number that a text such as "9.3 (HIGH) (AV:N/...)" begins with; NaN when none, or when it is
/// no CVSS score.
double scoreIn(std::string_view text) {
  const std::string copy(text.substr(0, 16));
  char* end = nullptr;
  const double score = std::strtod(copy.c_str(), &end);
  return end != copy.c_str() && score >= 0 && score <= 10 ? score : FindingRecord::no_score;
}

void setScore(FindingRecord& finding, std::string_view kind, std::string_view text) {
  const double score = scoreIn(text);
  if (std::isnan(score)) return;
  if (kind.find("v4") != std::string_view::npos || kind.find("ss4") != std::string_view::npos)
    finding.cvss4_base_score = score;
  else if (kind.find("v3") != std::string_view::npos || kind.find("ss3") != std::string_view::npos)
    finding.cvss3_base_score = score;
  else
    finding.cvss_base_score = score;
}

double bestScore(const FindingRecord& finding) {
  for (const double score :
       {finding.cvss4_base_score, finding.cvss3_base_score, finding.cvss_base_score})
    if (!std::isnan(score)) return score;
  return FindingRecord::no_score;
}

std::string joinTexts(const ScriptNode* table) {
  std::string joined;
  if (!table) return joined;
  for (const ScriptNode& child : table->children) {
    if (child.text.empty()) continue;
    if (!joined.empty()) joined += '\n';
    joined += child.text;
  }
  return joined;
}

FindingRecord scriptFinding(const ScriptResult& script, const FindingRecord& place) {
  FindingRecord finding = place;
  finding.check_id = "nmap:script:" + script.id;
  finding.check_name = script.id;
  finding.family = "nmap scripts";
  return finding;
}

/// The vulns library writes a table per weakness, with a title and a state.
bool isVulnerability(const ScriptNode& node) {
  return node.is_table && !node["state"].empty() && !node["title"].empty();
}

Severity severityOfState(const std::string& state, const FindingRecord& finding) {
  if (startsWith(state, "LIKELY")) return Severity::medium;
  if (!startsWith(state, "VULNERABLE")) return Severity::info;
  const double score = bestScore(finding);
  return std::isnan(score) ? Severity::high : severityOfScore(score);
}

FindingRecord vulnerabilityFinding(const ScriptResult& script, const ScriptNode& node,
                                   const FindingRecord& place) {
  FindingRecord finding = scriptFinding(script, place);
  // A key that begins with NMAP- is only a number within one run.
  finding.check_key = startsWith(node.key, "NMAP-") ? node["title"] : node.key;
  finding.synopsis = node["title"];
  finding.description = joinTexts(node.table("description"));
  finding.see_also = joinTexts(node.table("refs"));
  finding.output = script.output;
  finding.vuln_publication_date = node["disclosure"];
  finding.extra.emplace_back("state", node["state"]);
  if (const ScriptNode* ids = node.table("ids")) {
    for (const ScriptNode& id : ids->children) {
      if (startsWith(id.text, "CVE:"))
        finding.cve.push_back(id.text.substr(4));
      else if (!id.text.empty())
        finding.xref.push_back(id.text);
    }
  }
  if (const ScriptNode* scores = node.table("scores"))
    for (const ScriptNode& score : scores->children) setScore(finding, score.key, score.text);
  finding.severity = severityOfState(node["state"], finding);
  if (node["state"].find("Exploitable") != std::string::npos) finding.exploit_available = 1;
  return finding;
}

/// One row of vulners; a CVE that several CPEs share is told once.
void addCve(std::vector<FindingRecord>& findings, const ScriptResult& script,
            const FindingRecord& place, std::string_view id, std::string_view score,
            std::string_view cpe) {
  const auto same = [&](const FindingRecord& known) { return known.check_key == id; };
  const auto known = std::find_if(findings.begin(), findings.end(), same);
  if (known != findings.end()) {
    known->extra.emplace_back("cpe", cpe);
    return;
  }
  FindingRecord finding = scriptFinding(script, place);
  finding.check_key = id;
  finding.cve.emplace_back(id);
  finding.synopsis = "The version that the service claims is listed as affected by " +
                     std::string(id) + "; nothing was tested.";
  std::string_view kind = "cvss";
  if (const std::size_t colon = score.find(':'); colon != std::string_view::npos) {
    kind = score.substr(0, colon);  // "cvss3.1: 7.5"
    score.remove_prefix(colon + 1);
  }
  setScore(finding, kind, score);
  const double best = bestScore(finding);
  finding.severity = std::isnan(best) ? Severity::info : severityOfScore(best);
  finding.extra.emplace_back("confidence", "low");
  if (!cpe.empty()) finding.extra.emplace_back("cpe", cpe);
  findings.push_back(std::move(finding));
}

std::string_view nextWord(std::string_view& line) {
  const std::size_t begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return line = {};
  line.remove_prefix(begin);
  const std::size_t end = line.find_first_of(" \t\r");
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(word.size());
  return word;
}

/// Older versions write text alone: an indented "ID<tab>score<tab>link" per row.
void addCvesOfText(std::vector<FindingRecord>& findings, const ScriptResult& script,
                   const FindingRecord& place) {
  std::string_view rest = script.output;
  std::string cpe;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::string_view id = nextWord(line);
    if (startsWith(id, "cpe:")) cpe = id.substr(0, id.find_last_not_of(": ") + 1);
    if (!startsWith(id, "CVE-")) continue;
    addCve(findings, script, place, id, nextWord(line), cpe);
  }
}

std::vector<FindingRecord> vulnersFindings(const ScriptResult& script, const FindingRecord& place) {
  std::vector<FindingRecord> findings;
  for (const ScriptNode& cpe : script.nodes)
    for (const ScriptNode& row : cpe.children)
      if (row["type"] == "cve") addCve(findings, script, place, row["id"], row["cvss"], cpe.key);
  if (script.nodes.empty()) addCvesOfText(findings, script, place);
  return findings;
}

}  // namespace

const std::string& ScriptNode::operator[](std::string_view name) const noexcept {
  static const std::string none;
  for (const ScriptNode& child : children)
    if (!child.is_table && child.key == name) return child.text;
  return none;
}

const ScriptNode* ScriptNode::table(std::string_view name) const noexcept {
  for (const ScriptNode& child : children)
    if (child.is_table && child.key == name) return &child;
  return nullptr;
}

std::vector<FindingRecord> scriptFindings(const ScriptResult& script, const FindingRecord& place) {
  if (script.id == "vulners") return vulnersFindings(script, place);
  std::vector<FindingRecord> findings;
  bool is_structured = false;
  for (const ScriptNode& node : script.nodes) {
    if (!isVulnerability(node)) continue;
    is_structured = true;
    if (!startsWith(node["state"], "NOT VULNERABLE"))
      findings.push_back(vulnerabilityFinding(script, node, place));
  }
  const bool failed = startsWith(script.output, "ERROR: Script execution failed");
  if (is_structured || failed || script.output.empty()) return findings;
  FindingRecord finding = scriptFinding(script, place);
  finding.output = script.output;
  findings.push_back(std::move(finding));
  return findings;
}

}  // namespace scanhost::nmap
