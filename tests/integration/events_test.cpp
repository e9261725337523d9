// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The log's contract, event by event: a run that meets much of what can happen to scans writes
/// each of them, with the level and the fields that it promises.
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/integration/documents.h"
#include "tests/integration/rich_run.h"
#include "tests/integration/service.h"

namespace scanhost::integration {
namespace {

using testing::IsEmpty;

/// What joins an event with others: its task (with trace, pool, scanner), its trace, or neither.
enum class Joins { task, trace, nothing, task_or_trace, task_or_nothing };

/// `fields`: name:type, with s text, i whole number, n number, b boolean, a list; ? may be null.
struct Promise {
  const char* levels;
  Joins joins;
  const char* fields;
};

const std::map<std::string, Promise>& contract() {
  using enum Joins;
  static const char* const lease = "worker_id:s lease_epoch:i found_epoch:i?";
  static const char* const stop = "signal:s handed_back:i duration_ms:n";
  static const char* const circuit = "scanner_instance:s failures:i retry_at:s?";
  static const char* const plugin = "plugin:s version:s isolation:s";
  static const std::map<std::string, Promise> promises{
      {"system_initialized",
       {"info", nothing,
        "version:s node:s roles:a data_dir:s scanner_config:s queue:s results:s redis_url:s?"}},
      {"mcp_server_initialized", {"info", nothing, "path:s protocol_versions:a tools:a"}},
      {"tool_invocation", {"info", trace, "tool:s caller:s"}},
      {"tool_completed", {"info", trace, "tool:s status:s code:s? duration_ms:n"}},
      {"policy_decision", {"info warning", task_or_trace, "decision:s rule:s stage:s caller:s"}},
      {"task_created", {"info", task, "scan_type:s scanner_type:s status:s"}},
      {"scan_enqueued", {"info", task, "queue_position:i message:s"}},
      {"authenticated_scan_enqueued", {"info", task, "queue_position:i scan_type:s message:s"}},
      {"idempotent_replay", {"info", task, "caller:s"}},
      {"idempotency_conflict", {"warning", trace, "caller:s"}},
      {"task_dequeued", {"info", task, "worker_id:s attempt:i lease_epoch:i"}},
      {"lease_renewal_failed", {"warning", task, lease}},
      {"lease_lost", {"warning", task, lease}},
      {"task_taken_over", {"warning", task, "worker_id:s previous_worker:s lease_epoch:i"}},
      {"scan_state_transition", {"info", task, "from_state:s to_state:s lease_epoch:i reason:s"}},
      {"launch_intent_recorded", {"info", task, "attempt:i marker:s"}},
      {"scan_launched", {"info", task, "remote_ref:s?"}},
      {"launch_ambiguous", {"warning", task, "error_class:s error_message:s"}},
      {"scan_adopted", {"info", task, "remote_ref:s found_by:s"}},
      {"scan_polled", {"debug", task, "scanner_status:s progress:i next_poll_s:n"}},
      {"poll_failed", {"warning", task, "error_class:s error_message:s retry_s:n"}},
      {"scan_progress", {"info", task, "progress:i scanner_status:s"}},
      {"scan_timeout_approaching", {"warning", task, "elapsed_seconds:n timeout_threshold:n"}},
      {"scan_lost", {"error", task, "remote_ref:s"}},
      {"export_started", {"info", task, "bytes:i? duration_ms:n?"}},
      {"export_completed", {"info", task, "bytes:i duration_ms:n"}},
      {"results_parsed", {"info", task, "findings:i hosts:i duration_ms:n"}},
      {"validation_passed", {"info", task, "reason:s? warnings:a"}},
      {"validation_failed", {"error", task, "reason:s warnings:a"}},
      {"target_authentication_failed", {"warning", task, "hosts_failed:i hosts_answered:i"}},
      {"scan_completed",
       {"info", task,
        "duration_seconds:n vulnerabilities_found:i hosts_scanned:i authentication_status:s"}},
      {"scan_failed", {"error", task, "error_type:s error_message:s final_status:s attempt:i"}},
      {"scan_retry_scheduled", {"warning", task, "error_class:s attempt:i delay_s:n"}},
      {"task_dead_lettered", {"error", task, "error_class:s attempts:i"}},
      {"task_redriven", {"info", task, "caller:s attempt:i"}},
      {"dead_letters_purged", {"warning", trace, "caller:s count:i"}},
      {"cancel_requested", {"info", task, "caller:s"}},
      {"pause_requested", {"info", task, "caller:s"}},
      {"resume_requested", {"info", task, "caller:s"}},
      {"scan_cancelled", {"info", task, ""}},
      {"scan_paused", {"info", task, ""}},
      {"scan_resumed", {"info", task, ""}},
      {"scan_deleted", {"info", task, "caller:s remote:s"}},
      {"scanner_connection_failed",
       {"error", task_or_nothing,
        "scanner_type:s scanner_instance:s scanner_url:s error:s retry_attempt:i max_retries:i"}},
      {"authentication_failed",
       {"error", task_or_nothing,
        "scanner_type:s scanner_instance:s error_code:s error_message:s"}},
      {"circuit_opened", {"warning", nothing, circuit}},
      {"circuit_half_open", {"info", nothing, circuit}},
      {"circuit_closed", {"info", nothing, circuit}},
      {"stale_task_timed_out", {"warning", task, "age_hours:n"}},
      {"task_expired", {"info", task, "age_days:n"}},
      {"remote_scan_deleted", {"info", task, "remote_ref:s"}},
      {"housekeeping_completed",
       {"info", nothing, "expired:i stale:i remote_deleted:i duration_ms:n"}},
      {"config_reloaded", {"info", trace, "changed:a error:s?"}},
      {"config_reload_refused", {"error", trace, "changed:a? error:s"}},
      {"plugin_loaded", {"info", nothing, plugin}},
      {"plugin_stopped", {"info", nothing, plugin}},
      {"plugin_rejected", {"error", nothing, "file:s rule:s reason:s"}},
      {"plugin_crashed", {"error", nothing, "plugin:s signal:s restarts:i"}},
      {"plugin_restarted", {"info", nothing, "plugin:s signal:s restarts:i"}},
      {"client_authentication_failed", {"warning", trace, "remote_address:s reason:s"}},
      {"http_request", {"debug", trace, "method:s route:s code:i duration_ms:n"}},
      {"audit_appended", {"debug", trace, "sequence:i kind:s"}},
      {"audit_write_failed", {"error", trace, "error:s"}},
      {"health_check_performed",
       {"info debug", trace,
        "redis_healthy:b filesystem_healthy:b overall_status:s response_code:i"}},
      {"metrics_scraped",
       {"info debug", trace,
        "scrape_duration_ms:n metrics_count:i active_scans:i queue_depth:i dlq_size:i"}},
      {"events_dropped", {"warning", nothing, "exporter:s count:i"}},
      {"shutdown_started", {"info", nothing, stop}},
      {"drain_completed", {"info", nothing, stop}},
      {"shutdown_completed", {"info", nothing, stop}},
  };
  return promises;
}

/// What this run cannot bring about, and the test that looks at its fields.
const std::map<std::string, std::string>& coveredElsewhere() {
  static const std::map<std::string, std::string> files{
      {"events_dropped", "tests/integration/logs_test.cpp"},
      {"audit_write_failed", "host/app/audit_test.cpp"}};
  return files;
}

/// Events of a Nessus scan that there is: they carry its number.
bool knowsRemoteScan(const std::string& event) {
  static const std::set<std::string> events{"scan_launched",     "scan_polled",
                                            "scan_progress",     "export_started",
                                            "export_completed",  "results_parsed",
                                            "validation_passed", "validation_failed",
                                            "scan_completed",    "scan_adopted",
                                            "scan_lost",         "scan_paused",
                                            "scan_resumed",      "scan_timeout_approaching"};
  return events.contains(event);
}

bool isOfType(const Json& value, char type) {
  switch (type) {
    case 's': return value.isString();
    case 'i': return value.isInteger();
    case 'n': return value.isNumber();
    case 'b': return value.isBool();
    default: return value.isArray();
  }
}

bool isTrace(const Json& value) {
  static const std::regex uuid("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  return std::regex_match(value.asString(), uuid);
}

/// What is wrong with an event; empty when nothing is.
class Fault {
 public:
  explicit Fault(const Json& event) : event_(event) {}

  std::string find() {
    checkHead();
    const auto promise = contract().find(event_["event"].asString());
    if (promise != contract().end()) checkPromise(promise->second);
    return fault_;
  }

 private:
  void require(bool holds, const std::string& what) {
    if (!holds) fault_ += what + "; ";
  }
  void checkHead() {
    static const std::regex time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)");
    static const std::array<std::string, 5> head{"timestamp", "level", "component", "event",
                                                 "trace_id"};
    const Json::Object& members = event_.members();
    std::set<std::string> names;
    for (const auto& member : members)
      require(names.insert(member.first).second, member.first + " stands twice");
    require(members.size() >= head.size(), "no head");
    for (std::size_t i = 0; i < head.size() && i < members.size(); ++i)
      require(members[i].first == head[i], head[i] + " has another place");
    require(std::regex_match(event_["timestamp"].asString(), time), "timestamp");
    require(event_["trace_id"].isNull() || isTrace(event_["trace_id"]), "trace_id");
  }
  void checkPromise(const Promise& promise) {
    require(
        (" " + std::string(promise.levels) + " ").find(" " + event_["level"].asString() + " ") !=
            std::string::npos,
        "level " + event_["level"].asString());
    checkJoins(promise.joins);
    std::istringstream fields(promise.fields);
    for (std::string field; fields >> field;) {
      const std::size_t colon = field.find(':');
      const std::string name = field.substr(0, colon);
      const bool nullable = field.back() == '?';
      require(event_.has(name), name + " is missing");
      if (event_.has(name) && !(nullable && event_[name].isNull()))
        require(isOfType(event_[name], field[colon + 1]), name + " is " + event_[name].typeName());
    }
  }
  void checkJoins(Joins joins) {
    if (joins == Joins::task_or_trace) joins = event_.has("task_id") ? Joins::task : Joins::trace;
    if (joins == Joins::task_or_nothing)
      joins = event_.has("task_id") ? Joins::task : Joins::nothing;
    require(event_["trace_id"].isNull() == (joins == Joins::nothing), "trace_id");
    if (joins != Joins::task) return;
    require(event_["task_id"].isString(), "task_id");
    require(event_["scanner_pool"].isString(), "scanner_pool");
    require(event_.has("scanner_instance"), "scanner_instance");
    const std::string pool = event_["scanner_pool"].asString();
    if (knowsRemoteScan(event_["event"].asString()) && pool != "wild" && pool != "nmap")
      require(event_["nessus_scan_id"].isInteger(), "nessus_scan_id");
  }

  const Json& event_;
  std::string fault_;
};

bool isPlugins(const std::string& component) {
  return std::filesystem::exists(built("plugins/" + component + ".so")) ||
         component == "scanner-wild";
}

TEST(Events, AreWrittenAsPromisedInARunThatMeetsMuch) {
  std::istringstream lines(playRichRun().events);
  const auto events = documentedNames("Events"), components = documentedNames("Components");
  std::set<std::string> seen, reported;
  std::map<std::string, std::string> trace_of_task;
  for (std::string line; std::getline(lines, line);) {
    const auto event = Json::tryParse(line);
    ASSERT_TRUE(event) << line;
    const std::string name = (*event)["event"].asString();
    seen.insert(name);
    const std::string fault = Fault(*event).find();
    if (!fault.empty() && reported.insert(name + fault).second)
      ADD_FAILURE() << name << ": " << fault << "\n" << line;
    if (!events.contains(name) && reported.insert(name).second)
      ADD_FAILURE() << name << " does not stand in docs/reference/metrics-and-events.md";
    const std::string component = (*event)["component"].asString();
    if (!components.contains(component) && !isPlugins(component) &&
        reported.insert(component).second)
      ADD_FAILURE() << "component " << component << " does not stand in the documents";
    if (const std::string task = (*event)["task_id"].asString();
        !task.empty() && event->has("scanner_pool")) {
      const auto [known, added] = trace_of_task.emplace(task, (*event)["trace_id"].asString());
      if (name != "idempotent_replay" && known->second != (*event)["trace_id"].asString() &&
          reported.insert("trace" + name).second)
        ADD_FAILURE() << "another trace than its task's: " << line;
    }
  }

  std::vector<std::string> unseen;
  for (const auto& [name, promise] : contract())
    if (!seen.contains(name) && !coveredElsewhere().contains(name)) unseen.push_back(name);
  EXPECT_THAT(unseen, IsEmpty());
}

TEST(Events, ACallOfAToolThatThereIsNotIsToldOfAndCountedWithoutASeriesOfItsName) {
  const Service service({.scanners = nmapScanner("9")});
  client::Client client = service.client();
  const std::string counter = R"(nessus_api_requests_total{status="error",tool="other"})";
  EXPECT_EQ(service.metric(counter), 0);
  const std::string name = "drop\x1b[2J" + std::string(200, 'x');
  EXPECT_THROW(client.call_tool(name), client::ClientError);

  EXPECT_EQ(service.metric(counter), 1);
  for (int i = 0; i < 400 && service.events("tool_unknown").empty(); ++i) usleep(25'000);
  const auto told = service.events("tool_unknown");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["tool"].asString(), "drop\\x1b[2J" + std::string(56, 'x'));
  EXPECT_EQ(told[0]["caller"].asString(), "anonymous");
  EXPECT_FALSE(told[0]["trace_id"].isNull());
}

/// A scan that goes well, at the level of every day.
class PlainRun {
 public:
  std::string trace() const { return trace_; }
  std::string lines() const { return service_.allEvents(); }

 private:
  static std::string runOne(const Service& service) {
    client::Client client = service.client();
    const auto submitted = client.submit_scan("10.0.0.1", "LAN");
    waitForEnd(client, submitted.task_id);
    for (const char* path : {"/health", "/metrics"}) service.get(path);
    for (int i = 0; i < 400 && service.events("scan_completed").empty(); ++i) usleep(25'000);
    return client.get_status(submitted.task_id).json["trace_id"].asString();
  }

  testing_support::NessusSimulator nessus_{built("bin/nessus-simulator"),
                                           {"--scan-seconds", "0.4"}};
  Service service_{{.scanners = nessusScanner(nessus_)}};
  std::string trace_ = runOne(service_);
};

/// The events of that trace. How often progress is told depends on the time it takes, and the
/// answer to the submission overtakes the worker, or not.
std::vector<std::string> story(const std::string& lines, const std::string& trace) {
  static const std::regex name(R"re("event":"([a-z_]+)")re");
  std::vector<std::string> events;
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) {
    std::smatch found;
    if (line.find(trace) == std::string::npos || !std::regex_search(line, found, name) ||
        found[1] == "tool_completed" || (!events.empty() && events.back() == found[1]))
      continue;
    events.push_back(found[1]);
  }
  return events;
}

/// But for the one that other scanners' events do not have.
std::string namesOf(const Json& event) {
  std::string names;
  for (const auto& member : event.members())
    if (member.first != "nessus_scan_id") names += member.first + " ";
  return names;
}

std::vector<std::string> documents() {
  const std::filesystem::path project(SCANHOST_SOURCE_DIR);
  std::vector<std::string> files{"README.md"};
  for (const auto& file : std::filesystem::recursive_directory_iterator(project / "docs"))
    if (file.path().extension() == ".md")
      files.push_back(std::filesystem::relative(file.path(), project).string());
  return files;
}

TEST(Events, ThatTheDocumentsShowAreThoseOfARun) {
  const PlainRun run;
  std::map<std::string, Json> written;
  std::istringstream lines(run.lines());
  for (std::string line; std::getline(lines, line);) {
    Json event = Json::parse(line);
    const std::string name = event["event"].asString();
    written.emplace(name, std::move(event));
  }
  const std::string how_to = sourceText("docs/how-to/read-the-logs-and-metrics.md");
  EXPECT_EQ(story(how_to.substr(how_to.find("$ grep")), "\"event\":"),
            story(run.lines(), run.trace()));

  int shown = 0;
  for (const auto& document : documents()) {
    std::istringstream text(sourceText(document));
    for (std::string line; std::getline(text, line);) {
      if (!line.starts_with("{\"timestamp\"") || line.ends_with("...}")) continue;
      ++shown;
      const auto event = Json::tryParse(line);
      ASSERT_TRUE(event) << document << ": " << line;
      EXPECT_EQ(Fault(*event).find(), "") << line;
      const auto same = written.find((*event)["event"].asString());
      if (same == written.end()) continue;
      EXPECT_EQ(namesOf(*event), namesOf(same->second)) << same->second.dump();
    }
  }
  EXPECT_GT(shown, 5);
}

TEST(Events, ThatARunCannotBringAboutAreLookedAtByAnotherTest) {
  for (const auto& [name, file] : coveredElsewhere())
    EXPECT_NE(sourceText(file).find("\"" + name + "\""), std::string::npos) << name;
}

TEST(Events, AreOfTheComponentsThatTheDocumentsList) {
  const std::regex emitted(R"re(emit\(\s*[^;{"]*?Level::\w+[^;{"]*?"([a-z]+)")re");
  std::set<std::string> used;
  for (const auto& file :
       std::filesystem::recursive_directory_iterator(SCANHOST_SOURCE_DIR "/host")) {
    const std::string name = file.path().filename().string();
    if (!name.ends_with(".cpp") || name.ends_with("_test.cpp")) continue;
    const std::string text =
        sourceText(std::filesystem::relative(file.path(), SCANHOST_SOURCE_DIR));
    for (std::sregex_iterator it(text.begin(), text.end(), emitted), last; it != last; ++it)
      used.insert((*it)[1]);
  }
  used.insert("tasks");  // by way of TaskEvents
  EXPECT_EQ(used, documentedNames("Components"));
}

}  // namespace
}  // namespace scanhost::integration
