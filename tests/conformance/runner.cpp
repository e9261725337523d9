// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/runner.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <optional>
#include <sstream>

namespace scanhost::conformance {
namespace {

constexpr int limit_s = 120;  ///< for one case
constexpr std::size_t most_output = 4096;
constexpr rlim_t most_file_bytes = 1u << 30;
/// Not a case: whether an instance starts with the settings that were given.
constexpr const char* start_probe = "start";

/// How a case went.
struct Report {
  std::string result;  ///< "passed", "failed" or "skipped"
  std::string found, expected, remedy;
  std::string why;  ///< it was skipped
  double seconds = 0;
};

/// Text of the plugin's must not steer the reader's terminal.
std::string printable(std::string text) {
  for (char& c : text)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7F) c = '?';
  return text;
}

std::string indented(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "            ";
  }
  return out;
}

std::string quoted(const std::string& word) {
  const bool plain =
      !word.empty() &&
      word.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+=:,") ==
          std::string::npos;
  if (plain) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string againLine(const RunOptions& options, const std::string& id) {
  std::string line = "scanhost-plugin check " + quoted(options.file) + " --only " + id;
  if (options.settings != "{}") line += " --config " + quoted(options.settings);
  if (!options.recording.empty()) line += " --recording " + quoted(options.recording);
  if (options.seed != 1) line += " --seed " + std::to_string(options.seed);
  return line;
}

void writeLine(int fd, const Json& json) {
  const std::string line = json.dump() + "\n";
  [[maybe_unused]] const ssize_t written = write(fd, line.data(), line.size());
}

Report runHere(const Case& one, Subject& subject) {
  Report report;
  try {
    one.run(subject);
    report.result = "passed";
  } catch (const Breach& breach) {
    report = {"failed", breach.found(), breach.expected(), breach.remedy(), "", 0};
  } catch (const Skipped& skipped) {
    report.result = "skipped";
    report.why = skipped.what();
  } catch (const std::exception& error) {
    report = {"failed",
              std::string("the check itself ended with: ") + error.what(),
              "no exception",
              "see the line above",
              "",
              0};
  }
  return report;
}

SubjectOptions subjectOptions(const RunOptions& options) {
  SubjectOptions subject;
  subject.file = options.file;
  subject.settings = Json::parse(options.settings);
  subject.seed = options.seed;
  subject.recording = options.recording;
  return subject;
}

/// The child's side: one case, told to `report_fd`.
int runAsChild(const RunOptions& options, const Inspection& inspection, const Case& one) {
  SubjectOptions subject_options = subjectOptions(options);
  const int fd = options.report_fd;
  subject_options.on_step = [fd](const std::string& step) {
    writeLine(fd, Json::object({{"step", step}}));
  };
  Subject subject(std::move(subject_options), inspection);
  subject.playRecording();
  const Report report = runHere(one, subject);
  writeLine(fd, Json::object({{"result", report.result},
                              {"found", report.found},
                              {"expected", report.expected},
                              {"remedy", report.remedy},
                              {"why", report.why}}));
  std::fflush(nullptr);
  // Static destructors of the plugin are not under check here: the daemon leaves the same way.
  _exit(0);
}

std::string contentsOf(int fd, std::size_t most) {
  const off_t size = lseek(fd, 0, SEEK_END);
  const off_t from = std::max<off_t>(0, size - static_cast<off_t>(most));
  std::string text(static_cast<std::size_t>(size - from), '\0');
  const ssize_t count = pread(fd, text.data(), text.size(), from);
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

/// The words of the child's command line.
std::vector<std::string> childWords(const RunOptions& options, const std::string& id) {
  std::vector<std::string> words = {
      "/proc/self/exe", options.file, "--config", options.settings,
      "--only",         id,           "--seed",   std::to_string(options.seed),
      "--report-fd",    "3"};
  if (!options.recording.empty()) {
    words.push_back("--recording");
    words.push_back(options.recording);
  }
  return words;
}

pid_t startChild(const RunOptions& options, const std::string& id, int report, int output) {
  std::vector<std::string> words = childWords(options, id);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child != 0) return child;
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit file_limit{most_file_bytes, most_file_bytes};
  setrlimit(RLIMIT_FSIZE, &file_limit);
  const rlimit core_limit{0, 0};
  setrlimit(RLIMIT_CORE, &core_limit);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  dup2(report, 3);
  fcntl(3, F_SETFD, 0);
  close_range(4, ~0u, 0);
  execv(arguments[0], arguments.data());
  _exit(127);
}

/// Waits for the child's end; nothing when it had to be killed.
std::optional<int> awaitChild(pid_t child) {
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  pollfd watched{fd, POLLIN, 0};
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(limit_s);
  int ready = 0;
  do {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    ready = poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
  } while (ready < 0 && errno == EINTR);
  close(fd);
  // The group, for a plugin may have started something that outlives it.
  kill(-child, SIGKILL);
  if (ready <= 0) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (ready <= 0) return std::nullopt;
  return status;
}

Report reportOf(const std::string& lines, const std::string& output, std::optional<int> status) {
  std::istringstream in(lines);
  std::string last_step = "beginning";
  for (std::string line; std::getline(in, line);) {
    const auto json = Json::tryParse(line);
    if (!json) continue;
    if ((*json)["step"].isString()) last_step = (*json)["step"].asString();
    if (!(*json)["result"].isString()) continue;
    Report report;
    report.result = (*json)["result"].asString();
    report.found = (*json)["found"].asString();
    report.expected = (*json)["expected"].asString();
    report.remedy = (*json)["remedy"].asString();
    report.why = (*json)["why"].asString();
    return report;
  }
  std::string found;
  if (!status)
    found = "it was not over after " + std::to_string(limit_s) + " s";
  else if (WIFSIGNALED(*status))
    found = std::string("its process died of signal ") + std::to_string(WTERMSIG(*status)) + " (" +
            strsignal(WTERMSIG(*status)) + ")";
  else
    found = "its process ended with code " + std::to_string(WEXITSTATUS(*status));
  found += ", last at: " + last_step;
  if (!output.empty()) found += "\nit said: " + output;
  return {"failed",
          std::move(found),
          "a case that comes to its end",
          "run the line below with --in-process in a debugger",
          "",
          0};
}

Report runInChild(const RunOptions& options, const std::string& id) {
  const auto begun = std::chrono::steady_clock::now();
  const int report_fd = memfd_create("report", MFD_CLOEXEC);
  const int output_fd = memfd_create("output", MFD_CLOEXEC);
  const pid_t child = startChild(options, id, report_fd, output_fd);
  Report report;
  if (child < 0) {
    report = {"failed", "no process can be started", "one for each case", "free some memory", "",
              0};
  } else {
    const std::optional<int> status = awaitChild(child);
    report = reportOf(contentsOf(report_fd, 1u << 20), contentsOf(output_fd, most_output), status);
  }
  close(report_fd);
  close(output_fd);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return report;
}

/// Throws Breach when an instance does not start, and says why.
Case startCase() {
  Case probe;
  probe.id = start_probe;
  probe.run = [](Subject& subject) {
    for (const std::string& id : subject.interfaces()) {
      CheckHost host({}, subject.programs);
      Instance instance(subject, host, id);
      for (const Outcome& outcome :
           {instance.create(), instance.self() ? instance.start() : Outcome()})
        if (!outcome.ok() && outcome.error && !outcome.error->message.empty())
          throw Breach(outcome.error->message, "", "");
    }
  };
  return probe;
}

bool matches(const std::string& id, const std::string& filter) {
  std::istringstream patterns(filter);
  for (std::string pattern; std::getline(patterns, pattern, ':');)
    if (fnmatch(pattern.c_str(), id.c_str(), 0) == 0) return true;
  return false;
}

std::string obligationText(const Case& one) {
  std::string text;
  for (const std::string& number : one.obligations) text += (text.empty() ? "" : ", ") + number;
  return text;
}

/// Tells the cases one by one, and their sum at the end.
class Telling {
 public:
  Telling(const RunOptions& options, const Inspection& inspection)
      : options_(options), inspection_(inspection) {}

  void tell(const Case& one, const Report& report) {
    if (report.result == "passed") ++passed_;
    if (report.result == "failed") ++failed_;
    if (report.result == "skipped") ++skipped_;
    if (options_.as_json)
      document_.push(asJson(one, report));
    else
      print(one, report);
  }

  int end() const {
    if (options_.as_json)
      std::cout << Json::object({{"file", options_.file},
                                 {"sha256", inspection_.sha256},
                                 {"name", inspection_.manifest.name},
                                 {"version", inspection_.manifest.version},
                                 {"seed", options_.seed},
                                 {"checks", document_},
                                 {"passed", passed_},
                                 {"failed", failed_},
                                 {"skipped", skipped_}})
                       .dump()
                << "\n";
    else
      std::printf("%zu passed, %zu failed%s\n", passed_, failed_,
                  skipped_ == 0 ? "" : (", " + std::to_string(skipped_) + " skipped").c_str());
    return failed_ == 0 ? all_passed : some_failed;
  }
  bool hasFailed() const { return failed_ > 0; }

 private:
  Json asJson(const Case& one, const Report& report) const {
    Json obligations = Json::array();
    for (const std::string& number : one.obligations) obligations.push(number);
    Json json = Json::object({{"id", one.id},
                              {"promise", one.promise},
                              {"obligations", obligations},
                              {"result", report.result},
                              {"seconds", report.seconds}});
    if (report.result == "skipped") json["why"] = report.why;
    if (report.result != "failed") return json;
    json["found"] = report.found;
    json["expected"] = report.expected;
    json["remedy"] = report.remedy;
    json["again"] = againLine(options_, one.id);
    return json;
  }

  void print(const Case& one, const Report& report) const {
    if (report.result == "passed" && options_.verbose)
      std::printf("passed  %s  %s\n", one.id.c_str(), one.promise.c_str());
    if (report.result == "skipped" && options_.verbose)
      std::printf("skipped %s  %s\n", one.id.c_str(), printable(report.why).c_str());
    if (report.result != "failed") return;
    const std::string numbers = obligationText(one);
    std::printf(
        "FAILED %s\n  promise:  %s%s\n  found:    %s\n  expected: %s\n  remedy:   %s\n"
        "  again: %s\n\n",
        one.id.c_str(), one.promise.c_str(), numbers.empty() ? "" : (" (" + numbers + ")").c_str(),
        indented(printable(report.found)).c_str(), printable(report.expected).c_str(),
        printable(report.remedy).c_str(), againLine(options_, one.id).c_str());
    std::fflush(stdout);
  }

  const RunOptions& options_;
  const Inspection& inspection_;
  Json document_ = Json::array();
  std::size_t passed_ = 0, failed_ = 0, skipped_ = 0;
};

void list(const std::vector<const Case*>& cases, bool as_json) {
  Json document = Json::array();
  for (const Case* one : cases) {
    if (!as_json) {
      std::printf("%s  %s%s\n", one->id.c_str(), one->promise.c_str(),
                  one->obligations.empty() ? "" : (" (" + obligationText(*one) + ")").c_str());
      continue;
    }
    Json obligations = Json::array();
    for (const std::string& number : one->obligations) obligations.push(number);
    document.push(
        Json::object({{"id", one->id}, {"promise", one->promise}, {"obligations", obligations}}));
  }
  if (as_json) std::cout << document.dump() << "\n";
}

int complain(const std::string& message) {
  std::fprintf(stderr, "scanhost-plugin check: %s\n", printable(message).c_str());
  return not_checked;
}

int runAll(const RunOptions& options, const Inspection& inspection,
           const std::vector<const Case*>& cases) {
  Telling telling(options, inspection);
  std::string refused;  ///< why nothing more can be run
  bool is_started = false;
  for (const Case* one : cases) {
    Report report;
    if (!refused.empty()) {
      report.result = "skipped";
      report.why = refused;
      telling.tell(*one, report);
      continue;
    }
    if (one->starts && !is_started) {
      is_started = true;
      const Report start = runInChild(options, start_probe);
      if (start.result == "failed" && start.expected.empty())
        return complain("it does not start with these settings: " + start.found);
    }
    report = runInChild(options, one->id);
    telling.tell(*one, report);
    if (one->is_gate && report.result == "failed") refused = "a host would refuse it: " + one->id;
  }
  return telling.end();
}

}  // namespace

int runChecks(const RunOptions& options, const Inspection& inspection,
              const std::vector<Case>& all) {
  const Case probe = startCase();
  std::vector<const Case*> cases;
  for (const Case& one : all) {
    const bool applies =
        one.interface_ids.empty() ||
        std::any_of(one.interface_ids.begin(), one.interface_ids.end(), [&](const auto& id) {
          return inspection.manifest.findProvided(id) != nullptr;
        });
    if (!applies) continue;
    const bool wanted =
        options.only.empty() ? matches(one.id, options.filter) : one.id == options.only;
    if (wanted) cases.push_back(&one);
  }
  if (options.only == start_probe) cases = {&probe};
  if (cases.empty())
    return complain(options.only.empty() ? "no case is named like " + options.filter
                                         : "there is no case " + options.only +
                                               " for this plugin; --list names all");
  if (options.list) {
    list(cases, options.as_json);
    return all_passed;
  }
  if (options.report_fd >= 0) return runAsChild(options, inspection, *cases.front());
  if (options.in_process) {
    Subject subject(subjectOptions(options), inspection);
    subject.playRecording();
    Telling telling(options, inspection);
    telling.tell(*cases.front(), runHere(*cases.front(), subject));
    return telling.end();
  }
  return runAll(options, inspection, cases);
}

}  // namespace scanhost::conformance
