// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the scripted scanners share: they write down each call, and fail as a script says.
///
/// The folder is their backend as tests see it: `journal` gets a line for each call, and
/// `script.json` says how the calls go, by operation and order:
///
///     {"prepare": [{"class": "transient", "subject": "backend"}, {"acts": true, "sleep_ms": 500}]}
///
/// `class` fails the call, `acts` only after it did its work, `sleep_ms` delays its answer, and
/// `always` lets an entry stand for all calls after it. Calls without an entry go well.
#pragma once

#include <scanhost/scanner.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <string>
#include <thread>

class ScannerScript {
 public:
  explicit ScannerScript(std::string folder) : folder_(std::move(folder)) {}

  /// Plays one call: `act` is its work.
  template <class Act>
  void play(const std::string& operation, const std::string& about, scanhost::Call& call,
            Act&& act) {
    const scanhost::Json entry = next(operation, about);
    const bool acts = entry["acts"].asBool() || entry["class"].asString().empty();
    if (acts) act();
    sleep(entry["sleep_ms"].asInteger(), call);
    failAs(entry);
  }

 private:
  scanhost::Json next(const std::string& operation, const std::string& about) {
    const std::lock_guard lock(mutex_);
    std::ofstream(folder_ + "/journal", std::ios::app) << operation << ' ' << about << '\n';
    const std::size_t at = calls_[operation]++;
    std::ifstream in(folder_ + "/script.json");
    const std::string text(std::istreambuf_iterator<char>(in), {});
    if (text.empty()) return {};
    const scanhost::Json script = scanhost::Json::parse(text);
    const auto& entries = script[operation].items();
    if (at < entries.size()) return entries[at];
    if (!entries.empty() && entries.back()["always"].asBool()) return entries.back();
    return {};
  }

  static void sleep(std::int64_t ms, const scanhost::Call& call) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
    while (std::chrono::steady_clock::now() < until) {
      call.check();
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  static void failAs(const scanhost::Json& entry) {
    using scanhost::ErrorClass;
    using scanhost::ErrorSubject;
    static const std::map<std::string, ErrorClass> classes = {
        {"transient", ErrorClass::transient}, {"internal", ErrorClass::internal},
        {"busy", ErrorClass::busy},           {"auth", ErrorClass::auth},
        {"config", ErrorClass::config},       {"target", ErrorClass::target},
        {"lost", ErrorClass::lost},           {"ambiguous", ErrorClass::ambiguous},
        {"timeout", ErrorClass::timeout}};
    const auto found = classes.find(entry["class"].asString());
    if (found == classes.end()) return;
    const bool backend = entry["subject"].asString() == "backend";
    throw scanhost::PluginError(found->second, "as the script says",
                                backend ? ErrorSubject::backend : ErrorSubject::task,
                                std::chrono::milliseconds(entry["retry_ms"].asInteger()));
  }

  const std::string folder_;
  std::mutex mutex_;
  std::map<std::string, std::size_t> calls_;
};

/// One finding on one host, as a scan of that name has it: "malformed" breaks off, "silent" has no
/// host, "partial" says that it is not complete.
inline scanhost::Summary tellReport(const std::string& name, scanhost::FindingSink& sink) {
  const auto is = [&](const char* word) { return name.find(word) != std::string::npos; };
  scanhost::Summary summary;
  if (is("silent")) {
    summary.complete = true;
    return summary;
  }
  scanhost::FindingRecord finding;
  finding.host = "10.0.0.1";
  finding.check_id = "1";
  finding.check_name = "A check";
  finding.severity = scanhost::Severity::high;
  sink.emit(std::move(finding));
  if (is("malformed"))
    throw scanhost::PluginError(scanhost::ErrorClass::transient,
                                "xml_invalid: the report ends in the middle");
  sink.host({"10.0.0.1", true, 0, {}});
  summary.complete = !is("partial");
  summary.reason = is("partial") ? "it broke off" : "";
  summary.hosts_answered = 1;
  return summary;
}
