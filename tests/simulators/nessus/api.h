// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The calls a Nessus server answers: from a request to a reply, without a socket in sight.
///
/// One lock covers all state, for every call is quick: what is slow, writing an exported file,
/// happens in Reply::stream after the lock is gone. answer() is safe from any thread; every other
/// part of the simulator's memory is reached through here.
#pragma once

#include <scanhost/json.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "host/base/time.h"
#include "tests/simulators/nessus/access.h"
#include "tests/simulators/nessus/exports.h"
#include "tests/simulators/nessus/journal.h"
#include "tests/simulators/nessus/message.h"
#include "tests/simulators/nessus/scans.h"

namespace scanhost::simulator {

/// What the licence lets API keys do.
enum class Licence {
  manager,       ///< everything
  professional,  ///< read only; scans are controlled with a session and an X-API-Token
};

struct Policy {
  std::int64_t id = 0;
  std::string name;
  std::string description;
  std::string template_uuid;
  Json settings;
  Timestamp created;
  Timestamp changed;
};

class Api {
 public:
  using Clock = std::function<Timestamp()>;

  struct Options {
    Access::Options access;
    Scans::Options scans;
    Licence licence = Licence::manager;
    bool gate_delete = false;  ///< whether the professional licence refuses DELETE too
    std::chrono::microseconds export_time{200'000};
  };

  Api(Options options, ReportLibrary reports, Journal& journal, Clock clock);

  Reply answer(const Request& request);

  /// Changes from behind the product's back, and looks into it. For tests.
  bool vanish(std::int64_t scan_id);
  void vanishAll();
  /// Ends the scan's run now: false when there is no such scan or it does not run.
  bool abort(std::int64_t scan_id);
  bool finish(std::int64_t scan_id);
  void renewApiToken();
  Json state();

 private:
  struct Call {
    const Request& request;
    std::vector<std::string> parts;  ///< what the {} of the route matched
    Json body;
    Visitor visitor;
    Timestamp now;

    /// The number in the part at `index`; -1, which nothing has, when it is none.
    std::int64_t id(std::size_t index = 0) const;
    std::optional<std::int64_t> param(const std::string& name) const;
  };
  enum class Guard {
    open,     ///< for anyone
    member,   ///< for keys and sessions
    control,  ///< member, and within the licence
    removal,  ///< member, and within the licence if that covers DELETE
  };
  struct Route {
    const char* method;
    const char* pattern;
    Guard guard;
    Reply (Api::*act)(const Call&);
  };
  static const std::vector<Route>& routes();
  static bool matches(const char* pattern, const std::string& path,
                      std::vector<std::string>& parts);
  std::optional<Reply> refuseVisitor(const Route& route, const Visitor& visitor) const;
  Reply dispatch(const Route& route, const Request& request, std::vector<std::string> parts);

  // The server and its users: api_server.cpp
  Reply serverStatus(const Call&);
  Reply serverProperties(const Call&);
  Reply userInterfaceScript(const Call&);
  Reply openSession(const Call&);
  Reply describeSession(const Call&);
  Reply closeSession(const Call&);
  Reply renewKeys(const Call&);
  Reply listScanners(const Call&);
  Reply listFolders(const Call&);
  Reply uploadFile(const Call&);

  // What scans are made of: api_catalogue.cpp
  Reply listTemplates(const Call&);
  Reply showTemplate(const Call&);
  Reply listPolicies(const Call&);
  Reply createPolicy(const Call&);
  Reply showPolicy(const Call&);
  Reply configurePolicy(const Call&);
  Reply deletePolicy(const Call&);
  Reply listFamilies(const Call&);
  Reply showFamily(const Call&);
  Reply showPlugin(const Call&);
  Policy* findPolicy(std::int64_t id);

  // Scans: api_scans.cpp
  Reply listScans(const Call&);
  Reply createScan(const Call&);
  Reply configureScan(const Call&);
  Reply copyScan(const Call&);
  Reply deleteScan(const Call&);
  Reply deleteScans(const Call&);
  Reply deleteHistory(const Call&);
  Reply launchScan(const Call&);
  Reply pauseScan(const Call&);
  Reply resumeScan(const Call&);
  Reply stopScan(const Call&);
  Reply killScan(const Call&);
  Reply markScan(const Call&);
  Reply scheduleScan(const Call&);
  Reply showScan(const Call&);
  Reply showHost(const Call&);
  Reply showPluginOutput(const Call&);
  Reply controlScan(const Call&, bool (Run::*change)(Timestamp), const char* effect);
  /// Resolves template and policy; refuses what does not exist.
  Answer<ScanSettings> readSettings(const Call&, bool creating);
  /// The run that history_id names, or the last; refuses when there is none.
  Answer<const Run*> chosenRun(const Call&, const Scan& scan) const;
  Answer<const Run*> runWithHost(const Call&);

  // Exports: api_exports.cpp
  Reply createExport(const Call&);
  Reply listExportFormats(const Call&);
  Reply exportStatus(const Call&);
  Reply exportDownload(const Call&);
  Reply tokenStatus(const Call&);
  Reply tokenDownload(const Call&);
  Reply showExportStatus(const Export* wanted, Timestamp now) const;
  Reply sendExport(const Export* wanted, Timestamp now) const;

  Options options_;
  Journal& journal_;
  Clock clock_;
  std::mutex mutex_;
  Access access_;
  Scans scans_;
  Exports exports_;
  std::vector<Policy> policies_;
};

}  // namespace scanhost::simulator
