// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Scans with a Greenbone manager (gvmd), by the rules of RemoteScanner.
///
/// A scan is a task of the manager's and the target that it is made for; its reference is the
/// task's id, its run id that of the report. Before it starts, stops or deletes a task it reads its
/// name and refuses one without the marker. Each call has a connection of its own. Safe from any
/// thread; only the ids of configurations, port lists and scanners are kept between calls. It
/// cannot pause, and cannot log in to targets.
#pragma once

#include <scanhost/scanner.h>

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "plugins/scanner/greenbone/config.h"
#include "plugins/scanner/greenbone/gmp_session.h"

namespace scanhost::greenbone {

class GreenboneScanner : public RemoteScanner {
 public:
  explicit GreenboneScanner(const Settings& settings);

  void start(Call& call) override;
  ScannerDescription describe() override;
  ScannerHealth selfTest(Call& call) override;

  std::string prepareScan(const ScanRequest& request, Call& call) override;
  std::string startScan(const RemoteScan& scan, Call& call) override;
  void findScans(std::string_view marker_prefix, RemoteStateSink& sink, Call& call) override;
  void pollScans(const std::vector<RemoteScan>& scans, RemoteStateSink& sink, Call& call) override;
  void stopScan(const RemoteScan& scan, Call& call) override;
  Summary collectScan(const RemoteScan& scan, FindingSink& sink, Call& call) override;
  void removeScan(const RemoteScan& scan, Call& call) override;

 private:
  /// A task of ours and the target that goes with it.
  struct Task {
    RemoteState state;
    std::string target_id;  ///< empty when that target is not ours alone
  };
  using TaskReceiver = std::function<void(const Fields& task)>;

  /// Every task whose name holds `text`.
  void listTasks(GmpSession& session, std::string_view text, const TaskReceiver& receiver,
                 Call& call);
  /// The task; nothing when there is none, or it is not the one with the marker.
  std::optional<Task> findOwn(GmpSession& session, const RemoteScan& scan, Call& call);
  /// The same, throwing PluginError (lost).
  Task own(GmpSession& session, const RemoteScan& scan, Call& call);
  /// The id of what the manager calls `name` among `kind` ("config", "port_list", "scanner").
  std::string idOf(GmpSession& session, const std::string& kind, const std::string& name,
                   Call& call);
  std::string createTarget(GmpSession& session, const ScanRequest& request, Call& call);
  void deleteTarget(GmpSession& session, const std::string& target_id, Call& call);
  /// The task with that marker, asked for on a new connection, since an answer was lost.
  std::string findByMarker(const std::string& marker, Call& call);
  std::string findRun(const RemoteScan& scan, const std::string& why, Call& call);
  std::uint64_t addressesOf(GmpSession& session, const std::string& target_id, Call& call);

  Config config_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::string> ids_;  ///< by kind and name
};

}  // namespace scanhost::greenbone
