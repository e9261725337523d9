// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Turns nmap's XML, as it comes, into findings, host reports and progress.
///
///     ReportReader reader(sink, names, progress);
///     reader.feed(chunk);  ...  reader.finish();
///     reader.totals().succeeded
///
/// Holds one host's port at a time. Throws PluginError (transient, "xml_invalid: ...") when the
/// report is malformed; what closed before has been told. For one thread at a time.
#pragma once

#include <scanhost/scanner.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/scanner/nmap/script_findings.h"
#include "plugins/scanner/report_xml/xml_reader.h"
#include "plugins/shared/local_scan/addresses.h"

namespace scanhost::nmap {

using local_scan::GivenNames;

/// How far a scan of several runs is. Counts never go back.
class Progress {
 public:
  Progress(FindingSink& sink, std::uint64_t addresses) : sink_(sink), addresses_(addresses) {}

  void hostFound() { ++pending_; }
  void hostDone(bool was_up);
  /// `percent` of the stage that the found hosts are in.
  void stage(std::string_view name, double percent);

 private:
  void tell(std::string_view status);

  FindingSink& sink_;
  std::uint64_t addresses_;
  std::uint64_t done_ = 0;
  std::uint64_t pending_ = 0;  ///< found up and not told yet
  double stage_share_ = 0;     ///< of the work on the pending hosts, 0 to 1
  int told_ = -1;
  std::string status_;
};

/// What one run came to.
struct RunTotals {
  std::uint64_t hosts_answered = 0;
  std::uint64_t hosts_silent = 0;
  bool succeeded = false;  ///< nmap said that it finished, with success
  std::string error;       ///< what it said else
};

class ReportReader : private report_xml::XmlHandler {
 public:
  ReportReader(FindingSink& sink, const GivenNames& names, Progress& progress);

  void feed(std::string_view xml);
  void finish();
  const RunTotals& totals() const noexcept { return totals_; }
  std::uint64_t bytesRead() const noexcept { return xml_.bytesRead(); }

 private:
  struct Host {
    HostReport report;
    std::string state, reason;
    bool timed_out = false;
    bool heard = false;  ///< a port answered, be it by refusal
  };
  struct Service {
    std::string name, product, version, extra_info, tunnel, os_type, device_type, hostname;
    std::vector<std::string> cpe;
    bool probed = false;
  };
  struct Port {
    std::string number, protocol, state, reason;
    Service service;
    std::vector<ScriptResult> scripts;
  };

  void onStart(std::string_view name, const report_xml::XmlAttributes& attributes) override;
  void onEnd(std::string_view name) override;
  void onText(std::string_view text) override;

  void startInHost(std::string_view name, const report_xml::XmlAttributes& attributes);
  void startInScript(std::string_view name, const report_xml::XmlAttributes& attributes);
  void startAddress(const report_xml::XmlAttributes& attributes);
  void startService(const report_xml::XmlAttributes& attributes);
  void endPort();
  void endHost();
  void endHostScript();
  void tellScripts(const std::vector<ScriptResult>& scripts, const FindingRecord& place);
  void fact(std::string_view name, std::string_view value);
  /// Takes `bytes` from what one script's structure may hold; false when it is used up.
  bool affordNode(std::size_t bytes);

  FindingSink& sink_;
  const GivenNames& names_;
  Progress& progress_;
  report_xml::XmlReader xml_;
  RunTotals totals_;
  bool in_hint_ = false, in_host_ = false, in_port_ = false;
  bool in_runstats_ = false;
  Host host_;
  Port port_;
  std::vector<ScriptResult> host_scripts_;
  ScriptResult script_;
  bool in_script_ = false;
  std::vector<ScriptNode> open_nodes_;  ///< from the outermost table inwards
  std::size_t script_nodes_ = 0, script_bytes_ = 0;
  std::string* text_ = nullptr;  ///< where text goes; null: nowhere
};

}  // namespace scanhost::nmap
