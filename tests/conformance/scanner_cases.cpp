// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Scanners against what was recorded of their backend or program, as it was and with faults.
#include <algorithm>
#include <memory>
#include <thread>

#include "tests/conformance/check_case.h"
#include "tests/conformance/process_state.h"
#include "tests/conformance/program_replay.h"
#include "tests/conformance/scan_job.h"

namespace scanhost::conformance {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t most_points = 24;  ///< of a scan at which something is tried
constexpr std::uint64_t fault_rounds = 12;
constexpr std::chrono::seconds fault_timeout{6};

bool isRemote(const Subject& subject) {
  return subject.provides(SCANHOST_SCANNER_REMOTE_ID);
}

std::string interfaceOf(const Subject& subject) {
  return isRemote(subject) ? SCANHOST_SCANNER_REMOTE_ID : SCANHOST_SCANNER_LOCAL_ID;
}

void mustHaveWhatToScanWith(const Subject& subject) {
  const Recording* recording = subject.recording();
  if (isRemote(subject) && !subject.backend())
    throw Skipped(
        "give --recording FILE, made with `scanhost-plugin record`, and ${backend} in --config");
  const bool runs_programs =
      std::any_of(subject.manifest().needs.begin(), subject.manifest().needs.end(),
                  [](const auto& need) { return need.service_id == SCANHOST_PROCESS_ID; });
  if (!isRemote(subject) && runs_programs && (!recording || recording->runs.empty()))
    throw Skipped(
        "give --recording FILE with a run of its program, made with `scanhost-plugin record`");
}

/// A scanner with a scan whose results can be asked for, again and again.
class Reporter {
 public:
  explicit Reporter(Subject& subject) : host_({}, subject.programs) {
    mustHaveWhatToScanWith(subject);
    instance_ = std::make_unique<Instance>(subject, host_, interfaceOf(subject));
    instance_->work();
    job_ = std::make_unique<ScanJob>(*instance_);
    is_remote_ = isRemote(subject);
    if (!is_remote_) return;
    const std::string remedy = "answer what was recorded as its backend's answers";
    mustDo(job_->prepare(), remedy);
    mustDo(job_->start(), remedy);
    mustDo(job_->follow(), remedy);
  }

  Outcome report(ScanSink& sink, const std::function<void(CheckCall&)>& on_call = {}) {
    return is_remote_ ? job_->collect(sink, on_call) : job_->scan(sink, on_call);
  }
  Transcript& transcript() { return host_.transcript(); }
  Instance& instance() { return *instance_; }

 private:
  CheckHost host_;
  std::unique_ptr<Instance> instance_;
  std::unique_ptr<ScanJob> job_;
  bool is_remote_ = false;
};

void mustKeep(Transcript& transcript, const std::vector<std::string>& obligations,
              const std::string& expected, const std::string& remedy) {
  const std::vector<std::string> found = transcript.misuses(obligations);
  if (!found.empty()) throw Breach(joined(found), expected, remedy);
}

void describesItself(Subject& subject) {
  struct Told {
    int times = 0;
    std::string url;
    std::uint64_t capabilities = 0;
  } told;
  const scanhost_scanner_sink sink{
      sizeof sink, 0, &told,
      [](void* context, const scanhost_scanner_description* description) {
        auto& self = *static_cast<Told*>(context);
        ++self.times;
        self.url = toString(description->url);
        self.capabilities = description->capabilities;
      },
      [](void*, const scanhost_scanner_health*) {}};
  CheckHost host({}, subject.programs);
  Instance instance(subject, host, interfaceOf(subject));
  instance.work();
  const Outcome outcome = instance.call("describe", [&](const scanhost_call* call) {
    return instance.table<scanhost_scanner>().describe(instance.self(), call, &sink);
  });
  mustDo(outcome, "describe answers from memory and cannot fail");
  if (told.times != 1)
    throw Breach("describe told " + std::to_string(told.times) + " descriptions", "one",
                 "call sink->description once");
  if (outcome.took > milliseconds(200))
    throw Breach("describe took longer than 200 ms", "an answer from memory",
                 "ask the backend in self_test instead");
  if (told.url.find('@') != std::string::npos)
    throw Breach("the url it describes holds an '@'", "an address without a login",
                 "leave user and password out of it");
}

void reportsOnce(Subject& subject) {
  Reporter reporter(subject);
  ScanSink sink(reporter.transcript(), {});
  mustDo(reporter.report(sink), "read what was recorded");
  if (sink.summaries() != 1)
    throw Breach("it told " + std::to_string(sink.summaries()) + " summaries", "one, last",
                 "end a report that was read to its end with sink->summary");
  if (!sink.complete())
    throw Breach("the summary of the recording is not complete",
                 "complete: nothing is missing in it",
                 "say complete when all that was asked for was tested and told");
  mustKeep(reporter.transcript(),
           {"SH-P-03", "SH-P-04", "SH-P-06", "SH-P-07", "SH-P-72", "SH-P-73", "SH-P-74"},
           "records within the sink's bounds, and one summary, last",
           "docs/reference/abi.md 5.2 says what a sink takes");
}

/// Up to most_points numbers from 1 to `calls`, spread evenly, both ends among them.
std::vector<std::size_t> points(std::size_t calls) {
  std::vector<std::size_t> all;
  const std::size_t count = std::min(calls, most_points);
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(count < 2 ? 1 : 1 + i * (calls - 1) / (count - 1));
  return all;
}

std::size_t callsOf(Reporter& reporter) {
  ScanSink sink(reporter.transcript(), {.max_batch = 1});
  mustDo(reporter.report(sink), "read what was recorded");
  return sink.calls();
}

void stopsWhenCancelled(Subject& subject) {
  Reporter reporter(subject);
  const std::size_t calls = callsOf(reporter);
  for (const std::size_t point : points(calls)) {
    subject.step("cancelling it at record " + std::to_string(point));
    CheckCall* call = nullptr;
    std::chrono::steady_clock::time_point cancelled;
    ScanSink sink(reporter.transcript(), {.max_batch = 1, .on_call = [&](std::size_t number) {
                                            if (number == point) {
                                              cancelled = std::chrono::steady_clock::now();
                                              call->cancel();
                                            }
                                            // Whoever goes on regardless is held up, so that it
                                            // shows.
                                            if (number > point)
                                              std::this_thread::sleep_for(milliseconds(250));
                                            return SCANHOST_OK;
                                          }});
    const Outcome outcome = reporter.report(sink, [&](CheckCall& made) { call = &made; });
    if (std::chrono::steady_clock::now() - cancelled > milliseconds(2000))
      throw Breach("cancelled at record " + std::to_string(point) + " of " + std::to_string(calls) +
                       ", it told " + std::to_string(sink.calls() - point) + " more in over 2 s",
                   "an end within a second or two", "look at is_cancelled between records");
    if (!outcome.ok() && outcome.status != SCANHOST_ERROR_CANCELLED)
      throw Breach("cancelled at record " + std::to_string(point) + ", " + outcome.text(),
                   "cancelled", "answer SCANHOST_ERROR_CANCELLED when is_cancelled says so");
  }
}

void passesARefusalOn(Subject& subject) {
  Reporter reporter(subject);
  for (const std::size_t point : points(callsOf(reporter))) {
    subject.step("refusing record " + std::to_string(point));
    ScanSink sink(reporter.transcript(), {.max_batch = 1, .on_call = [&](std::size_t number) {
                                            return number == point ? SCANHOST_ERROR_BUSY
                                                                   : SCANHOST_OK;
                                          }});
    const Outcome outcome = reporter.report(sink);
    if (outcome.status != SCANHOST_ERROR_BUSY)
      throw Breach(
          "the sink answered busy at record " + std::to_string(point) + ", and " + outcome.text(),
          "busy: what the sink answered", "return the sink's answer as it is");
  }
  mustKeep(reporter.transcript(), {"SH-P-05"}, "no call of a sink that refused",
           "return the sink's answer at once");
}

void mustTellAsMuch(const ScanSink& all, const ScanSink& some, const std::string& how) {
  if (all.findings() != some.findings() || all.hosts() != some.hosts())
    throw Breach(how + " it told " + std::to_string(some.findings()) + " findings and " +
                     std::to_string(some.hosts()) + " hosts, and " +
                     std::to_string(all.findings()) + " and " + std::to_string(all.hosts()) +
                     " before",
                 "the same", "lose nothing for a sink that is slow or narrow");
}

void waitsForASlowSink(Subject& subject) {
  Reporter reporter(subject);
  ScanSink quick(reporter.transcript(), {.max_batch = 1});
  mustDo(reporter.report(quick), "read what was recorded");
  ScanSink slow(reporter.transcript(), {.max_batch = 1, .on_call = [](std::size_t number) {
                                          if (number <= 40)
                                            std::this_thread::sleep_for(milliseconds(20));
                                          return SCANHOST_OK;
                                        }});
  mustDo(reporter.report(slow), "wait for a sink that takes its time");
  mustTellAsMuch(quick, slow, "to a slow sink");
}

void keepsToNarrowBounds(Subject& subject) {
  Reporter reporter(subject);
  ScanSink wide(reporter.transcript(), {});
  mustDo(reporter.report(wide), "read what was recorded");
  ScanSink narrow(reporter.transcript(), {.max_batch = 1, .max_text = 64});
  mustDo(reporter.report(narrow), "keep to the bounds of the sink");
  mustTellAsMuch(wide, narrow, "with max_batch 1 and max_text 64");
  mustKeep(reporter.transcript(), {"SH-P-03", "SH-P-73"}, "records within the sink's bounds",
           "cut a text at a character and name it in truncated");
}

void keepsIdentities(Subject& subject) {
  Reporter reporter(subject);
  ScanSink first(reporter.transcript(), {}), second(reporter.transcript(), {});
  mustDo(reporter.report(first), "read what was recorded");
  mustDo(reporter.report(second), "read what was recorded");
  for (const std::string& one : first.identities())
    if (!second.identities().count(one))
      throw Breach("a finding (" + one + ") is another when it is read again",
                   "the same check_id and check_key from scan to scan",
                   "put no time, number or id of the scan into them");
}

void reportsManyAtOnce(Subject& subject) {
  const std::uint32_t many = std::min<std::uint32_t>(subject.manifest().max_parallel, 4);
  if (many < 2) throw Skipped("its manifest says max_parallel: 1");
  Reporter reporter(subject);
  ScanSink alone(reporter.transcript(), {});
  mustDo(reporter.report(alone), "read what was recorded");
  std::vector<std::string> failures(many);
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < many; ++i)
    threads.emplace_back([&, i] {
      ScanSink sink(reporter.transcript(), {});
      const Outcome outcome = reporter.report(sink);
      if (!outcome.ok())
        failures[i] = outcome.text();
      else if (sink.findings() != alone.findings())
        failures[i] = "it told " + std::to_string(sink.findings()) + " findings, alone " +
                      std::to_string(alone.findings());
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& failure : failures)
    if (!failure.empty())
      throw Breach(std::to_string(many) + " at once: " + failure, "each as if it were alone",
                   "share nothing between calls that a lock does not guard, or lower max_parallel");
}

void keepsCredentialsToItself(Subject& subject) {
  mustHaveWhatToScanWith(subject);
  const std::string canary = "canaryQ8vX2mLp7";
  std::vector<std::string> seen;
  const ProgramRunner plain = subject.programs;
  ProgramRunner watched;
  if (plain)
    watched = [&](const scanhost_call* call, const scanhost_process_spec* spec,
                  scanhost_process_end* end) {
      for (const std::string& argument : toStrings(spec->arguments))
        if (argument.find(canary) != std::string::npos) seen.push_back("a program's argument");
      return plain(call, spec, end);
    };
  CheckHost host({}, watched);
  const CapturedOutput output;
  Instance instance(subject, host, interfaceOf(subject));
  instance.work();
  ScanJob job(instance);
  job.useCredential(canary);
  ScanSink sink(host.transcript(), {});
  if (isRemote(subject)) {
    if (job.prepare().ok() && job.start().ok()) job.follow();
  } else {
    job.scan(sink);
  }
  for (std::string& place : host.transcript().placesOf(canary)) seen.push_back(std::move(place));
  if (output.text().find(canary) != std::string::npos) seen.push_back("standard output");
  if (!seen.empty())
    throw Breach("the login's password stands in " + joined(seen), "it stands nowhere",
                 "hand it over by standard input or the backend's own channel");
}

// Faults. ------------------------------------------------------------------------------------

[[noreturn]] void faultBreach(std::uint64_t seed, const std::string& fault,
                              const std::string& found, const std::string& expected,
                              const std::string& remedy) {
  throw Breach("with seed " + std::to_string(seed) + " (" + fault + "): " + found, expected,
               remedy);
}

void survivesBrokenPrograms(Subject& subject) {
  mustHaveWhatToScanWith(subject);
  const Recording* recording = subject.recording();
  if (!recording || recording->runs.empty()) throw Skipped("it runs no program");
  std::size_t whole = 0;
  {
    Reporter reporter(subject);
    ScanSink sink(reporter.transcript(), {});
    mustDo(reporter.report(sink), "read what was recorded");
    whole = sink.findings() + sink.hosts();
  }
  for (std::uint64_t round = 0; round < fault_rounds; ++round) {
    const std::uint64_t seed = subject.options().seed + round;
    const ProgramFault fault = ProgramFault::draw(seed);
    subject.step("a scan in which " + fault.text() + " (seed " + std::to_string(seed) + ")");
    CheckHost host({}, replayPrograms(*recording, fault));
    Instance instance(subject, host, interfaceOf(subject));
    instance.work();
    ScanJob job(instance, fault_timeout);
    ScanSink sink(host.transcript(), {});
    const Outcome outcome = job.scan(sink);
    const bool loses = fault.kind == ProgramFault::Kind::cut ||
                       fault.kind == ProgramFault::Kind::silent ||
                       fault.kind == ProgramFault::Kind::signal;
    if (outcome.ok() && sink.complete() && loses && sink.findings() + sink.hosts() < whole)
      faultBreach(
          seed, fault.text(),
          "the scan passes for complete with " + std::to_string(sink.findings()) + " findings",
          "an error, or a summary that is not complete",
          "say complete only after the program's own mark of success");
    if (const auto silent = host.transcript().misuses({"SH-P-19", "SH-P-20", "SH-P-22"});
        !silent.empty())
      faultBreach(seed, fault.text(), joined(silent), "an error with a class and a message",
                  "throw PluginError");
  }
}

/// A launch from prepare to remove, up to the first failure.
struct Launch {
  std::vector<Outcome> outcomes;
  std::size_t findings = 0;
  bool complete = false;
  const Outcome& last() const { return outcomes.back(); }
};

Launch launch(Subject& subject, CheckHost& host) {
  Instance instance(subject, host, SCANHOST_SCANNER_REMOTE_ID);
  instance.work();
  ScanJob job(instance, fault_timeout);
  ScanSink sink(host.transcript(), {});
  Launch result;
  std::vector<ToldState> states;
  const auto step = [&](const Outcome& outcome) {
    result.outcomes.push_back(outcome);
    return outcome.ok();
  };
  const bool whole = step(job.prepare()) && step(job.find(states)) && step(job.start()) &&
                     step(job.follow()) && step(job.collect(sink)) && step(job.control("remove"));
  result.findings = sink.findings();
  result.complete = whole && sink.complete();
  return result;
}

void launchesOnce(Subject& subject) {
  mustHaveWhatToScanWith(subject);
  CheckHost host({}, subject.programs);
  Instance instance(subject, host, SCANHOST_SCANNER_REMOTE_ID);
  instance.work();
  ScanJob job(instance);
  const std::string remedy = "answer what was recorded as its backend's answers";
  mustDo(job.prepare(), remedy);
  if (job.reference().empty())
    throw Breach("prepare succeeded and wrote no reference", "a reference", "write it to the sink");
  mustDo(job.start(), remedy);
  if (job.runId().empty())
    throw Breach("start succeeded and wrote no run id", "the id of that run",
                 "write it to the sink: by it a second run is found");
  mustDo(job.follow(), remedy);
  std::vector<ToldState> states;
  mustDo(job.find(states), remedy);
  for (const ToldState& state : states)
    if (state.marker.rfind("[scanhost:", 0) != 0)
      throw Breach("find told a scan with marker \"" + state.marker + "\"",
                   "only scans that carry the marker that was asked for",
                   "compare the marker in the remote name with marker_prefix");
  const std::size_t before = subject.backend()->requests().size();
  const Outcome again = job.start();
  if (again.ok() || again.status != SCANHOST_ERROR_AMBIGUOUS)
    throw Breach("a start of a scan that has run: " + again.text(), "ambiguous, and no second run",
                 "ask for the scan's runs before starting it");
  const std::vector<std::string> requests = subject.backend()->requests();
  for (std::size_t i = before; i < requests.size(); ++i)
    if (isWrite(requests[i]))
      throw Breach("a start of a scan that has run sends " + requests[i], "no request that writes",
                   "ask for the scan's runs before starting it");
}

void repeatsHarmlessly(Subject& subject) {
  mustHaveWhatToScanWith(subject);
  CheckHost host({}, subject.programs);
  Instance instance(subject, host, SCANHOST_SCANNER_REMOTE_ID);
  instance.work();
  ScanJob job(instance);
  const std::string remedy = "a takeover repeats what its predecessor did: succeed again";
  mustDo(job.prepare(), remedy);
  mustDo(job.start(), remedy);
  mustDo(job.follow(), remedy);
  for (const char* function : {"stop", "stop", "remove", "remove"})
    mustDo(job.control(function), remedy);
}

void touchesOnlyItsOwn(Subject& subject) {
  mustHaveWhatToScanWith(subject);
  CheckHost host({}, subject.programs);
  Instance instance(subject, host, SCANHOST_SCANNER_REMOTE_ID);
  instance.work();
  ScanJob job(instance);
  mustDo(job.prepare(), "answer what was recorded as its backend's answers");
  const std::size_t before = subject.backend()->requests().size();
  job.pretendMarker("[scanhost:someone_elses_scan/1]");
  for (const char* function : {"pause", "resume", "stop", "remove"}) job.control(function);
  job.start();
  const std::vector<std::string> requests = subject.backend()->requests();
  for (std::size_t i = before; i < requests.size(); ++i)
    if (isWrite(requests[i]))
      throw Breach("for a scan that carries another marker it sends " + requests[i],
                   "no request that writes",
                   "read the scan's name and compare its marker before each change");
}

bool isOneOf(std::int32_t status, std::initializer_list<std::int32_t> classes) {
  return std::find(classes.begin(), classes.end(), status) != classes.end();
}

void mustBlameRightly(std::uint64_t seed, const BackendFault& fault, const Outcome& outcome,
                      bool faulty_write) {
  const bool launches = outcome.function == "prepare" || outcome.function == "start";
  if (fault.kind == BackendFault::Kind::busy && !isOneOf(outcome.status, {SCANHOST_ERROR_BUSY}))
    faultBreach(seed, fault.text(), outcome.text(), "busy, with the time that Retry-After names",
                "answer SCANHOST_ERROR_BUSY to HTTP 429");
  if (fault.kind == BackendFault::Kind::busy && outcome.error && outcome.error->retry_after_ns <= 0)
    faultBreach(seed, fault.text(), "busy without a time to wait", "retry_after_ns of Retry-After",
                "read the header Retry-After");
  if (launches && faulty_write && fault.hidesTheEffect() &&
      outcome.status != SCANHOST_ERROR_AMBIGUOUS)
    faultBreach(seed, fault.text(), outcome.text(), "ambiguous: the request may have been acted on",
                "after a write whose answer is lost, look for its effect or answer ambiguous");
  if (isOneOf(outcome.status, {SCANHOST_ERROR_AUTH, SCANHOST_ERROR_CONFIG, SCANHOST_ERROR_TARGET,
                               SCANHOST_ERROR_CANCELLED}))
    faultBreach(seed, fault.text(), outcome.text(), "a class that lets the host try again",
                "auth, config and target are for what no retry can help");
}

void survivesABrokenBackend(Subject& subject) {
  mustHaveWhatToScanWith(subject);
  std::size_t requests = 0, findings = 0;
  {
    CheckHost host({}, subject.programs);
    Backend& backend = subject.playBackend();
    const Launch whole = launch(subject, host);
    mustDo(whole.last(), "answer what was recorded as its backend's answers");
    requests = backend.requests().size();
    findings = whole.findings;
  }
  for (std::uint64_t round = 0; round < fault_rounds; ++round) {
    const std::uint64_t seed = subject.options().seed + round;
    const BackendFault fault = BackendFault::draw(seed, requests);
    subject.step("a launch in which " + fault.text() + " (seed " + std::to_string(seed) + ")");
    CheckHost host({}, subject.programs);
    Backend& backend = subject.playBackend(fault);
    const Launch result = launch(subject, host);
    const std::vector<std::string> seen = backend.requests();
    const bool faulty_write = fault.at < seen.size() && isWrite(seen[fault.at]);
    if (!result.last().ok()) mustBlameRightly(seed, fault, result.last(), faulty_write);
    if (result.complete && result.findings < findings)
      faultBreach(seed, fault.text(),
                  "the scan passes for complete with " + std::to_string(result.findings) + " of " +
                      std::to_string(findings) + " findings",
                  "an error, or a summary that is not complete",
                  "tell the summary after the whole report was read");
    if (const auto silent = host.transcript().misuses({"SH-P-19", "SH-P-20", "SH-P-22"});
        !silent.empty())
      faultBreach(seed, fault.text(), joined(silent), "an error with a class and a message",
                  "throw PluginError");
  }
}

}  // namespace

std::vector<Case> scannerCases() {
  const std::vector<std::string> both = {SCANHOST_SCANNER_LOCAL_ID, SCANHOST_SCANNER_REMOTE_ID};
  const std::vector<std::string> local = {SCANHOST_SCANNER_LOCAL_ID};
  const std::vector<std::string> remote = {SCANHOST_SCANNER_REMOTE_ID};
  return {
      {"scanner.describe",
       "It describes itself once, from memory and without a login.",
       {"SH-P-11"},
       describesItself,
       both},
      {"report.summary",
       "A report keeps to the sink's rules and ends with one summary.",
       {"SH-P-03", "SH-P-06", "SH-P-07", "SH-P-72", "SH-P-73"},
       reportsOnce,
       both},
      {"report.cancelled",
       "A report that is cancelled at any record ends soon after.",
       {"SH-P-14"},
       stopsWhenCancelled,
       both},
      {"report.refused",
       "What the sink refuses at any record comes back as it is.",
       {"SH-P-05"},
       passesARefusalOn,
       both},
      {"report.slow-sink", "A slow sink loses nothing.", {"SH-P-05"}, waitsForASlowSink, both},
      {"report.limits",
       "Batches and texts keep to narrow bounds.",
       {"SH-P-73"},
       keepsToNarrowBounds,
       both},
      {"report.identity",
       "A finding is the same when it is read again.",
       {"SH-P-74"},
       keepsIdentities,
       both},
      {"report.parallel",
       "Reports at once, as many as max_parallel allows, do not disturb one another.",
       {"SH-P-12", "SH-P-48"},
       reportsManyAtOnce,
       both},
      {"scanner.credentials",
       "A target's login appears in no event, error, argument or output.",
       {"SH-P-18", "SH-P-55", "SH-P-75"},
       keepsCredentialsToItself,
       both},
      {"local.faults",
       "A program that fails, stops, says too little or too much makes no complete scan.",
       {"SH-P-19", "SH-P-72", "SH-P-76"},
       survivesBrokenPrograms,
       local},
      {"remote.launch",
       "A launch gives a reference and a run id, and a second start is refused.",
       {"SH-P-70"},
       launchesOnce,
       remote},
      {"remote.repeated",
       "Stopping and removing are harmless when repeated.",
       {"SH-P-71"},
       repeatsHarmlessly,
       remote},
      {"remote.foreign",
       "A scan that carries another marker is not touched.",
       {"SH-P-69"},
       touchesOnlyItsOwn,
       remote},
      {"remote.faults",
       "A backend that drops, breaks, stalls or garbles an answer is told by its right class, in "
       "time.",
       {"SH-P-14", "SH-P-19", "SH-P-20", "SH-P-72", "SH-P-76"},
       survivesABrokenBackend,
       remote},
  };
}

}  // namespace scanhost::conformance
