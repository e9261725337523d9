// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/checks.h"

#include <algorithm>
#include <array>
#include <set>
#include <sstream>

namespace scanhost::simulator {
namespace {

constexpr const char* none = "";

constexpr auto weakness_table = std::to_array<Check>({
    {51192, "SSL Certificate Cannot Be Trusted", "General", 2, "Medium", 443, "www", Fits::any,
     Reach::remote, "The certificate of this service does not chain to a known authority.",
     "Install a certificate from an authority that clients trust.", "6.4",
     "CVSS2#AV:N/AC:L/Au:N/C:P/I:P/A:N", "6.5", "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:L/A:N",
     none, none, "https://www.itu.int/rec/T-REC-X.509/en",
     "The following certificate was at the top of the chain:\n\n|-Subject : CN=example host\n"},
    {57582, "SSL Self-Signed Certificate", "General", 2, "Medium", 443, "www", Fits::any,
     Reach::remote, "The certificate chain ends in a certificate that signs itself.",
     "Install a certificate from an authority that clients trust.", "6.4",
     "CVSS2#AV:N/AC:L/Au:N/C:P/I:P/A:N", "6.5", "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:L/A:N",
     none, none, none, "|-Subject : O=Example/CN=example host\n"},
    {42873, "SSL Medium Strength Cipher Suites Supported (SWEET32)", "General", 3, "Medium", 443,
     "www", Fits::any, Reach::remote, "The service accepts ciphers with 64-bit blocks.",
     "Disable the ciphers listed.", "5.0", "CVSS2#AV:N/AC:L/Au:N/C:P/I:N/A:N", "7.5",
     "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "CVE-2016-2183", "CWE:327",
     "https://sweet32.info\nhttps://www.openssl.org/blog/blog/2016/08/24/sweet32/",
     "  DES-CBC3-SHA    0x00, 0x0A   RSA   RSA   3DES-CBC(168)   SHA1\n"},
    {20007, "SSL Version 2 and 3 Protocol Detection", "Service detection", 4, "High", 443, "www",
     Fits::any, Reach::remote, "The service speaks a version of SSL with known breaks.",
     "Offer TLS 1.2 or later only.", "10.0", "CVSS2#AV:N/AC:L/Au:N/C:C/I:C/A:C", "9.8",
     "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", none, "CWE:327", none,
     "- SSLv3 is enabled and the server supports at least one cipher.\n"},
    {104743, "TLS Version 1.0 Protocol Detection", "Service detection", 2, "Medium", 443, "www",
     Fits::any, Reach::remote, "The service accepts TLS 1.0.", "Disable TLS 1.0.", "6.1",
     "CVSS2#AV:N/AC:H/Au:N/C:C/I:P/A:N", "6.5", "CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:L/A:N",
     none, "CWE:327", none, "TLSv1 is enabled and the server supports at least one cipher.\n"},
    {70658, "SSH Server CBC Mode Ciphers Enabled", "Misc.", 1, "Low", 22, "ssh", Fits::any,
     Reach::remote, "The SSH server offers ciphers in CBC mode.", "Disable CBC mode ciphers.",
     "2.6", "CVSS2#AV:N/AC:H/Au:N/C:P/I:N/A:N", "3.7",
     "CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:N/A:N", "CVE-2008-5161", "CERT:958563 CWE:200", none,
     "  aes128-cbc\n  aes256-cbc\n"},
    {153953, "SSH Weak Key Exchange Algorithms Enabled", "Misc.", 1, "Low", 22, "ssh", Fits::any,
     Reach::remote, "The SSH server offers weak key exchanges.", "Disable the weak algorithms.",
     "2.6", "CVSS2#AV:N/AC:H/Au:N/C:P/I:N/A:N", "3.7",
     "CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:N/A:N", none, none,
     "https://www.rfc-editor.org/rfc/rfc9142", "  diffie-hellman-group1-sha1\n"},
    {11213, "HTTP TRACE / TRACK Methods Allowed", "Web Servers", 2, "Medium", 80, "www", Fits::any,
     Reach::remote, "Debugging methods are enabled on the web server.", "Disable the methods.",
     "5.0", "CVSS2#AV:N/AC:L/Au:N/C:P/I:N/A:N", "5.3",
     "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N", "CVE-2003-1567 CVE-2004-2320 CVE-2010-0386",
     "CERT:288308 CWE:16 cwe:200", none,
     "TRACE /simulated.html HTTP/1.1\n-> <script>alert(\"left by a scanned host\")</script>\n"},
    {97861, "Network Time Protocol (NTP) Mode 6 Scanner", "Misc.", 2, "Medium", 123, "ntp",
     Fits::linux_host, Reach::remote, "The NTP server answers mode 6 queries.",
     "Restrict mode 6 queries.", "5.0", "CVSS2#AV:N/AC:L/Au:N/C:N/I:N/A:P", "5.8",
     "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:N/A:L", none, none, "https://ntpscan.shadowserver.org",
     "  version=\"ntpd 4.2.8p10\", system=\"Linux\"\n"},
    {57608, "SMB Signing not required", "Misc.", 2, "Medium", 445, "cifs", Fits::windows_host,
     Reach::remote, "Signing is not required on the SMB server.", "Enforce message signing.", "5.0",
     "CVSS2#AV:N/AC:L/Au:N/C:N/I:P/A:N", "5.3", "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:L/A:N",
     none, none, none, none},
    {97833, "MS17-010: Security Update for Microsoft Windows SMB Server (ETERNALBLUE)", "Windows",
     4, "Critical", 445, "cifs", Fits::windows_host, Reach::remote,
     "The host lacks a patch against remote code execution through SMBv1.",
     "Install the update; disable SMBv1.", "10.0", "CVSS2#AV:N/AC:L/Au:N/C:C/I:C/A:C", "8.1",
     "CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H",
     "CVE-2017-0143 CVE-2017-0144 CVE-2017-0145 CVE-2017-0146 CVE-2017-0147 CVE-2017-0148",
     "EDB-ID:41891 MSFT:MS17-010 CISA-KNOWN-EXPLOITED:2022/08/10 IAVA:2017-A-0065",
     "https://technet.microsoft.com/library/security/MS17-010",
     "Sent:\n00000054ff534d42\nReceived:\nff534d4225050200c0\n"},
    {18405, "Remote Desktop Protocol Server Man-in-the-Middle Weakness", "Windows", 2, "Medium",
     3389, "msrdp", Fits::windows_host, Reach::remote, "The terminal service may be impersonated.",
     "Require network level authentication.", "5.1", "CVSS2#AV:N/AC:H/Au:N/C:P/I:P/A:P", "6.5",
     "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:L/A:N", "CVE-2005-1794", none, none, none},
    {41028, "SNMP Agent Default Community Name (public)", "SNMP", 3, "High", 161, "snmp", Fits::any,
     Reach::remote, "The community name of the SNMP server can be guessed.",
     "Change the community name.", "7.5", "CVSS2#AV:N/AC:L/Au:N/C:P/I:P/A:P", "7.3",
     "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:L/A:L", "CVE-1999-0517", none, none,
     "The remote SNMP server replies to the following default community string :\npublic\n"},
    {156860, "Apache Log4j 1.x Multiple Vulnerabilities", "Misc.", 4, "High", 0, "general",
     Fits::linux_host, Reach::local, "A logging library on the host is no longer supported.",
     "Move to a supported version.", "9.0", "CVSS2#AV:N/AC:L/Au:S/C:C/I:C/A:C", "9.8",
     "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
     "CVE-2019-17571 CVE-2020-9488 CVE-2022-23302 CVE-2022-23305 CVE-2022-23307",
     "IAVA:2021-A-0573 CWE:502 CWE:89", "https://logging.apache.org/log4j/1.2/",
     "  Path              : /opt/app/lib/log4j-1.2.17.jar\n  Installed version : 1.2.17\n"},
    {178771, "OpenSSL 1.1.1 < 1.1.1v Multiple Vulnerabilities", "Web Servers", 2, "Medium", 0,
     "general", Fits::linux_host, Reach::local, "The OpenSSL on the host is out of date.",
     "Upgrade to OpenSSL 1.1.1v or later.", "5.0", "CVSS2#AV:N/AC:L/Au:N/C:N/I:N/A:P", "5.3",
     "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L", "CVE-2023-3446 CVE-2023-3817",
     "IAVA:2023-A-0398", "https://www.openssl.org/news/secadv/20230719.txt",
     "  Path              : /usr/lib/libssl.so.1.1\n  Reported version  : 1.1.1n\n"},
    {189950, "Linux kernel: local privilege escalation (simulated)", "Debian Local Security Checks",
     3, "High", 0, "general", Fits::linux_host, Reach::local,
     "The running kernel lacks a security update.", "Upgrade the linux packages.", "7.2",
     "CVSS2#AV:L/AC:L/Au:N/C:C/I:C/A:C", "7.8", "CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
     "CVE-2024-1086", "CISA-KNOWN-EXPLOITED:2024/06/20 DSA:5615", none,
     "Remote package installed : linux-image-amd64_6.1.69-1\n"},
    {33850, "Unix Operating System Unsupported Version Detection", "General", 4, "Critical", 0,
     "general", Fits::linux_host, Reach::local, "The operating system gets no more updates.",
     "Upgrade to a supported release.", "10.0", "CVSS2#AV:N/AC:L/Au:N/C:C/I:C/A:C", "10.0",
     "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", none, "IAVA:0001-A-0502", none,
     "Debian 9 support ended on 2022-06-30.\n"},
    {166555, "WinVerifyTrust Signature Validation Mitigation (EnableCertPaddingCheck)", "Windows",
     3, "High", 445, "cifs", Fits::windows_host, Reach::local,
     "A mitigation against altered signatures is switched off.", "Set the registry values.", "7.6",
     "CVSS2#AV:N/AC:H/Au:N/C:C/I:C/A:C", "8.8", "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H",
     "CVE-2013-3900", "CISA-KNOWN-EXPLOITED:2022/07/10 IAVA:2013-A-0227", none,
     "  The following registry value is not set : EnableCertPaddingCheck\n"},
});

constexpr Check fact(std::int64_t id, const char* name, const char* family, const char* synopsis,
                     int port = 0, const char* service = "general") {
  return {id,    name, family, 0,    "None", port, service, Fits::any, Reach::remote, synopsis,
          "n/a", none, none,   none, none,   none, none,    none,      none};
}

constexpr auto fact_table = std::to_array<Check>({
    fact(10180, "Ping the remote host", "Port scanners", "The host answered."),
    fact(10287, "Traceroute Information", "General", "The way to the host could be traced."),
    fact(11219, "Nessus SYN scanner", "Port scanners", "A TCP port is open."),
    fact(11936, "OS Identification", "General", "The operating system could be guessed."),
    fact(19506, "Nessus Scan Information", "Settings", "How this scan was run."),
    fact(21745, "OS Security Patch Assessment Failed", "Settings",
         "Errors prevented the patch assessment."),
    fact(22964, "Service Detection", "Service detection", "The service could be identified."),
    fact(45590, "Common Platform Enumeration (CPE)", "General", "CPE names of the system."),
    fact(54615, "Device Type", "General", "The kind of device could be guessed."),
    fact(104410,
         "Target Credential Status by Authentication Protocol - Failure for Provided "
         "Credentials",
         "Settings", "None of the credentials given worked."),
    fact(110095, "Target Credential Issues by Authentication Protocol - No Issues Found",
         "Settings", "The login worked and no lack of privilege was seen."),
    fact(110385, "Target Credential Issues by Authentication Protocol - Insufficient Privilege",
         "Settings", "The login worked, but not with the privileges that all checks need."),
    fact(110723, "Target Credential Status by Authentication Protocol - No Credentials Provided",
         "Settings", "No credentials were given for a protocol that the host speaks."),
    fact(117886, "OS Security Patch Assessment Not Available", "Settings",
         "Patches could not be assessed."),
    fact(117887, "OS Security Patch Assessment Available", "Settings", "Patches were assessed."),
    fact(141118, "Target Credential Status by Authentication Protocol - Valid Credentials Provided",
         "Settings", "The credentials worked."),
    fact(10107, "HTTP Server Type and Version", "Web Servers", "A web server is running.", 80,
         "www"),
    fact(10267, "SSH Server Type and Version Information", "Service detection",
         "An SSH server is running.", 22, "ssh"),
    fact(21157, "Unix Compliance Checks", "Policy Compliance", "A configuration audit."),
    fact(21156, "Windows Compliance Checks", "Policy Compliance", "A configuration audit."),
});

std::vector<std::string> words(const char* text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

}  // namespace

std::span<const Check> weaknesses() {
  return weakness_table;
}
std::span<const Check> facts() {
  return fact_table;
}

const Check* findCheck(std::int64_t id) {
  for (const std::span<const Check> table : {weaknesses(), facts()})
    for (const Check& check : table)
      if (check.id == id) return &check;
  return nullptr;
}

std::vector<std::pair<std::string, std::string>> checkFields(const Check& check) {
  std::vector<std::pair<std::string, std::string>> fields;
  const auto add = [&fields](const char* name, const std::string& value) {
    if (!value.empty()) fields.emplace_back(name, value);
  };
  const std::vector<std::string> cves = words(check.cves);
  for (const std::string& cve : cves) add("cve", cve);
  add("cvss_base_score", check.cvss2_score);
  add("cvss_vector", check.cvss2_vector);
  add("cvss3_base_score", check.cvss3_score);
  add("cvss3_vector", check.cvss3_vector);
  const std::vector<std::string> xrefs = words(check.xrefs);
  for (const std::string& xref : xrefs)
    if (xref.starts_with("CWE:")) add("cwe", xref.substr(4));
  add("description", std::string(check.synopsis) + "\n\nThis text stands in for the real one.");
  if (!cves.empty()) add("exploit_available", check.severity >= 3 ? "true" : "false");
  add("fname", "simulated_" + std::to_string(check.id) + ".nasl");
  add("plugin_modification_date", "2024/05/01");
  add("plugin_name", check.name);
  add("plugin_publication_date", "2020/01/15");
  add("plugin_type", check.reach == Reach::local ? "local" : "remote");
  add("risk_factor", check.risk);
  add("script_version", "1.4");
  add("see_also", check.see_also);
  add("solution", check.solution);
  add("synopsis", check.synopsis);
  if (!cves.empty()) add("vuln_publication_date", cves.front().substr(4, 4) + "/03/14");
  for (const std::string& xref : xrefs) add("xref", xref);
  return fields;
}

const std::vector<std::string>& families() {
  static const std::vector<std::string> names = [] {
    std::set<std::string> sorted;
    for (const std::span<const Check> table : {weaknesses(), facts()})
      for (const Check& check : table) sorted.insert(check.family);
    return std::vector<std::string>(sorted.begin(), sorted.end());
  }();
  return names;
}

}  // namespace scanhost::simulator
