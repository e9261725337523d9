// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/scanner_client.h"

#include <exception>
#include <utility>

#include "sdk/abi/released_size.h"

namespace scanhost {
namespace {

constexpr std::size_t longest_identifier = 4096;  ///< bytes of a reference or run id

/// The C sink in front of a ScanSinkHandler; keeps the handler's own failure and what the plugin
/// did to the contract.
class ScanSink {
 public:
  ScanSink(ScanSinkHandler& handler, ScanSinkLimits limits) : handler_(handler) {
    abi_.struct_size = sizeof abi_;
    abi_.max_batch = limits.max_batch;
    abi_.max_text = limits.max_text;
    abi_.context = this;
    abi_.findings = [](void* context, const scanhost_finding* const* records, uint64_t count) {
      return of(context).take([&](ScanSink& self) -> Status {
        if (Status whole = self.checkRecords(records, count, "finding"); !whole) return whole;
        return self.handler_.onFindings({records, static_cast<std::size_t>(count)});
      });
    };
    abi_.hosts = [](void* context, const scanhost_host_report* const* records, uint64_t count) {
      return of(context).take([&](ScanSink& self) -> Status {
        if (Status whole = self.checkRecords(records, count, "host report"); !whole) return whole;
        return self.handler_.onHosts({records, static_cast<std::size_t>(count)});
      });
    };
    abi_.progress = [](void* context, int32_t percent, scanhost_text status) {
      return of(context).take([&](ScanSink& self) {
        return self.handler_.onProgress(std::clamp(percent, 0, 100), toView(status));
      });
    };
    abi_.summary = [](void* context, const scanhost_scan_summary* summary) {
      return of(context).take([&](ScanSink& self) { return self.takeSummary(*summary); });
    };
  }
  ScanSink(const ScanSink&) = delete;
  ScanSink& operator=(const ScanSink&) = delete;

  const scanhost_scan_sink* abi() const { return &abi_; }

  /// How the call went as a whole: the handler's failure counts before the plugin's account of it.
  Status outcome(Status plugin, const std::string& function) const {
    if (failure_) return tl::unexpected<Error>(*failure_);
    if (!plugin) return plugin;
    if (!ended_)
      return fail(ErrorClass::internal, function +
                                            " succeeded without telling a summary; the "
                                            "plugin breaks the scanner contract");
    return {};
  }

 private:
  static ScanSink& of(void* context) { return *static_cast<ScanSink*>(context); }

  /// Runs one step of the handler; after a failure or the summary nothing more is taken.
  template <class Step>
  scanhost_status take(Step&& step) noexcept {
    try {
      if (failure_) return static_cast<scanhost_status>(failure_->error_class);
      if (ended_) return keep({ErrorClass::internal, "the plugin told more after its summary"});
      if (Status done = step(*this); !done) return keep(done.error());
      return SCANHOST_OK;
    } catch (const std::exception& error) {
      return keep({ErrorClass::internal, error.what()});
    } catch (...) {
      return keep({ErrorClass::internal, "an unknown exception"});
    }
  }

  scanhost_status keep(Error error) {
    const auto status = static_cast<scanhost_status>(error.error_class);
    failure_ = std::move(error);
    return status;
  }

  template <class Record>
  Status checkRecords(const Record* const* records, uint64_t count, const char* what) const {
    if (count > abi_.max_batch)
      return fail(ErrorClass::internal, "the plugin told " + std::to_string(count) + " " + what +
                                            "s at once, more than the agreed " +
                                            std::to_string(abi_.max_batch));
    for (uint64_t i = 0; i < count; ++i)
      if (!records[i] || records[i]->struct_size < released_size<Record>)
        return fail(ErrorClass::internal, std::string("the plugin told a ") + what +
                                              " shorter than this interface's revision");
    return {};
  }

  Status takeSummary(const scanhost_scan_summary& summary) {
    if (summary.struct_size < released_size<scanhost_scan_summary>)
      return fail(ErrorClass::internal,
                  "the plugin told a summary shorter than this interface's revision");
    ended_ = true;
    return handler_.onSummary({summary.complete == 1, toString(summary.reason),
                               summary.hosts_answered, summary.hosts_silent, summary.report_bytes,
                               summary.login_findings});
  }

  ScanSinkHandler& handler_;
  scanhost_scan_sink abi_{};
  std::optional<Error> failure_;
  bool ended_ = false;
};

/// Gathers remote states as values.
class StateSink {
 public:
  StateSink() {
    abi_ = {sizeof abi_, 0, this, [](void* context, const scanhost_remote_state* state) {
              return static_cast<StateSink*>(context)->take(state);
            }};
  }
  StateSink(const StateSink&) = delete;
  StateSink& operator=(const StateSink&) = delete;

  const scanhost_remote_sink* abi() const { return &abi_; }
  std::vector<RemoteState> take() { return std::move(states_); }

 private:
  scanhost_status take(const scanhost_remote_state* state) noexcept {
    if (!state || state->struct_size < released_size<scanhost_remote_state>)
      return SCANHOST_ERROR_INTERNAL;
    try {
      states_.push_back({known(state->state), toString(state->reference), toString(state->run_id),
                         toString(state->marker), toString(state->status),
                         std::clamp(state->percent, -1, 100),
                         std::chrono::nanoseconds(std::max<std::int64_t>(state->next_poll_ns, 0)),
                         toString(state->name)});
    } catch (...) {
      return SCANHOST_ERROR_INTERNAL;
    }
    return SCANHOST_OK;
  }

  static RemoteStatus known(int32_t state) {
    return state >= SCANHOST_REMOTE_RUNNING && state <= SCANHOST_REMOTE_GONE
               ? static_cast<RemoteStatus>(state)
               : RemoteStatus::running;
  }

  scanhost_remote_sink abi_{};
  std::vector<RemoteState> states_;
};

/// What describe and self_test tell, each once.
struct ScannerAnswers {
  std::optional<ScannerDescription> description;
  std::optional<ScannerHealth> health;
};

scanhost_scanner_sink answersSink(ScannerAnswers& answers) {
  scanhost_scanner_sink sink{};
  sink.struct_size = sizeof sink;
  sink.context = &answers;
  sink.description = [](void* context, const scanhost_scanner_description* told) {
    if (told->struct_size < sizeof *told) return;
    static_cast<ScannerAnswers*>(context)->description = {
        told->capabilities, toString(told->family), toString(told->url)};
  };
  sink.health = [](void* context, const scanhost_scanner_health* told) {
    if (told->struct_size < sizeof *told) return;
    static_cast<ScannerAnswers*>(context)->health = {told->state != SCANHOST_SCANNER_READY,
                                                     toString(told->reason),
                                                     toString(told->version), told->active_scans};
  };
  return sink;
}

scanhost_remote_scan lend(const RemoteScan& scan) {
  return {sizeof(scanhost_remote_scan), 0, toText(scan.reference), toText(scan.run_id),
          toText(scan.marker)};
}

}  // namespace

ScannerClient::ScannerClient(std::string plugin, const scanhost_interface* table, void* self,
                             ScannerKind kind, CallObserver observer, const PluginEventSink* events)
    : plugin_(std::move(plugin)),
      calls_("scanner", plugin_, std::move(observer), events),
      scanner_(reinterpret_cast<const scanhost_scanner*>(table)),
      self_(self),
      kind_(kind) {}

std::optional<ScannerKind> ScannerClient::kindOf(const scanhost_plugin& plugin) {
  for (const ScannerKind kind : {ScannerKind::remote, ScannerKind::local})
    if (plugin.get_interface(toText(interfaceId(kind)))) return kind;
  return std::nullopt;
}

std::string_view ScannerClient::interfaceId(ScannerKind kind) {
  return kind == ScannerKind::remote ? SCANHOST_SCANNER_REMOTE_ID : SCANHOST_SCANNER_LOCAL_ID;
}

std::vector<std::string> ScannerClient::operations(ScannerKind kind) {
  if (kind == ScannerKind::local) return {"describe", "self_test", "scan"};
  return {"describe", "self_test", "prepare", "start",   "find",  "poll",
          "pause",    "resume",    "stop",    "collect", "remove"};
}

std::string ScannerClient::functionName(std::string_view function) const {
  return plugin_ + ": " + std::string(function);
}

Result<const scanhost_scanner_remote*> ScannerClient::remote() const {
  if (kind_ != ScannerKind::remote)
    return fail(ErrorClass::unsupported, plugin_ + " is a local scanner; it keeps no remote scans");
  return reinterpret_cast<const scanhost_scanner_remote*>(scanner_);
}

Result<ScannerDescription> ScannerClient::describe() const {
  ScannerAnswers answers;
  const scanhost_scanner_sink sink = answersSink(answers);
  const Status done = calls_.run("describe", {}, [&](const scanhost_call* call) {
    return scanner_->describe(self_, call, &sink);
  });
  if (!done) return tl::unexpected<Error>(done.error());
  if (!answers.description)
    return fail(ErrorClass::internal, functionName("describe") + " succeeded and told nothing");
  if (answers.description->family.empty())
    answers.description->family = plugin_.rfind("scanner-", 0) == 0 ? plugin_.substr(8) : plugin_;
  return *answers.description;
}

Result<ScannerHealth> ScannerClient::selfTest(CallOptions options) const {
  ScannerAnswers answers;
  const scanhost_scanner_sink sink = answersSink(answers);
  const Status done = calls_.run("self_test", std::move(options), [&](const scanhost_call* call) {
    return scanner_->self_test(self_, call, &sink);
  });
  if (!done) return tl::unexpected<Error>(done.error());
  if (!answers.health)
    return fail(ErrorClass::internal, functionName("self_test") + " succeeded and told nothing");
  return *answers.health;
}

Status ScannerClient::scan(const ScanRequest& request, ScanSinkHandler& handler,
                           CallOptions options, ScanSinkLimits limits) const {
  if (kind_ != ScannerKind::local)
    return fail(ErrorClass::unsupported,
                plugin_ + " is a remote scanner; prepare and start a scan");
  const auto* table = reinterpret_cast<const scanhost_scanner_local*>(scanner_);
  const LentScanRequest lent(request);
  ScanSink sink(handler, limits);
  const Status done = calls_.run("scan", std::move(options), [&](const scanhost_call* call) {
    return table->scan(self_, call, lent.abi(), sink.abi());
  });
  return sink.outcome(done, functionName("scan"));
}

Result<std::string> ScannerClient::prepare(const ScanRequest& request, CallOptions options) const {
  const auto table = remote();
  if (!table) return tl::unexpected<Error>(table.error());
  const LentScanRequest lent(request);
  TextBuffer reference(longest_identifier);
  const Status done = calls_.run("prepare", std::move(options), [&](const scanhost_call* call) {
    return (*table)->prepare(self_, call, lent.abi(), reference.sink());
  });
  if (!done) return tl::unexpected<Error>(done.error());
  std::string text = reference.take();
  if (text.empty())
    return fail(ErrorClass::ambiguous, functionName("prepare") + " succeeded without a reference");
  return text;
}

Result<std::string> ScannerClient::start(const RemoteScan& scan, CallOptions options) const {
  const auto table = remote();
  if (!table) return tl::unexpected<Error>(table.error());
  const scanhost_remote_scan lent = lend(scan);
  TextBuffer run_id(longest_identifier);
  const Status done = calls_.run("start", std::move(options), [&](const scanhost_call* call) {
    return (*table)->start(self_, call, &lent, run_id.sink());
  });
  if (!done) return tl::unexpected<Error>(done.error());
  std::string text = run_id.take();
  if (text.empty())
    return fail(ErrorClass::ambiguous, functionName("start") + " succeeded without a run id");
  return text;
}

Result<std::vector<RemoteState>> ScannerClient::find(std::string_view marker_prefix,
                                                     CallOptions options) const {
  const auto table = remote();
  if (!table) return tl::unexpected<Error>(table.error());
  StateSink states;
  const Status done = calls_.run("find", std::move(options), [&](const scanhost_call* call) {
    return (*table)->find(self_, call, toText(marker_prefix), states.abi());
  });
  if (!done) return tl::unexpected<Error>(done.error());
  return states.take();
}

Result<std::vector<RemoteState>> ScannerClient::poll(std::span<const RemoteScan> scans,
                                                     CallOptions options) const {
  const auto table = remote();
  if (!table) return tl::unexpected<Error>(table.error());
  std::vector<scanhost_remote_scan> lent;
  std::vector<const scanhost_remote_scan*> pointers;
  lent.reserve(scans.size());
  for (const RemoteScan& scan : scans) pointers.push_back(&lent.emplace_back(lend(scan)));
  StateSink states;
  const Status done = calls_.run("poll", std::move(options), [&](const scanhost_call* call) {
    return (*table)->poll(self_, call, pointers.data(), pointers.size(), states.abi());
  });
  if (!done) return tl::unexpected<Error>(done.error());
  return states.take();
}

Status ScannerClient::onScan(RemoteFunction scanhost_scanner_remote::*function,
                             std::string_view name, const RemoteScan& scan,
                             CallOptions options) const {
  const auto table = remote();
  if (!table) return tl::unexpected<Error>(table.error());
  const scanhost_remote_scan lent = lend(scan);
  return calls_.run(name, std::move(options), [&](const scanhost_call* call) {
    return ((*table)->*function)(self_, call, &lent);
  });
}

Status ScannerClient::pause(const RemoteScan& scan, CallOptions options) const {
  return onScan(&scanhost_scanner_remote::pause, "pause", scan, std::move(options));
}

Status ScannerClient::resume(const RemoteScan& scan, CallOptions options) const {
  return onScan(&scanhost_scanner_remote::resume, "resume", scan, std::move(options));
}

Status ScannerClient::stop(const RemoteScan& scan, CallOptions options) const {
  return onScan(&scanhost_scanner_remote::stop, "stop", scan, std::move(options));
}

Status ScannerClient::collect(const RemoteScan& scan, ScanSinkHandler& handler, CallOptions options,
                              ScanSinkLimits limits) const {
  const auto table = remote();
  if (!table) return tl::unexpected<Error>(table.error());
  const scanhost_remote_scan lent = lend(scan);
  ScanSink sink(handler, limits);
  const Status done = calls_.run("collect", std::move(options), [&](const scanhost_call* call) {
    return (*table)->collect(self_, call, &lent, sink.abi());
  });
  return sink.outcome(done, functionName("collect"));
}

Status ScannerClient::remove(const RemoteScan& scan, CallOptions options) const {
  return onScan(&scanhost_scanner_remote::remove, "remove", scan, std::move(options));
}

}  // namespace scanhost
