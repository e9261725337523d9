// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the clients of plugins share: one measured call, and a guard for what the plugin hands to a
/// sink meanwhile.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "host/abi/host_call.h"
#include "host/base/result.h"
#include "host/telemetry/spans.h"
#include "sdk/abi/released_size.h"

namespace scanhost {

/// Hears of each call when it has ended: the operation ("submit"), whether the plugin did it, and
/// how long it took. Called on the calling thread; must not throw.
using CallObserver = std::function<void(std::string_view operation, bool ok, double seconds)>;

/// Runs the steps of a sink: what goes wrong in one is kept, and ends the call.
class SinkGuard {
 public:
  /// `step` may throw; its failure is the plugin's answer.
  template <class Step>
  scanhost_status run(Step&& step) noexcept {
    try {
      if (failure_) return static_cast<scanhost_status>(failure_->error_class);
      step();
      return SCANHOST_OK;
    } catch (const PluginError& error) {
      return keep(error.errorClass(), error.what());
    } catch (const std::exception& error) {
      return keep(ErrorClass::internal, error.what());
    } catch (...) {
      return keep(ErrorClass::internal, "an unknown exception");
    }
  }

  const std::optional<Error>& failure() const { return failure_; }

 private:
  scanhost_status keep(ErrorClass error_class, const char* message) noexcept {
    failure_.emplace();
    failure_->error_class = error_class;
    failure_->subject = ErrorSubject::backend;
    try {
      failure_->message = message;
    } catch (...) {
      failure_->message.clear();
    }
    return static_cast<scanhost_status>(error_class);
  }

  std::optional<Error> failure_;
};

/// Throws for a record shorter than this host's revision of the interface knows it.
template <class Record>
const Record& wholeRecord(const Record* record, const char* what) {
  if (!record || record->struct_size < released_size<Record>)
    throw PluginError(ErrorClass::internal, std::string("the plugin told a ") + what +
                                                " shorter than this interface's revision");
  return *record;
}

/// Makes the calls into one instance.
class StoreCalls {
 public:
  /// `kind` is the first part of the names of its spans: "queue". `events` takes what the plugin
  /// logs meanwhile, unless a call has its own; it outlives this.
  StoreCalls(std::string kind, std::string plugin, CallObserver observer,
             const PluginEventSink* events = nullptr)
      : kind_(std::move(kind)),
        plugin_(std::move(plugin)),
        observer_(std::move(observer)),
        events_(events) {}

  /// `invoke` takes a scanhost_call* and answers the plugin's status.
  template <class Invoke>
  Status run(std::string_view operation, CallOptions options, const SinkGuard& guard,
             Invoke&& invoke) const {
    const auto begun = std::chrono::steady_clock::now();
    if (!options.events) options.events = events_;
    Span span = beginSpan(operation, options);
    HostCall call(std::move(options));
    const std::string function = plugin_ + ": " + std::string(operation);
    Status outcome = call.outcome(invoke(call.abi()), function);
    if (const auto& failure = guard.failure()) {
      outcome = tl::unexpected<Error>(*failure);
      outcome.error().message.insert(0, function + ": ");
    }
    if (!outcome) {
      span.set("error.type", errorClassName(outcome.error().error_class));
      span.fail(outcome.error().message);
    }
    if (observer_)
      observer_(operation, outcome.has_value(),
                std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
    return outcome;
  }
  template <class Invoke>
  Status run(std::string_view operation, CallOptions options, Invoke&& invoke) const {
    return run(operation, std::move(options), SinkGuard(), std::forward<Invoke>(invoke));
  }

  /// A number that the interface does not know, told by the plugin.
  Error breach(std::string_view operation, const std::string& what) const {
    return {ErrorClass::internal,
            plugin_ + ": " + std::string(operation) + ": " + what,
            ErrorSubject::backend,
            {}};
  }

 private:
  /// What the plugin does, and asks of others, is part of it.
  Span beginSpan(std::string_view operation, CallOptions& options) const {
    if (!options.spans || !options.spans->records(options.trace)) return {};
    Span span(options.spans, SpanKind::client, kind_ + "." + std::string(operation), options.trace);
    span.set("scanhost.plugin", plugin_);
    options.trace = span.trace();
    return span;
  }

  std::string kind_, plugin_;
  CallObserver observer_;
  const PluginEventSink* events_;
};

}  // namespace scanhost
