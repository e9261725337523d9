// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/scan_job.h"

#include <thread>

#include "tests/conformance/check_case.h"

namespace scanhost::conformance {
namespace {

constexpr const char* default_marker = "[scanhost:conformance_scan_1/1]";

bool hasEnded(std::int32_t state) {
  return state == SCANHOST_REMOTE_COMPLETED || state == SCANHOST_REMOTE_STOPPED ||
         state == SCANHOST_REMOTE_ABORTED || state == SCANHOST_REMOTE_GONE;
}

ToldState toldState(const scanhost_remote_state& state) {
  ToldState told;
  told.state = state.state;
  told.reference = toString(state.reference);
  told.run_id = toString(state.run_id);
  told.marker = toString(state.marker);
  if (SCANHOST_HAS(&state, scanhost_remote_state, name)) told.name = toString(state.name);
  return told;
}

/// Gathers states.
struct StateSink {
  Transcript& transcript;
  std::vector<ToldState>& states;
  scanhost_remote_sink abi{sizeof abi, 0, this,
                           [](void* context, const scanhost_remote_state* state) {
                             auto& self = *static_cast<StateSink*>(context);
                             self.transcript.noteText("a remote scan's state", state->status);
                             self.transcript.noteText("a remote scan's marker", state->marker);
                             self.states.push_back(toldState(*state));
                             return SCANHOST_OK;
                           }};
};

}  // namespace

ScanJob::ScanJob(Instance& instance, std::chrono::nanoseconds timeout)
    : instance_(instance), timeout_(timeout), marker_(default_marker) {
  if (const Recording* recording = instance.subject().recording())
    if (const std::string found = recording->marker(); !found.empty()) marker_ = found;
  const std::size_t begin = marker_.find(':') + 1;
  task_id_ = marker_.substr(begin, marker_.find('/') - begin);
}

void ScanJob::useCredential(const std::string& secret) {
  secret_ = secret;
}

template <class Invoke>
Outcome ScanJob::call(const char* function, const Invoke& invoke,
                      const std::function<void(CheckCall&)>& on_call) {
  instance_.subject().step(function);
  CheckCall call(instance_.host().transcript(), {.timeout = timeout_});
  if (on_call) on_call(call);
  const Outcome outcome = call.outcome(invoke(call.abi()), function);
  if (outcome.took > timeout_ + std::chrono::seconds(3))
    throw Breach(
        std::string(function) + " came back " +
            std::to_string(
                std::chrono::duration_cast<std::chrono::seconds>(outcome.took - timeout_).count()) +
            " s after its deadline",
        "an answer by the deadline", "look at is_cancelled at least once a second");
  return outcome;
}

scanhost_remote_scan ScanJob::remoteScan() const {
  return {sizeof(scanhost_remote_scan), 0, toText(reference_), toText(run_id_), toText(marker_)};
}

namespace {

/// A request and what it points to.
struct Request {
  Request(const std::string& task_id, const std::string& marker, const std::string& secret)
      : pairs(secret.empty() ? Pairs{} : Pairs{{"username", "checker"}, {"password", secret}}),
        fields(pairs) {
    target.struct_size = sizeof target;
    target.given = toText("127.0.0.1");
    target.addresses = addresses;
    credential = {sizeof credential, 0, toText("ssh-password"), fields};
    abi.struct_size = sizeof abi;
    abi.attempt = 1;
    abi.launch = 1;
    abi.task_id = toText(task_id);
    abi.marker = toText(marker);
    abi.name = toText("conformance");
    abi.scan_type = toText(secret.empty() ? "untrusted" : "authenticated");
    abi.settings = toText("{}");
    abi.targets = targets;
    abi.target_count = 1;
    abi.credential = secret.empty() ? nullptr : &credential;
  }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  const std::vector<std::string> address_list = {"127.0.0.1"};
  const LentTexts addresses{address_list};
  const Pairs pairs;
  const LentPairs fields;
  scanhost_target target{};
  const scanhost_target* const targets[1] = {&target};
  scanhost_credential credential{};
  scanhost_scan_request abi{};
};

}  // namespace

Outcome ScanJob::scan(ScanSink& sink, const std::function<void(CheckCall&)>& on_call) {
  const Request request(task_id_, marker_, secret_);
  const auto& table = instance_.table<scanhost_scanner_local>();
  return call(
      "scan",
      [&](const scanhost_call* abi) {
        return table.scan(instance_.self(), abi, &request.abi, sink.abi());
      },
      on_call);
}

Outcome ScanJob::prepare() {
  const Request request(task_id_, marker_, secret_);
  const auto& table = instance_.table<scanhost_scanner_remote>();
  TextBuffer reference(4096);
  const Outcome outcome = call("prepare", [&](const scanhost_call* abi) {
    return table.prepare(instance_.self(), abi, &request.abi, reference.sink());
  });
  reference_ = reference.take();
  return outcome;
}

Outcome ScanJob::start() {
  const auto& table = instance_.table<scanhost_scanner_remote>();
  const scanhost_remote_scan scan = remoteScan();
  TextBuffer run_id(4096);
  const Outcome outcome = call("start", [&](const scanhost_call* abi) {
    return table.start(instance_.self(), abi, &scan, run_id.sink());
  });
  if (outcome.ok()) run_id_ = run_id.take();
  return outcome;
}

Outcome ScanJob::find(std::vector<ToldState>& states) {
  const auto& table = instance_.table<scanhost_scanner_remote>();
  const std::string prefix = "[scanhost:" + task_id_ + "/";
  StateSink sink{instance_.host().transcript(), states};
  return call("find", [&](const scanhost_call* abi) {
    return table.find(instance_.self(), abi, toText(prefix), &sink.abi);
  });
}

Outcome ScanJob::poll(std::optional<ToldState>& state) {
  const auto& table = instance_.table<scanhost_scanner_remote>();
  const scanhost_remote_scan scan = remoteScan();
  const scanhost_remote_scan* const scans[] = {&scan};
  std::vector<ToldState> states;
  StateSink sink{instance_.host().transcript(), states};
  const Outcome outcome = call("poll", [&](const scanhost_call* abi) {
    return table.poll(instance_.self(), abi, scans, 1, &sink.abi);
  });
  state.reset();
  for (const ToldState& told : states)
    if (told.reference == reference_) state = told;
  return outcome;
}

Outcome ScanJob::control(const char* function) {
  const auto& table = instance_.table<scanhost_scanner_remote>();
  const scanhost_remote_scan scan = remoteScan();
  const std::string name = function;
  const auto entry = name == "pause"    ? table.pause
                     : name == "resume" ? table.resume
                     : name == "stop"   ? table.stop
                                        : table.remove;
  return call(function,
              [&](const scanhost_call* abi) { return entry(instance_.self(), abi, &scan); });
}

Outcome ScanJob::collect(ScanSink& sink, const std::function<void(CheckCall&)>& on_call) {
  const auto& table = instance_.table<scanhost_scanner_remote>();
  const scanhost_remote_scan scan = remoteScan();
  return call(
      "collect",
      [&](const scanhost_call* abi) {
        return table.collect(instance_.self(), abi, &scan, sink.abi());
      },
      on_call);
}

Outcome ScanJob::follow(std::chrono::milliseconds pause, int most_polls) {
  for (int polls = 0; polls < most_polls; ++polls) {
    std::optional<ToldState> state;
    const Outcome outcome = poll(state);
    if (!outcome.ok() || (state && hasEnded(state->state))) return outcome;
    std::this_thread::sleep_for(pause);
  }
  throw Breach("the scan had not ended after " + std::to_string(most_polls) + " polls",
               "the state in which the recording ends", "tell a scan that completed as COMPLETED");
}

}  // namespace scanhost::conformance
