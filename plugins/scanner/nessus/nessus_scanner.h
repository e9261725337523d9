// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Scans on a Nessus server, by the rules of RemoteScanner.
///
/// A scan's reference is its number on the server, its run id the uuid of one run. Before it stops,
/// changes or deletes a scan it reads the scan's name and refuses one without the marker. Safe from
/// any thread; only the table of templates is kept between calls.
#pragma once

#include <scanhost/scanner.h>

#include <map>
#include <mutex>
#include <string>

#include "plugins/scanner/nessus/config.h"
#include "plugins/scanner/nessus/nessus_client.h"

namespace scanhost::nessus {

class NessusScanner : public RemoteScanner {
 public:
  explicit NessusScanner(const Settings& settings);

  void start(Call& call) override;
  ScannerDescription describe() override;
  ScannerHealth selfTest(Call& call) override;

  std::string prepareScan(const ScanRequest& request, Call& call) override;
  std::string startScan(const RemoteScan& scan, Call& call) override;
  void findScans(std::string_view marker_prefix, RemoteStateSink& sink, Call& call) override;
  void pollScans(const std::vector<RemoteScan>& scans, RemoteStateSink& sink, Call& call) override;
  void pauseScan(const RemoteScan& scan, Call& call) override;
  void resumeScan(const RemoteScan& scan, Call& call) override;
  void stopScan(const RemoteScan& scan, Call& call) override;
  Summary collectScan(const RemoteScan& scan, FindingSink& sink, Call& call) override;
  void removeScan(const RemoteScan& scan, Call& call) override;

 private:
  /// What of a scan's document tells its state; findings by check are most of the rest.
  static const NessusClient::Members of_state;

  /// Where the server keeps an export that was asked for.
  struct ExportPaths {
    std::string status, download;
  };

  Json listScans(Call& call);
  /// The scan's document; nothing when there is no such scan, or it is not the one with the marker.
  std::optional<Json> findOwn(const RemoteScan& scan, Call& call,
                              const NessusClient::Members& members = of_state);
  /// The same, throwing PluginError (lost).
  Json own(const RemoteScan& scan, Call& call, const NessusClient::Members& members = of_state);
  std::string templateUuid(const std::string& name, Call& call);
  std::string findByMarker(const std::string& marker, Call& call);
  std::string findRun(const RemoteScan& scan, const std::string& why, Call& call);
  void control(const RemoteScan& scan, const char* action, Call& call);

  ExportPaths requestExport(const std::string& reference, std::int64_t history_id, Call& call);
  /// False when the server has forgotten the export.
  bool awaitExport(const ExportPaths& paths, Call& call);

  Config config_;
  NessusClient client_;
  std::mutex mutex_;
  std::map<std::string, std::string> templates_;  ///< name to uuid
};

}  // namespace scanhost::nessus
