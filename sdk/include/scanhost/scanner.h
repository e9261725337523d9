// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a scanner plugin is written against: a base class for each kind, and the values they use.
///
///     class BannerScanner : public scanhost::LocalScanner {
///      public:
///       explicit BannerScanner(const scanhost::Settings& settings);
///       scanhost::Summary scan(const scanhost::ScanRequest&, scanhost::FindingSink&,
///                              scanhost::Call&) override;
///     };
///     SCANHOST_PLUGIN(manifest_json, BannerScanner)
///
/// Meanings are those of abi/scanner.h. Functions that fail throw PluginError. All but
/// describe() may run on any thread and overlap as far as the manifest's `max_parallel` allows.
#ifndef SCANHOST_SCANNER_H
#define SCANHOST_SCANNER_H

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abi/scanner.h"
#include "finding.h"
#include "json.h"
#include "plugin.h"

namespace scanhost {
inline namespace v1 {

/// A target as given, and the canonical addresses and blocks to scan for it: these and no others.
struct Target {
  std::string given;
  std::vector<std::string> addresses;
  bool is_name = false;
};

/// What to log in to targets with. Wipes its values when it goes; a copy is one more to wipe.
class Credential {
 public:
  Credential() = default;
  Credential(std::string_view kind, scanhost_pairs fields) : kind_(kind) {
    fields_.reserve(static_cast<std::size_t>(fields.count));
    for (uint64_t i = 0; i < fields.count; ++i)
      fields_.emplace_back(toView(fields.items[i].name), toView(fields.items[i].value));
  }
  Credential(std::string_view kind, const Pairs& fields) : kind_(kind), fields_(fields) {}
  Credential(const Credential&) = default;
  Credential& operator=(const Credential& other) {
    if (this == &other) return *this;
    wipe();
    kind_ = other.kind_;
    fields_ = other.fields_;
    return *this;
  }
  ~Credential() { wipe(); }

  const std::string& kind() const noexcept { return kind_; }
  const Pairs& fields() const noexcept { return fields_; }
  /// The field of that name ("username", "password", ...); empty when absent.
  const std::string& operator[](std::string_view name) const noexcept {
    static const std::string none;
    for (const auto& [key, value] : fields_)
      if (key == name) return value;
    return none;
  }

 private:
  void wipe() noexcept {
    for (auto& field : fields_) {
      volatile char* bytes = field.second.data();  // volatile: a plain loop could be optimised away
      for (std::size_t i = 0; i < field.second.size(); ++i) bytes[i] = 0;
    }
    fields_.clear();
  }

  std::string kind_;
  Pairs fields_;
};

/// What to scan and how. Owns all it holds.
struct ScanRequest {
  std::string task_id;
  int attempt = 1;
  std::uint64_t launch = 1;
  std::string marker;  ///< "[scanhost:<task id>/<launch>]"
  std::string name, description;
  std::string scan_type = "untrusted";
  Json settings = Json::object();  ///< valid by the manifest's scan_schema
  std::vector<Target> targets;
  std::optional<Credential> credential;

  /// Copies what crossed the boundary.
  static ScanRequest from(const scanhost_scan_request& request);
};

/// Lends a request as a scanhost_scan_request while both live.
class LentScanRequest {
 public:
  explicit LentScanRequest(const ScanRequest& request);
  LentScanRequest(const LentScanRequest&) = delete;
  LentScanRequest& operator=(const LentScanRequest&) = delete;
  const scanhost_scan_request* abi() const noexcept { return &abi_; }

 private:
  std::string settings_;
  std::vector<LentTexts> addresses_;
  std::vector<scanhost_target> targets_;
  std::vector<const scanhost_target*> pointers_;
  LentPairs fields_;
  scanhost_credential credential_{};
  scanhost_scan_request abi_{};
};

/// What a scanner is, from memory.
struct ScannerDescription {
  std::uint64_t capabilities = 0;  ///< SCANHOST_SCANNER_* bits
  std::string family;              ///< empty: the plugin's name without "scanner-"
  std::string url;                 ///< for people, without credentials; empty when nowhere
};

struct ScannerHealth {
  bool read_only = false;
  std::string reason;              ///< why it is not ready; empty when ready
  std::string version;             ///< of the backend
  std::int64_t active_scans = -1;  ///< -1 unknown
};

/// What became of one host.
struct HostReport {
  std::string host;  ///< as in FindingRecord::host
  bool answered = true;
  unsigned login = 0;  ///< SCANHOST_LOGIN_* bits
  Pairs facts;
};

/// How a scan ended.
struct Summary {
  bool complete = false;
  std::string reason;  ///< why not complete
  std::uint64_t hosts_answered = 0;
  std::uint64_t hosts_silent = 0;
  std::uint64_t report_bytes = 0;
  std::uint64_t login_findings = 0;  ///< of checks that show a login; decides nothing
};

namespace detail {

/// Shortens `text` to at most `limit` bytes without splitting a UTF-8 character; true when it did.
inline bool cutText(std::string& text, std::uint64_t limit) {
  if (text.size() <= limit) return false;
  auto end = static_cast<std::size_t>(limit);
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return true;
}

inline bool cutTexts(std::vector<std::string>& texts, std::uint64_t limit) {
  bool cut = false;
  for (std::string& text : texts) cut = cutText(text, limit) || cut;
  return cut;
}

inline bool cutValues(Pairs& pairs, std::uint64_t limit) {
  bool cut = false;
  for (auto& [name, value] : pairs) {
    cut = cutText(name, limit) || cut;
    cut = cutText(value, limit) || cut;
  }
  return cut;
}

/// Cuts every text of `record` and names, as clients know the fields, those that were cut.
inline void cutRecord(FindingRecord& record, std::uint64_t limit) {
  using Field = std::pair<const char*, std::string FindingRecord::*>;
  static constexpr Field fields[] = {
      {"host", &FindingRecord::host},
      {"port", &FindingRecord::port},
      {"protocol", &FindingRecord::protocol},
      {"service", &FindingRecord::service},
      {"plugin_id", &FindingRecord::check_id},
      {"plugin_name", &FindingRecord::check_name},
      {"plugin_family", &FindingRecord::family},
      {"check_key", &FindingRecord::check_key},
      {"cvss_vector", &FindingRecord::cvss_vector},
      {"cvss3_vector", &FindingRecord::cvss3_vector},
      {"cvss4_vector", &FindingRecord::cvss4_vector},
      {"risk_factor", &FindingRecord::risk_factor},
      {"synopsis", &FindingRecord::synopsis},
      {"description", &FindingRecord::description},
      {"solution", &FindingRecord::solution},
      {"see_also", &FindingRecord::see_also},
      {"plugin_output", &FindingRecord::output},
      {"plugin_publication_date", &FindingRecord::plugin_publication_date},
      {"plugin_modification_date", &FindingRecord::plugin_modification_date},
      {"vuln_publication_date", &FindingRecord::vuln_publication_date},
      {"patch_publication_date", &FindingRecord::patch_publication_date},
  };
  const auto name = [&record](const char* field) {
    if (std::find(record.truncated.begin(), record.truncated.end(), field) ==
        record.truncated.end())
      record.truncated.emplace_back(field);
  };
  for (const auto& [field, member] : fields)
    if (cutText(record.*member, limit)) name(field);
  if (cutTexts(record.cve, limit)) name("cve");
  if (cutTexts(record.cwe, limit)) name("cwe");
  if (cutTexts(record.xref, limit)) name("xref");
  if (cutValues(record.extra, limit)) name("extra");
}

/// Roughly what a record holds, so that a batch of long ones is told early.
inline std::size_t weightOf(const FindingRecord& record) {
  std::size_t weight = sizeof(FindingRecord) + record.synopsis.size() + record.description.size() +
                       record.solution.size() + record.see_also.size() + record.output.size();
  for (const auto& [name, value] : record.extra) weight += name.size() + value.size();
  for (const std::string& text : record.xref) weight += text.size();
  return weight;
}

}  // namespace detail

/// Where a scan tells what it finds, in batches of at most the host's `max_batch` records. Texts
/// longer than `max_text` are cut at a character's boundary and named in `truncated`. Any call may
/// block, which is the backpressure. For one thread at a time.
class FindingSink {
 public:
  explicit FindingSink(const scanhost_scan_sink* sink) noexcept : sink_(sink) {}
  FindingSink(const FindingSink&) = delete;
  FindingSink& operator=(const FindingSink&) = delete;

  void emit(FindingRecord finding) {
    detail::cutRecord(finding, maxText());
    weight_ += detail::weightOf(finding);
    findings_.push_back(std::move(finding));
    if (findings_.size() >= batchSize() || weight_ >= batch_bytes) flushFindings();
  }
  void host(HostReport report) {
    detail::cutText(report.host, maxText());
    detail::cutValues(report.facts, maxText());
    hosts_.push_back(std::move(report));
    if (hosts_.size() >= batchSize()) flushHosts();
  }
  /// `percent` 0 to 100, `status` in the scanner's own word.
  void progress(int percent, std::string_view status) {
    detail::throwUnlessOk(
        sink_->progress(sink_->context, std::clamp(percent, 0, 100), toText(status)));
  }
  /// Tells what is gathered so far; comes by itself when a batch is full and at the end.
  void flush() {
    flushFindings();
    flushHosts();
  }
  /// Bytes that a text may have: more need not be gathered.
  std::uint64_t maxText() const noexcept { return std::max<std::uint64_t>(sink_->max_text, 1); }

  /// Runs `scan` and ends the result with its summary; the bases call it. What was gathered before
  /// a failure is told as well, for it stays readable as partial; then the failure goes on.
  template <class Scan>
  void endWith(const Scan& scan) {
    std::optional<Summary> summary;
    try {
      summary = scan();
    } catch (...) {
      tellRest();
      throw;
    }
    end(*summary);
  }

  /// Ends the result.
  void end(const Summary& summary) {
    flush();
    const scanhost_scan_summary record{sizeof(scanhost_scan_summary), summary.complete ? 1 : 0,
                                       toText(summary.reason),        summary.hosts_answered,
                                       summary.hosts_silent,          summary.report_bytes,
                                       summary.login_findings};
    detail::throwUnlessOk(sink_->summary(sink_->context, &record));
  }

 private:
  static constexpr std::size_t batch_bytes = 1u << 20;

  std::size_t batchSize() const noexcept { return std::max<std::uint32_t>(sink_->max_batch, 1); }

  void flushFindings() {
    if (findings_.empty()) return;
    std::vector<LentFinding> lent;
    std::vector<const scanhost_finding*> records;
    lent.reserve(findings_.size());
    records.reserve(findings_.size());
    for (const FindingRecord& finding : findings_)
      records.push_back(lent.emplace_back(finding).abi());
    checkTaken(sink_->findings(sink_->context, records.data(), records.size()));
    findings_.clear();
    weight_ = 0;
  }

  void flushHosts() {
    if (hosts_.empty()) return;
    std::vector<LentPairs> facts;
    std::vector<scanhost_host_report> reports;
    std::vector<const scanhost_host_report*> records;
    facts.reserve(hosts_.size());
    reports.reserve(hosts_.size());
    for (const HostReport& report : hosts_) {
      facts.emplace_back(report.facts);
      reports.push_back({sizeof(scanhost_host_report),
                         report.answered ? SCANHOST_HOST_ANSWERED : SCANHOST_HOST_SILENT,
                         toText(report.host), report.login, 0, facts.back()});
    }
    for (const scanhost_host_report& report : reports) records.push_back(&report);
    checkTaken(sink_->hosts(sink_->context, records.data(), records.size()));
    hosts_.clear();
  }

  void checkTaken(scanhost_status status) {
    refused_ = status != SCANHOST_OK;
    detail::throwUnlessOk(status);
  }

  /// A sink that refused once is not called again; the failure in hand is the one to report.
  void tellRest() noexcept {
    try {
      if (!refused_) flush();
    } catch (...) {
      refused_ = true;
    }
  }

  const scanhost_scan_sink* sink_;
  std::vector<FindingRecord> findings_;
  std::vector<HostReport> hosts_;
  std::size_t weight_ = 0;
  bool refused_ = false;
};

/// A remote scan as the host knows it.
struct RemoteScan {
  std::string reference;
  std::string run_id;  ///< empty before it was started
  std::string marker;
};

enum class RemoteStatus : int {
  running = SCANHOST_REMOTE_RUNNING,
  created = SCANHOST_REMOTE_CREATED,
  pending = SCANHOST_REMOTE_PENDING,
  paused = SCANHOST_REMOTE_PAUSED,
  stopping = SCANHOST_REMOTE_STOPPING,
  completed = SCANHOST_REMOTE_COMPLETED,
  stopped = SCANHOST_REMOTE_STOPPED,
  aborted = SCANHOST_REMOTE_ABORTED,
  gone = SCANHOST_REMOTE_GONE,
};

/// What was learnt about a remote scan.
struct RemoteState {
  RemoteStatus state = RemoteStatus::running;
  std::string reference;
  std::string run_id;                     ///< of the newest run; empty when none
  std::string marker;                     ///< as found in the remote name
  std::string status;                     ///< the scanner's own word
  int percent = -1;                       ///< -1 when the scanner does not say
  std::chrono::nanoseconds next_poll{0};  ///< 0: the host's default
  std::string name;                       ///< from `find`: the remote name without the marker
};

/// Takes states one by one. For one thread at a time.
class RemoteStateSink {
 public:
  explicit RemoteStateSink(const scanhost_remote_sink* sink) noexcept : sink_(sink) {}

  void tell(const RemoteState& state) {
    const scanhost_remote_state record{sizeof(scanhost_remote_state),
                                       static_cast<int32_t>(state.state),
                                       toText(state.reference),
                                       toText(state.run_id),
                                       toText(state.marker),
                                       toText(state.status),
                                       state.percent,
                                       0,
                                       state.next_poll.count(),
                                       toText(state.name)};
    detail::throwUnlessOk(sink_->state(sink_->context, &record));
  }

 private:
  const scanhost_remote_sink* sink_;
};

/// What both kinds begin with.
class Scanner : public Instance {
 public:
  /// From memory: never asks the backend, never blocks.
  virtual ScannerDescription describe() { return {}; }
  /// Asks the backend whether it is there, lets us in and can launch. Throws with subject backend.
  virtual ScannerHealth selfTest(Call&) { return {}; }
};

/// Does its work inside scan(), which dies with the process and is then attempted again.
class LocalScanner : public Scanner {
 public:
  /// Scans, tells findings, hosts and progress as they come, and returns the summary.
  virtual Summary scan(const ScanRequest& request, FindingSink& sink, Call& call) = 0;

  static constexpr std::string_view interfaceId() noexcept { return SCANHOST_SCANNER_LOCAL_ID; }
  template <class Plugin>
  static const scanhost_interface* interfaceTable() noexcept;
};

/// Has its work done elsewhere; any node can pick a scan up by its reference. (The functions are
/// named after the ABI's; start and stop of Instance are those of the plugin, not of a scan.)
class RemoteScanner : public Scanner {
 public:
  /// Makes the remote scan without touching a target; returns its reference.
  virtual std::string prepareScan(const ScanRequest& request, Call& call) = 0;
  /// Sets it going; returns the run's id. Throws (ambiguous) when it has run before.
  virtual std::string startScan(const RemoteScan& scan, Call& call) = 0;
  /// Tells every scan whose marker begins so.
  virtual void findScans(std::string_view marker_prefix, RemoteStateSink& sink, Call& call) = 0;
  /// Tells the state of each; one that nothing could be learnt about is left out.
  virtual void pollScans(const std::vector<RemoteScan>& scans, RemoteStateSink& sink,
                         Call& call) = 0;
  /// Each asks and does not wait. Harmless when repeated.
  virtual void pauseScan(const RemoteScan&, Call&) {
    throw PluginError(ErrorClass::unsupported, "this scanner cannot pause a scan");
  }
  virtual void resumeScan(const RemoteScan&, Call&) {
    throw PluginError(ErrorClass::unsupported, "this scanner cannot resume a scan");
  }
  virtual void stopScan(const RemoteScan& scan, Call& call) = 0;
  /// Reads that run's results, whatever its state, and returns the summary.
  virtual Summary collectScan(const RemoteScan& scan, FindingSink& sink, Call& call) = 0;
  /// Deletes it; gone already is as good.
  virtual void removeScan(const RemoteScan& scan, Call& call) = 0;

  static constexpr std::string_view interfaceId() noexcept { return SCANHOST_SCANNER_REMOTE_ID; }
  template <class Plugin>
  static const scanhost_interface* interfaceTable() noexcept;
};

inline ScanRequest ScanRequest::from(const scanhost_scan_request& request) {
  ScanRequest copy;
  copy.task_id = toString(request.task_id);
  copy.attempt = request.attempt;
  copy.launch = request.launch;
  copy.marker = toString(request.marker);
  copy.name = toString(request.name);
  copy.description = toString(request.description);
  copy.scan_type = toString(request.scan_type);
  if (request.settings.size != 0) copy.settings = Json::parse(toView(request.settings));
  copy.targets.reserve(static_cast<std::size_t>(request.target_count));
  for (uint64_t i = 0; i < request.target_count; ++i) {
    const scanhost_target& target = *request.targets[i];
    copy.targets.push_back(
        {toString(target.given), toStrings(target.addresses), target.is_name != 0});
  }
  if (request.credential)
    copy.credential.emplace(toView(request.credential->kind), request.credential->fields);
  return copy;
}

inline LentScanRequest::LentScanRequest(const ScanRequest& request)
    : settings_(request.settings.dump()) {
  addresses_.reserve(request.targets.size());
  targets_.reserve(request.targets.size());
  pointers_.reserve(request.targets.size());
  for (const Target& target : request.targets) {
    const LentTexts& addresses = addresses_.emplace_back(target.addresses);
    targets_.push_back(
        {sizeof(scanhost_target), 0, toText(target.given), addresses, target.is_name ? 1 : 0, 0});
    pointers_.push_back(&targets_.back());
  }
  if (request.credential) {
    fields_ = LentPairs(request.credential->fields());
    credential_ = {sizeof(scanhost_credential), 0, toText(request.credential->kind()), fields_};
  }
  abi_ = {sizeof(scanhost_scan_request),
          request.attempt,
          request.launch,
          toText(request.task_id),
          toText(request.marker),
          toText(request.name),
          toText(request.description),
          toText(request.scan_type),
          toText(settings_),
          pointers_.data(),
          pointers_.size(),
          request.credential ? &credential_ : nullptr};
}

namespace detail {

/// The part of the table that both kinds share. `Base` is the class of the interface, through which
/// interfaceHead stores the instance.
template <class Base, class Plugin>
scanhost_scanner scannerHead(uint32_t struct_size) noexcept {
  scanhost_scanner head{};
  head.base = interfaceHead<Base, Plugin>(struct_size, SCANHOST_SCANNER_REVISION);
  head.describe = [](void* self, const scanhost_call* call,
                     const scanhost_scanner_sink* sink) noexcept {
    return guarded(call, [&](Call&) {
      const ScannerDescription description = static_cast<Base*>(self)->describe();
      const scanhost_scanner_description record{
          sizeof(scanhost_scanner_description), 0, description.capabilities,
          toText(description.family), toText(description.url)};
      sink->description(sink->context, &record);
    });
  };
  head.self_test = [](void* self, const scanhost_call* call,
                      const scanhost_scanner_sink* sink) noexcept {
    return guarded(call, [&](Call& context) {
      const ScannerHealth health = static_cast<Base*>(self)->selfTest(context);
      const scanhost_scanner_health record{
          sizeof(scanhost_scanner_health),
          health.read_only ? SCANHOST_SCANNER_READ_ONLY : SCANHOST_SCANNER_READY,
          toText(health.reason), toText(health.version), health.active_scans};
      sink->health(sink->context, &record);
    });
  };
  return head;
}

inline RemoteScan remoteScan(const scanhost_remote_scan& scan) {
  return {toString(scan.reference), toString(scan.run_id), toString(scan.marker)};
}

/// One function of the remote table that takes a scan and answers nothing but how it went.
template <void (RemoteScanner::*Member)(const RemoteScan&, Call&)>
scanhost_status onRemoteScan(void* self, const scanhost_call* call,
                             const scanhost_remote_scan* scan) noexcept {
  return guarded(call, [&](Call& context) {
    (static_cast<RemoteScanner*>(self)->*Member)(remoteScan(*scan), context);
  });
}

}  // namespace detail

template <class Plugin>
const scanhost_interface* LocalScanner::interfaceTable() noexcept {
  static const scanhost_scanner_local table = [] {
    scanhost_scanner_local made{};
    made.scanner = detail::scannerHead<LocalScanner, Plugin>(sizeof(scanhost_scanner_local));
    made.scan = [](void* self, const scanhost_call* call, const scanhost_scan_request* request,
                   const scanhost_scan_sink* sink) noexcept {
      return detail::guarded(call, [&](Call& context) {
        FindingSink findings(sink);
        findings.endWith([&] {
          return static_cast<LocalScanner*>(self)->scan(ScanRequest::from(*request), findings,
                                                        context);
        });
      });
    };
    return made;
  }();
  return &table.scanner.base;
}

template <class Plugin>
const scanhost_interface* RemoteScanner::interfaceTable() noexcept {
  static const scanhost_scanner_remote table = [] {
    scanhost_scanner_remote made{};
    made.scanner = detail::scannerHead<RemoteScanner, Plugin>(sizeof(scanhost_scanner_remote));
    made.prepare = [](void* self, const scanhost_call* call, const scanhost_scan_request* request,
                      const scanhost_text_sink* reference) noexcept {
      return detail::guarded(call, [&](Call& context) {
        detail::throwUnlessOk(writeText(reference, static_cast<RemoteScanner*>(self)->prepareScan(
                                                       ScanRequest::from(*request), context)));
      });
    };
    made.start = [](void* self, const scanhost_call* call, const scanhost_remote_scan* scan,
                    const scanhost_text_sink* run_id) noexcept {
      return detail::guarded(call, [&](Call& context) {
        detail::throwUnlessOk(writeText(run_id, static_cast<RemoteScanner*>(self)->startScan(
                                                    detail::remoteScan(*scan), context)));
      });
    };
    made.find = [](void* self, const scanhost_call* call, scanhost_text marker_prefix,
                   const scanhost_remote_sink* sink) noexcept {
      return detail::guarded(call, [&](Call& context) {
        RemoteStateSink states(sink);
        static_cast<RemoteScanner*>(self)->findScans(toView(marker_prefix), states, context);
      });
    };
    made.poll = [](void* self, const scanhost_call* call, const scanhost_remote_scan* const* scans,
                   uint64_t count, const scanhost_remote_sink* sink) noexcept {
      return detail::guarded(call, [&](Call& context) {
        std::vector<RemoteScan> copies;
        copies.reserve(static_cast<std::size_t>(count));
        for (uint64_t i = 0; i < count; ++i) copies.push_back(detail::remoteScan(*scans[i]));
        RemoteStateSink states(sink);
        static_cast<RemoteScanner*>(self)->pollScans(copies, states, context);
      });
    };
    made.pause = &detail::onRemoteScan<&RemoteScanner::pauseScan>;
    made.resume = &detail::onRemoteScan<&RemoteScanner::resumeScan>;
    made.stop = &detail::onRemoteScan<&RemoteScanner::stopScan>;
    made.collect = [](void* self, const scanhost_call* call, const scanhost_remote_scan* scan,
                      const scanhost_scan_sink* sink) noexcept {
      return detail::guarded(call, [&](Call& context) {
        FindingSink findings(sink);
        findings.endWith([&] {
          return static_cast<RemoteScanner*>(self)->collectScan(detail::remoteScan(*scan), findings,
                                                                context);
        });
      });
    };
    made.remove = &detail::onRemoteScan<&RemoteScanner::removeScan>;
    return made;
  }();
  return &table.scanner.base;
}

}  // namespace v1
}  // namespace scanhost

#endif
