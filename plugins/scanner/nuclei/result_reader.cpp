// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nuclei/result_reader.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "plugins/shared/message/in_quotes.h"
#include "plugins/shared/settings/setting_reader.h"

namespace scanhost::nuclei {
namespace {

constexpr std::size_t most_items = 256;  ///< of one list in a result

[[noreturn]] void invalid(const std::string& why) {
  throw PluginError(ErrorClass::transient, "json_invalid: nuclei's output cannot be read: " + why);
}

/// Lists may be one text instead, and null.
std::vector<std::string> textsIn(const Json& value) {
  std::vector<std::string> texts;
  if (value.isString() && !value.asString().empty()) texts.push_back(value.asString());
  for (const Json& item : value.items()) {
    if (texts.size() == most_items) break;
    if (!item.asString().empty()) texts.push_back(item.asString());
  }
  return texts;
}

std::vector<std::string> inUpperCase(std::vector<std::string> texts) {
  for (std::string& text : texts)
    for (char& c : text)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return texts;
}

/// "unknown" and words that are not known count as info.
Severity severityOf(const std::string& word) {
  if (word == "critical") return Severity::critical;
  if (word == "high") return Severity::high;
  if (word == "medium") return Severity::medium;
  return word == "low" ? Severity::low : Severity::info;
}

double scoreOf(const Json& value) {
  const double score = value.asNumber(FindingRecord::no_score);
  return score >= 0 && score <= 10 ? score : FindingRecord::no_score;
}

/// Host and port of "https://10.0.0.7:8443/x", "10.0.0.7:22" or "[::1]:80".
struct Authority {
  std::string host, port;
};
Authority authorityOf(std::string_view url) {
  if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos)
    url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  Authority found;
  if (!url.empty() && url.front() == '[') {
    const std::size_t end = url.find(']');
    if (end == std::string_view::npos) return found;
    found.host = url.substr(1, end - 1);
    url.remove_prefix(end + 1);
  } else if (url.find(':') != url.rfind(':')) {
    found.host = url;  // IPv6 without brackets has no port
    return found;
  } else {
    found.host = url.substr(0, url.find(':'));
    url.remove_prefix(found.host.size());
  }
  if (!url.empty() && url.front() == ':') found.port = url.substr(1);
  return found;
}

bool isPort(const std::string& text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0 && port <= 65535;
}

std::string portOf(const Json& result) {
  const Json& port = result["port"];
  std::string text = port.isInteger() ? std::to_string(port.asInteger()) : port.asString();
  if (isPort(text)) return text;
  for (const char* where : {"matched-at", "url", "host"}) {
    text = authorityOf(result[where].asString()).port;
    if (isPort(text)) return text;
  }
  const std::string& at = result["matched-at"].asString();
  if (at.rfind("https://", 0) == 0) return "443";
  return at.rfind("http://", 0) == 0 ? "80" : "0";
}

void addClassification(const Json& classification, FindingRecord& finding) {
  finding.cve = inUpperCase(textsIn(classification["cve-id"]));
  finding.cwe = inUpperCase(textsIn(classification["cwe-id"]));
  const std::string& vector = classification["cvss-metrics"].asString();
  const double score = scoreOf(classification["cvss-score"]);
  if (vector.rfind("CVSS:4", 0) == 0) {
    finding.cvss4_vector = vector;
    finding.cvss4_base_score = score;
  } else if (vector.empty() || vector.rfind("CVSS:3", 0) == 0) {
    finding.cvss3_vector = vector;
    finding.cvss3_base_score = score;
  } else {
    finding.cvss_vector = vector;
    finding.cvss_base_score = score;
  }
  const double epss = classification["epss-score"].asNumber(FindingRecord::no_score);
  if (epss >= 0 && epss <= 1) finding.epss_score = epss;
  if (const std::string& cpe = classification["cpe"].asString(); !cpe.empty())
    finding.extra.emplace_back("cpe", cpe);
}

}  // namespace

void ResultReader::feed(std::string_view text) {
  bytes_ += text.size();
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view piece = text.substr(0, end);
    if (!passing_over_ && line_.size() + piece.size() > most_line_bytes) {
      passing_over_ = true;
      ++too_long_;
      line_.clear();
    }
    if (!passing_over_) line_ += piece;
    if (end == std::string_view::npos) return;
    endLine();
    text.remove_prefix(end + 1);
  }
}

void ResultReader::finish() {
  endLine();
}

void ResultReader::endLine() {
  passing_over_ = false;
  const std::string line = std::exchange(line_, {});
  if (line.find_first_not_of(" \t\r") == std::string::npos) return;
  std::string why;
  const auto result = Json::tryParse(line, {16, 100'000}, &why);
  if (!result) invalid(why + " of " + inQuotes(line.substr(0, 80)));
  if ((*result)["template-id"].asString().empty())
    invalid("a line without template-id: " + inQuotes(line.substr(0, 80)));
  tell(*result);
}

void ResultReader::tell(const Json& result) {
  const Json& info = result["info"];
  FindingRecord finding;
  finding.host = result["ip"].asString();
  if (addresses_.count(finding.host) == 0)
    finding.host = authorityOf(result["host"].asString()).host;
  if (addresses_.count(finding.host) == 0) {
    ++of_others_;
    return;
  }
  finding.port = portOf(result);
  finding.protocol = result["type"].asString() == "dns" ? "udp" : "tcp";
  finding.service = result["scheme"].asString();
  finding.check_id = "nuclei:" + result["template-id"].asString();
  finding.check_name = info["name"].asString();
  finding.family = "nuclei " + result["type"].asString("other");
  // Not the path, in which templates leave random words.
  finding.check_key = result["matcher-name"].asString();
  if (const std::string& name = result["extractor-name"].asString(); !name.empty())
    finding.check_key += (finding.check_key.empty() ? "" : " ") + name;
  finding.severity = severityOf(info["severity"].asString());
  finding.risk_factor = info["severity"].asString();
  finding.description = info["description"].asString();
  finding.synopsis = info["impact"].asString();
  finding.solution = info["remediation"].asString();
  finding.see_also = joined(textsIn(info["reference"]), "\n");
  addClassification(info["classification"], finding);
  finding.output = result["matched-at"].asString();
  for (const std::string& extracted : textsIn(result["extracted-results"]))
    finding.output += "\n" + extracted;
  for (const std::string& tag : textsIn(info["tags"])) finding.extra.emplace_back("tag", tag);
  for (const char* name : {"matched-at", "matcher-name", "extractor-name", "type", "template-path"})
    if (const std::string& value = result[name].asString(); !value.empty())
      finding.extra.emplace_back(name, value);
  sink_.emit(std::move(finding));
}

}  // namespace scanhost::nuclei
