// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nmap/report_reader.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

namespace scanhost::nmap {
namespace {

using report_xml::XmlAttributes;

// What is kept of one script's structure, and of the facts of one host: far above what real ones
// have, and a bound on what a hostile host can make us hold.
constexpr std::size_t most_nodes = 50'000;
constexpr std::size_t most_node_bytes = 4u << 20;
constexpr std::size_t most_facts = 200;
constexpr std::size_t most_scripts = 1000;

std::uint64_t toCount(std::string_view text) {
  std::uint64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

double toPercent(std::string_view text) {
  const std::string copy(text.substr(0, 16));
  return std::clamp(std::strtod(copy.c_str(), nullptr), 0.0, 100.0);
}

/// Where in the work on a group of hosts a stage of nmap's lies: begin and length, of 1.
std::pair<double, double> stagePlace(std::string_view name) {
  if (name.find("Ping") != std::string_view::npos || name.find("ARP") != std::string_view::npos)
    return {0.0, 0.0};
  if (name == "NSE" || name.find("Script") != std::string_view::npos) return {0.8, 0.2};
  if (name.find("Service") != std::string_view::npos) return {0.6, 0.2};
  if (name.find("Scan") != std::string_view::npos) return {0.0, 0.6};
  return {0.0, 0.0};
}

report_xml::XmlBounds bounds() {
  report_xml::XmlBounds bounds;
  bounds.bare_doctype = "nmaprun";
  return bounds;
}

/// Runs a step of the reader, giving what is wrong with the report its class.
template <class Step>
void orXmlInvalid(Step&& step) {
  try {
    step();
  } catch (const report_xml::XmlError& error) {
    throw PluginError(ErrorClass::transient,
                      "xml_invalid: nmap's report cannot be read: " + std::string(error.what()));
  }
}

}  // namespace

void Progress::hostDone(bool was_up) {
  ++done_;
  if (was_up && pending_ > 0) --pending_;
  tell(status_);
}

void Progress::stage(std::string_view name, double percent) {
  const auto [begin, length] = stagePlace(name);
  stage_share_ = begin + length * percent / 100;
  tell(name);
}

void Progress::tell(std::string_view status) {
  const double work = static_cast<double>(done_) + static_cast<double>(pending_) * stage_share_;
  const double share = addresses_ == 0 ? 0 : work / static_cast<double>(addresses_);
  const int percent = std::max(told_, std::min(99, static_cast<int>(share * 100)));
  if (percent == told_ && status == status_) return;
  told_ = percent;
  status_ = status;
  sink_.progress(percent, status_);
}

ReportReader::ReportReader(FindingSink& sink, const GivenNames& names, Progress& progress)
    : sink_(sink), names_(names), progress_(progress), xml_(*this, bounds()) {}

void ReportReader::feed(std::string_view xml) {
  orXmlInvalid([&] { xml_.feed(xml); });
}

void ReportReader::finish() {
  orXmlInvalid([&] { xml_.finish(); });
}

void ReportReader::onStart(std::string_view name, const XmlAttributes& attributes) {
  text_ = nullptr;
  if (in_script_) return startInScript(name, attributes);
  if (in_host_) return startInHost(name, attributes);
  if (name == "host") {
    in_host_ = true;
    host_ = Host{};
    host_scripts_.clear();
    host_.timed_out = attributes["timedout"] == "true";
  } else if (name == "hosthint") {
    in_hint_ = true;
    progress_.hostFound();
  } else if (in_hint_) {
    return;
  } else if (name == "taskbegin") {
    progress_.stage(attributes["task"], 0);
  } else if (name == "taskprogress") {
    progress_.stage(attributes["task"], toPercent(attributes["percent"]));
  } else if (name == "taskend") {
    progress_.stage(attributes["task"], 100);
  } else if (name == "runstats") {
    in_runstats_ = true;
  } else if (in_runstats_ && name == "finished") {
    totals_.succeeded = attributes["exit"] == "success";
    totals_.error = attributes["errormsg"];
  } else if (in_runstats_ && name == "hosts") {
    const std::uint64_t total = toCount(attributes["total"]);
    totals_.hosts_silent = std::max(total, totals_.hosts_answered) - totals_.hosts_answered;
  }
}

void ReportReader::startInHost(std::string_view name, const XmlAttributes& attributes) {
  if (name == "script") {
    in_script_ = true;
    script_ = ScriptResult{std::string(attributes["id"]), std::string(attributes["output"]), {}};
    open_nodes_.clear();
    script_nodes_ = script_bytes_ = 0;
  } else if (name == "port") {
    in_port_ = true;
    port_ = Port{};
    port_.number = attributes["portid"];
    port_.protocol = attributes["protocol"];
  } else if (in_port_ && name == "state") {
    port_.state = attributes["state"];
    port_.reason = attributes["reason"];
    host_.heard = host_.heard || port_.state == "open" || port_.state == "closed";
  } else if (in_port_ && name == "service") {
    startService(attributes);
  } else if (in_port_ && name == "cpe") {
    if (port_.service.cpe.size() < most_facts) text_ = &port_.service.cpe.emplace_back();
  } else if (name == "extraports") {
    host_.heard = host_.heard || attributes["state"] == "closed";
  } else if (name == "status") {
    host_.state = attributes["state"];
    host_.reason = attributes["reason"];
  } else if (name == "address") {
    startAddress(attributes);
  } else if (name == "hostname") {
    fact("hostname", attributes["name"]);
  } else if (name == "osmatch") {
    fact("operating-system", attributes["name"]);
  }
}

void ReportReader::startAddress(const XmlAttributes& attributes) {
  if (attributes["addrtype"] == "mac") {
    fact("mac-address", attributes["addr"]);
    fact("mac-vendor", attributes["vendor"]);
  } else if (host_.report.host.empty()) {
    host_.report.host = attributes["addr"];
  }
}

void ReportReader::startService(const XmlAttributes& attributes) {
  Service& service = port_.service;
  service.name = attributes["name"];
  service.product = attributes["product"];
  service.version = attributes["version"];
  service.extra_info = attributes["extrainfo"];
  service.tunnel = attributes["tunnel"];
  service.os_type = attributes["ostype"];
  service.device_type = attributes["devicetype"];
  service.hostname = attributes["hostname"];
  service.probed = attributes["method"] == "probed";
}

void ReportReader::startInScript(std::string_view name, const XmlAttributes& attributes) {
  if (name != "table" && name != "elem") return;
  ScriptNode node;
  node.key = attributes["key"];
  node.is_table = name == "table";
  open_nodes_.push_back(std::move(node));
  if (!open_nodes_.back().is_table) text_ = &open_nodes_.back().text;
}

bool ReportReader::affordNode(std::size_t bytes) {
  script_nodes_ += 1;
  script_bytes_ += bytes;
  return script_nodes_ <= most_nodes && script_bytes_ <= most_node_bytes;
}

void ReportReader::onText(std::string_view text) {
  if (!text_) return;
  const std::size_t room = most_node_bytes - std::min(most_node_bytes, text_->size());
  text_->append(text.substr(0, room));
}

void ReportReader::onEnd(std::string_view name) {
  text_ = nullptr;
  if (in_script_) {
    if (name == "script") {
      in_script_ = false;
      auto& scripts = in_port_ ? port_.scripts : host_scripts_;
      if (scripts.size() < most_scripts) scripts.push_back(std::move(script_));
    } else if ((name == "table" || name == "elem") && !open_nodes_.empty()) {
      ScriptNode node = std::move(open_nodes_.back());
      open_nodes_.pop_back();
      if (!affordNode(node.key.size() + node.text.size())) return;
      (open_nodes_.empty() ? script_.nodes : open_nodes_.back().children)
          .push_back(std::move(node));
    }
  } else if (name == "port" && in_port_) {
    endPort();
  } else if (name == "hostscript") {
    endHostScript();
  } else if (name == "host" && in_host_) {
    endHost();
  } else if (name == "hosthint") {
    in_hint_ = false;
  }
}

void ReportReader::endPort() {
  in_port_ = false;
  if (port_.state != "open") return;
  const Service& service = port_.service;
  FindingRecord place;
  place.host = host_.report.host;
  place.port = port_.number;
  place.protocol = port_.protocol;
  place.service = service.name;

  FindingRecord open = place;
  open.check_id = "nmap:open-port";
  open.check_name = "Open port";
  open.family = "nmap ports";
  open.output = "open (" + port_.reason + ")";
  sink_.emit(std::move(open));

  if (service.probed && !(service.name.empty() && service.product.empty())) {
    FindingRecord detected = place;
    detected.check_id = "nmap:service";
    detected.check_name = "Service detected";
    detected.family = "nmap services";
    const std::pair<const char*, const std::string*> said[] = {
        {"product", &service.product},      {"version", &service.version},
        {"extrainfo", &service.extra_info}, {"tunnel", &service.tunnel},
        {"ostype", &service.os_type},       {"devicetype", &service.device_type},
        {"hostname", &service.hostname}};
    for (const auto& [key, value] : said)
      if (!value->empty()) detected.extra.emplace_back(key, *value);
    for (const std::string& cpe : service.cpe) detected.extra.emplace_back("cpe", cpe);
    for (const std::string* part : {&service.product, &service.version, &service.extra_info})
      if (!part->empty()) detected.output += (detected.output.empty() ? "" : " ") + *part;
    sink_.emit(std::move(detected));
  }
  tellScripts(port_.scripts, place);
}

void ReportReader::endHostScript() {
  FindingRecord place;
  place.host = host_.report.host;
  tellScripts(host_scripts_, place);
  host_scripts_.clear();
}

void ReportReader::tellScripts(const std::vector<ScriptResult>& scripts,
                               const FindingRecord& place) {
  for (const ScriptResult& script : scripts)
    for (FindingRecord& finding : scriptFindings(script, place)) sink_.emit(std::move(finding));
}

void ReportReader::endHost() {
  in_host_ = false;
  HostReport& report = host_.report;
  const bool is_up = host_.state == "up";
  progress_.hostDone(is_up);
  if (report.host.empty()) return;
  // "user-set" is what nmap says when it was told not to look: then only a port that answers
  // counts. It gives up a host at host_timeout without telling its ports, so that one was not
  // tested.
  report.answered = is_up && !host_.timed_out && (host_.reason != "user-set" || host_.heard);
  fact("status-reason", host_.reason);
  if (host_.timed_out) fact("timed-out", "true");
  const auto [first, last] = names_.equal_range(report.host);
  for (auto name = first; name != last; ++name) fact("given", name->second);
  if (report.answered) ++totals_.hosts_answered;
  sink_.host(std::move(report));
}

void ReportReader::fact(std::string_view name, std::string_view value) {
  if (!value.empty() && host_.report.facts.size() < most_facts)
    host_.report.facts.emplace_back(name, value);
}

}  // namespace scanhost::nmap
