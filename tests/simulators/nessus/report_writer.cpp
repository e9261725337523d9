// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/report_writer.h"

#include <algorithm>
#include <ostream>

namespace scanhost::simulator {
namespace {

void writeElement(std::ostream& out, std::string_view name, std::string_view text) {
  out << '<' << name << '>' << escapeXml(text) << "</" << name << ">\n";
}

/// Lines of a log that no one needs, 64 bytes each, cut to the size asked for.
void writeFiller(std::ostream& out, std::uint64_t bytes) {
  static const std::string line =
      "netstat: tcp 0.0.0.0:8080 listening, process 4242 (java), user a\n";
  static const std::string block = [] {
    std::string text;
    while (text.size() < 64 * 1024) text += line;
    return text;
  }();
  while (bytes > 0 && out) {
    const std::uint64_t count = std::min<std::uint64_t>(bytes, block.size());
    out.write(block.data(), static_cast<std::streamsize>(count));
    bytes -= count;
  }
}

void writePolicy(const Report& report, std::ostream& out) {
  out << "<Policy><policyName>Simulated policy</policyName>\n<Preferences><ServerPreferences>\n";
  const auto preference = [&](std::string_view name, std::string_view value) {
    out << "<preference><name>" << name << "</name><value>" << escapeXml(value)
        << "</value></preference>\n";
  };
  preference("TARGET", report.targets());
  preference("max_hosts", "30");
  preference("plugin_set", "19506;10180;11219;11936;22964;");
  out << "</ServerPreferences></Preferences>\n</Policy>\n";
}

void writeItem(const ReportItem& item, std::ostream& out) {
  out << "<ReportItem port=\"" << item.port << "\" svc_name=\"" << escapeXml(item.service)
      << "\" protocol=\"" << escapeXml(item.protocol) << "\" severity=\"" << item.severity
      << "\" pluginID=\"" << item.plugin_id << "\" pluginName=\"" << escapeXml(item.plugin_name)
      << "\" pluginFamily=\"" << escapeXml(item.plugin_family) << "\">\n";
  for (const auto& [name, value] : item.fields) writeElement(out, name, value);
  if (!item.output.empty() || item.filler_bytes) {
    out << "<plugin_output>" << escapeXml(item.output);
    writeFiller(out, item.filler_bytes);
    out << "</plugin_output>\n";
  }
  out << "</ReportItem>\n";
}

void writeHost(const ReportHost& host, std::ostream& out) {
  out << "<ReportHost name=\"" << escapeXml(host.name) << "\"><HostProperties>\n";
  for (const auto& [name, value] : host.properties)
    out << "<tag name=\"" << escapeXml(name) << "\">" << escapeXml(value) << "</tag>\n";
  out << "</HostProperties>\n";
  for (const ReportItem& item : host.items) writeItem(item, out);
  out << "</ReportHost>\n";
}

std::string field(const ReportItem& item, std::string_view name) {
  for (const auto& [key, value] : item.fields)
    if (key == name) return value;
  return {};
}

std::string quoteCsv(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

std::string escapeXml(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\n':
      case '\t': out += c; break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20) out += c;
    }
  }
  return out;
}

void writeNessus(const Report& report, std::size_t hosts, std::ostream& out) {
  hosts = std::min(hosts, report.hostCount());
  if (hosts == report.hostCount() && report.copyOriginal(out)) return;
  out << "<?xml version=\"1.0\" ?>\n<NessusClientData_v2>\n";
  writePolicy(report, out);
  out << "<Report name=\"" << escapeXml(report.name())
      << "\" xmlns:cm=\"http://www.nessus.org/cm\">\n";
  for (std::size_t i = 0; i < hosts && out; ++i) writeHost(report.host(i), out);
  out << "</Report>\n</NessusClientData_v2>\n";
}

void writeCsv(const Report& report, std::size_t hosts, std::ostream& out) {
  out << "Plugin ID,CVE,CVSS v2.0 Base Score,Risk,Host,Protocol,Port,Name,Synopsis,Description,"
         "Solution,See Also,Plugin Output\r\n";
  hosts = std::min(hosts, report.hostCount());
  for (std::size_t i = 0; i < hosts && out; ++i) {
    const ReportHost host = report.host(i);
    for (const ReportItem& item : host.items)
      out << quoteCsv(std::to_string(item.plugin_id)) << ',' << quoteCsv(field(item, "cve")) << ','
          << quoteCsv(field(item, "cvss_base_score")) << ',' << quoteCsv(field(item, "risk_factor"))
          << ',' << quoteCsv(host.name) << ',' << quoteCsv(item.protocol) << ','
          << quoteCsv(std::to_string(item.port)) << ',' << quoteCsv(item.plugin_name) << ','
          << quoteCsv(field(item, "synopsis")) << ',' << quoteCsv(field(item, "description")) << ','
          << quoteCsv(field(item, "solution")) << ',' << quoteCsv(field(item, "see_also")) << ','
          << quoteCsv(item.output) << "\r\n";
  }
}

void writeHtml(const Report& report, std::size_t hosts, std::ostream& out) {
  out << "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>" << escapeXml(report.name())
      << "</title></head><body>\n";
  hosts = std::min(hosts, report.hostCount());
  for (std::size_t i = 0; i < hosts && out; ++i) {
    const ReportHost host = report.host(i);
    out << "<h2>" << escapeXml(host.name) << "</h2>\n<ul>\n";
    for (const ReportItem& item : host.items)
      out << "<li>" << item.severity << ' ' << item.plugin_id << ' ' << escapeXml(item.plugin_name)
          << "</li>\n";
    out << "</ul>\n";
  }
  out << "</body></html>\n";
}

}  // namespace scanhost::simulator
