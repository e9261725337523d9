// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/generated_report.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <ctime>

#include "tests/simulators/nessus/checks.h"
#include "tests/simulators/nessus/dice.h"

namespace scanhost::simulator {
namespace {

constexpr std::uint64_t most_megabytes = 4096;
constexpr std::uint64_t most_extra_items = 1'000'000;

/// The N of "[word:N]" in `name`, at most `most`; 0 when the mark is not there.
std::uint64_t markedNumber(const std::string& name, const std::string& word, std::uint64_t most) {
  const std::string mark = "[" + word + ":";
  const std::size_t at = name.find(mark);
  if (at == std::string::npos) return 0;
  std::uint64_t value = 0;
  for (std::size_t i = at + mark.size(); i < name.size() && std::isdigit(name[i]); ++i)
    value = std::min(value * 10 + static_cast<std::uint64_t>(name[i] - '0'), most);
  return value;
}

/// "Fri Nov  7 13:28:09 2025", as HostProperties show it.
std::string hostTime(Timestamp time) {
  const std::time_t seconds = time.micros / 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  std::strftime(text, sizeof text, "%a %b %e %H:%M:%S %Y", &parts);
  return text;
}

enum class LoginState { none, full, weak, refused };

struct System {
  Fits kind;
  const char* name;
  const char* type;
  const char* cpe;
};

constexpr std::array systems = {
    System{Fits::linux_host, "Linux Kernel 6.1 on Debian 12.5", "general-purpose",
           "cpe:/o:debian:debian_linux:12 -> Debian GNU/Linux"},
    System{Fits::linux_host, "Linux Kernel 4.18 on Red Hat Enterprise Linux 8", "general-purpose",
           "cpe:/o:redhat:enterprise_linux:8 -> Red Hat Enterprise Linux"},
    System{Fits::windows_host, "Microsoft Windows Server 2019 Standard 10.0.17763",
           "general-purpose", "cpe:/o:microsoft:windows_server_2019 -> Windows Server 2019"},
    System{Fits::any, "KYOCERA Printer", "printer", "cpe:/h:kyocera:printer -> Kyocera printer"},
};

/// Makes one host, step by step, from one stream of dice.
class HostMaker {
 public:
  HostMaker(const ReportOrder& order, bool drift, const std::string& target)
      : order_(order),
        drift_(drift),
        dice_(seedOf(target, order.seed)),
        system_(systems[dice_.below(systems.size())]) {
    host_.name = target;
    chooseAccess();
  }

  ReportHost make() {
    addProperties();
    addDiscovery();
    if (order_.template_name != "discovery") {
      addServices();
      addWeaknesses();
      addLoginEvidence();
      if (access_ == LoginState::full || access_ == LoginState::weak) addCompliance();
    }
    addScanInformation();
    return std::move(host_);
  }

 private:
  void chooseAccess() {
    if (order_.logins.empty() || order_.template_name == "discovery") return;
    const bool windows = system_.kind == Fits::windows_host;
    login_ = &order_.logins.front();
    for (const Login& login : order_.logins)
      if ((login.protocol == "SMB") == windows) login_ = &login;
    access_ = login_->user == "wrong"  ? LoginState::refused
              : login_->user == "weak" ? LoginState::weak
                                       : LoginState::full;
  }

  bool isAddress() const {
    return !host_.name.empty() &&
           host_.name.find_first_not_of("0123456789.:abcdef") == std::string::npos &&
           host_.name.find_first_of(".:") != std::string::npos;
  }

  void property(const char* name, std::string value) {
    host_.properties.emplace_back(name, std::move(value));
  }

  void addProperties() {
    char mac[24];
    std::snprintf(mac, sizeof mac, "02:00:%02X:%02X:%02X:%02X", unsigned(dice_.below(256)),
                  unsigned(dice_.below(256)), unsigned(dice_.below(256)),
                  unsigned(dice_.below(256)));
    const std::string number = std::to_string(dice_.below(900) + 100);
    if (login_) property("Credentialed_Scan", access_ == LoginState::refused ? "false" : "true");
    property("policy-used", "Simulated policy");
    property("system-type", system_.type);
    property("os", system_.kind == Fits::windows_host ? "windows"
                   : system_.kind == Fits::linux_host ? "linux"
                                                      : "other");
    property("operating-system", system_.name);
    property("operating-system-conf", std::to_string(65 + dice_.below(35)));
    property("cpe-0", system_.cpe);
    property("mac-address", mac);
    property("host-ip",
             isAddress() ? host_.name : "198.51.100." + std::to_string(dice_.below(256)));
    if (!isAddress())
      property("host-fqdn", host_.name);
    else if (!dice_.oneIn(3))
      property("host-fqdn", "host-" + number + ".example.net");
    if (system_.kind == Fits::windows_host) property("netbios-name", "HOST-" + number);
    property(access_ == LoginState::full || access_ == LoginState::weak
                 ? "LastAuthenticatedResults"
                 : "LastUnauthenticatedResults",
             std::to_string(order_.end.micros / 1'000'000));
    property("HOST_START", hostTime(order_.start));
    property("HOST_START_TIMESTAMP", std::to_string(order_.start.micros / 1'000'000));
    property("HOST_END", hostTime(order_.end));
    property("HOST_END_TIMESTAMP", std::to_string(order_.end.micros / 1'000'000));
  }

  static ReportItem itemOf(const Check& check) {
    ReportItem item;
    item.plugin_id = check.id;
    item.plugin_name = check.name;
    item.plugin_family = check.family;
    item.severity = check.severity;
    item.port = check.port;
    item.service = check.service;
    item.protocol = check.port == 123 || check.port == 161 ? "udp" : "tcp";
    item.fields = checkFields(check);
    item.output = check.output;
    return item;
  }

  ReportItem& add(std::int64_t plugin_id, std::string output = {}) {
    host_.items.push_back(itemOf(*findCheck(plugin_id)));
    if (!output.empty()) host_.items.back().output = std::move(output);
    return host_.items.back();
  }

  void addAt(std::int64_t plugin_id, int port, const char* service, std::string output) {
    ReportItem& item = add(plugin_id, std::move(output));
    item.port = port;
    item.service = service;
  }

  void addDiscovery() {
    add(10180, "The remote host is up\nThe remote host replied to an ICMP echo packet\n");
    if (dice_.oneIn(2)) add(10287, "For your information, here is the traceroute :\n* ?\n");
  }

  void addServices() {
    add(11936, "\nRemote operating system : " + std::string(system_.name) +
                   "\nConfidence level : 95\nMethod : SinFP\n");
    add(45590, "\nThe remote operating system matched the following CPE :\n\n  " +
                   std::string(system_.cpe) + "\n");
    add(54615, "Remote device type : " + std::string(system_.type) + "\nConfidence level : 95\n");
    openPort(80, "www");
    if (!dice_.oneIn(3)) openPort(443, "www");
    if (system_.kind != Fits::windows_host) openPort(22, "ssh");
    if (system_.kind == Fits::windows_host) openPort(445, "cifs");
    if (dice_.oneIn(4)) openPort(8080, "www?");
    if (dice_.oneIn(3)) addBarePort();
    add(10107, "The remote web server type is :\n\nnginx/1.22 <b>\xC3\xBC\xE2\x82\xAC</b>\n");
    if (system_.kind != Fits::windows_host) add(10267, "\nSSH version : SSH-2.0-OpenSSH_9.2p1\n");
  }

  void openPort(int port, const char* service) {
    addAt(11219, port, service, "Port " + std::to_string(port) + "/tcp was found to be open\n");
    addAt(22964, port, service, "A server is running on this port.\n");
    if (dice_.oneIn(4)) addAt(22964, port, service, "It speaks TLS as well.\n");
  }

  /// An open port without a plugin, as older scanners note it.
  void addBarePort() {
    ReportItem item;
    item.port = 5353;
    item.protocol = "udp";
    item.service = "mdns?";
    host_.items.push_back(std::move(item));
  }

  bool missedThisTime(std::int64_t plugin_id) const {
    if (!drift_) return false;
    Dice luck(seedOf(host_.name, order_.seed) ^ static_cast<std::uint64_t>(plugin_id) * 31 ^
              ((order_.run + 1) << 40));
    return luck.oneIn(3);
  }

  void addWeaknesses() {
    for (const Check& check : weaknesses()) {
      const bool fits = check.fits == Fits::any || check.fits == system_.kind;
      const bool reachable = check.reach == Reach::remote || access_ == LoginState::full;
      const bool found = !dice_.oneIn(3);  // rolled always, so that a login only adds findings
      if (!fits || !reachable || !found || missedThisTime(check.id)) continue;
      host_.items.push_back(itemOf(check));
      if (check.service == std::string("www") && check.port == 443 && dice_.oneIn(5)) {
        host_.items.push_back(itemOf(check));
        host_.items.back().port = 8443;
      }
    }
  }

  void addLoginEvidence() {
    const bool windows = system_.kind == Fits::windows_host;
    const std::string protocol = windows ? "SMB" : "SSH";
    const int port = windows ? 445 : 22;
    const char* service = windows ? "cifs" : "ssh";
    switch (access_) {
      case LoginState::none:
        add(110723, protocol + " was detected on port " + std::to_string(port) +
                        " but no credentials were provided.\n");
        add(117886, "The following issues were reported :\n\n  - no local checks ran\n");
        return;
      case LoginState::refused:
        addAt(104410, port, service,
              "Nessus was unable to log into the following host for which credentials have been "
              "provided :\n\n  Protocol : " +
                  protocol + "\n  Port : " + std::to_string(port) +
                  "\n  Failure details :\n\n  - User : " + login_->user +
                  "\n\n    - Failed to authenticate.\n");
        add(21745, "The following errors were reported :\n\n  - login failed\n");
        return;
      case LoginState::weak:
        addAt(110385, port, service,
              "Nessus was able to log into the remote host, but this credential did not have "
              "sufficient privileges :\n\n  User : '" +
                  login_->user + "'\n  Protocol : " + protocol + "\n");
        break;
      case LoginState::full:
        addAt(110095, port, service,
              "Nessus was able to log in with no privilege or access problems :\n\n  User : '" +
                  login_->user + "'\n  Protocol : " + protocol + "\n");
        break;
    }
    addAt(141118, port, service,
          "Nessus was able to log in to the remote host via the following :\n\n  User : '" +
              login_->user + "'\n  Protocol : " + protocol + "\n");
    add(117887, "OS security patch assessment is available.\n");
  }

  void addCompliance() {
    if (order_.template_name != "compliance" && !dice_.oneIn(4)) return;
    struct Audit {
      const char* name;
      const char* wanted;
      const char* found;
    };
    static constexpr Audit audits[] = {
        {"1.1.1 Ensure the minimum password length is 14", "14", "14"},
        {"5.2.7 Ensure root login over SSH is disabled", "no", "yes"},
        {"6.1.2 Ensure the log is kept for 90 days", "90", "no such file"},
    };
    const bool windows = system_.kind == Fits::windows_host;
    for (const Audit& audit : audits) {
      const std::string_view found = audit.found;
      const char* result = found == audit.wanted     ? "PASSED"
                           : found == "no such file" ? "WARNING"
                                                     : "FAILED";
      ReportItem& item = add(windows ? 21156 : 21157);
      item.severity = found == audit.wanted ? 0 : found == "no such file" ? 2 : 3;
      item.fields.insert(item.fields.end(),
                         {{"compliance", "true"},
                          {"cm:compliance-check-name", audit.name},
                          {"cm:compliance-check-id", toId(audit.name)},
                          {"cm:compliance-result", result},
                          {"cm:compliance-actual-value", audit.found},
                          {"cm:compliance-policy-value", audit.wanted},
                          {"cm:compliance-reference", "800-53|AC-3,CSF|PR.AC-4"},
                          {"cm:compliance-audit-file", "Simulated_Server_L1.audit"},
                          {"cm:compliance-info", "This audit stands in for a real one."}});
    }
  }

  static std::string toId(std::string_view name) {
    char text[20];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(seedOf(name)));
    return text;
  }

  void addScanInformation() {
    std::string credentialed = "no";
    if (access_ == LoginState::full || access_ == LoginState::weak)
      credentialed = "yes, as '" + login_->user + "' via " + login_->protocol;
    const auto seconds = (order_.end.micros - order_.start.micros) / 1'000'000;
    add(19506,
        "Information about this scan :\n\nNessus version : 10.7.2\nPlugin feed version : "
        "202405010000\nScanner edition used : simulated\nScan type : Normal\nScan name : " +
            order_.scan_name + "\nScan policy used : Simulated policy\n" +
            "Scanner IP : 127.0.0.1\nThorough tests : no\nSafe checks : yes\n" +
            "Credentialed checks : " + credentialed +
            "\nScan Start Date : " + formatTimestamp(order_.start) +
            "\nScan duration : " + std::to_string(seconds) + " sec\n");
  }

  const ReportOrder& order_;
  bool drift_;
  Dice dice_;
  const System& system_;
  const Login* login_ = nullptr;
  LoginState access_ = LoginState::none;
  ReportHost host_;
};

void addFillerItems(ReportHost& host, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    ReportItem item;
    item.plugin_id = 9'000'000 + static_cast<std::int64_t>(i);
    item.plugin_name = "Simulated check " + std::to_string(i);
    item.plugin_family = "Misc.";
    item.severity = static_cast<int>(i % 5);
    item.port = static_cast<int>(1024 + i % 50'000);
    item.service = "unknown";
    item.fields = {{"description", "One of many items that make a report long."},
                   {"risk_factor", i % 5 == 0 ? "None" : "Medium"},
                   {"solution", "n/a"},
                   {"synopsis", "An item among many."}};
    item.output = "Item " + std::to_string(i) + " of " + std::to_string(count) + ".\n";
    host.items.push_back(std::move(item));
  }
}

}  // namespace

GeneratedReport::GeneratedReport(ReportOrder order) : order_(std::move(order)) {
  const std::string& name = order_.scan_name;
  empty_ = name.find("[empty]") != std::string::npos;
  drift_ = name.find("[drift]") != std::string::npos;
  huge_megabytes_ = markedNumber(name, "huge", most_megabytes);
  extra_items_ = markedNumber(name, "items", most_extra_items);
}

std::string GeneratedReport::targets() const {
  std::string text;
  for (const std::string& target : order_.targets) {
    if (!text.empty()) text += ',';
    text += target;
  }
  return text;
}

ReportHost GeneratedReport::host(std::size_t index) const {
  ReportHost host = HostMaker(order_, drift_, order_.targets.at(index)).make();
  addFillerItems(host, extra_items_);
  if (index == 0) host.items.front().filler_bytes = huge_megabytes_ * 1024 * 1024;
  return host;
}

}  // namespace scanhost::simulator
