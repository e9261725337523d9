// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/gmp/report.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>

namespace scanhost::simulator_gmp {
namespace {

struct Kind {
  const char* oid;
  const char* name;
  const char* port;
  const char* threat;
  const char* severity;
  const char* nvt;  ///< what is said of the check
};

/// Numbers as the real checks have them, texts of our own.
constexpr std::array<Kind, 5> kinds{{
    {"1.3.6.1.4.1.25623.1.0.117761", "SSL/TLS: Server Certificate with Weak Key", "443/tcp",
     "Medium", "4.0",
     "<family>SSL and TLS</family><cvss_base>4.0</cvss_base><severities score=\"4.0\"><severity "
     "type=\"cvss_base_v2\"><score>4.0</score><value>AV:N/AC:H/Au:N/C:P/I:P/A:N</value></severity>"
     "</severities><tags>summary=The key is short.|insight=It can be "
     "computed.|affected=Servers with such a key.|impact=Traffic can be read.</tags><solution "
     "type=\"Mitigation\">Make a longer key.</solution><refs><ref type=\"url\" "
     "id=\"https://example.org/keys\"/></refs>"},
    {"1.3.6.1.4.1.25623.1.0.147889", "Apache HTTP Server Path Traversal", "80/tcp", "High", "7.5",
     "<family>Web Servers</family><cvss_base>7.5</cvss_base><severities score=\"7.5\"><severity "
     "type=\"cvss_base_v3\"><score>7.5</score><value>CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/"
     "A:N</value></severity></severities><tags>summary=Files can be read.</tags><solution "
     "type=\"VendorFix\">Update.</solution><refs><ref type=\"cve\" id=\"CVE-2021-41773\"/><ref "
     "type=\"cert-bund\" id=\"WID-SEC-2023-0063\"/></refs><epss><max_severity><score>0.97</score>"
     "</max_severity></epss>"},
    {"1.3.6.1.4.1.25623.1.0.108440", "TCP Timestamps Information Disclosure", "general/tcp", "Low",
     "2.6", "<family>General</family><tags>summary=The uptime shows.</tags>"},
    {"1.3.6.1.4.1.25623.1.0.103739", "ICMP Timestamp Reply", "general/icmp", "Low", "2.1",
     "<family>General</family><tags>summary=The time shows.</tags>"},
    {"1.3.6.1.4.1.25623.1.0.10330", "Services", "22/tcp", "Log", "0.0",
     "<family>Service detection</family><tags>summary=A service answered.</tags>"},
}};

void writeResult(std::ostream& out, const std::string& host, std::size_t number) {
  const Kind& kind = kinds[number % kinds.size()];
  out << "<result id=\"00000000-0000-4000-9000-" << number << "\"><name>" << kind.name
      << "</name><owner><name>scanhost</name></owner><host>" << host
      << "<asset asset_id=\"\"/><hostname></hostname></host><port>" << kind.port
      << "</port><nvt oid=\"" << kind.oid << "\"><type>nvt</type><name>" << kind.name << "</name>"
      << kind.nvt << "</nvt><threat>" << kind.threat << "</threat><severity>" << kind.severity
      << "</severity><qod><value>80</value><type>remote_banner</type></qod><description>seen on "
      << host << " (" << number << ")</description></result>";
}

void writeHost(std::ostream& out, const std::string& host) {
  out << "<host><ip>" << host
      << "</ip><asset asset_id=\"\"/><start>2026-11-24T10:51:00Z</start><end>2026-11-24T10:59:00Z"
         "</end><detail><name>best_os_txt</name><value>Debian GNU/Linux 12</value></detail></host>";
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  return out;
}

Hosts hostsIn(const std::string& list) {
  Hosts hosts;
  std::istringstream entries(list);
  for (std::string entry; std::getline(entries, entry, ',');) {
    const std::size_t slash = entry.find('/');
    const int prefix = slash == std::string::npos ? 32 : std::atoi(entry.c_str() + slash + 1);
    hosts.count += std::size_t{1} << std::clamp(32 - prefix, 0, 20);
    hosts.alive.push_back(entry.substr(0, slash));
  }
  return hosts;
}

std::string reportXml(const ReportPage& page) {
  const std::size_t total = page.hosts.size() * page.results_per_host;
  std::ostringstream out;
  out << "<get_reports_response status=\"200\" status_text=\"OK\"><report id=\"" << page.report_id
      << "\" format_id=\"a994b278-1f62-11e1-96ac-406186ea4fc5\" extension=\"xml\" "
         "content_type=\"text/xml\"><name>2026-11-24T10:51:00Z</name><task id=\""
      << page.task_id << "\"><name>" << escaped(page.task_name) << "</name></task><report id=\""
      << page.report_id << "\"><gmp><version>22.5</version></gmp><scan_run_status>"
      << page.run_status << "</scan_run_status><result_count>" << total << "<full>" << total
      << "</full><filtered>" << total << "</filtered></result_count><results start=\"" << page.first
      << "\" max=\"" << page.rows << "\">";
  for (std::size_t i = page.first - 1; i < std::min(total, page.first - 1 + page.rows); ++i)
    writeResult(out, page.hosts[i / page.results_per_host], i % page.results_per_host);
  out << "</results>";
  for (const std::string& host : page.hosts) writeHost(out, host);
  out << "<errors><count>1</count><error><host>" << (page.hosts.empty() ? "" : page.hosts[0])
      << "<asset asset_id=\"\"/></host><port>general/tcp</port><description>it took too long"
         "</description><nvt oid=\"1.3.6.1.4.1.25623.1.0.900001\"><type>nvt</type><name>A slow "
         "check</name></nvt></error></errors></report></report></get_reports_response>";
  return out.str();
}

}  // namespace scanhost::simulator_gmp
