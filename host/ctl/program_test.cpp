// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanhostctl as a process: exit codes, formats, what goes to which stream.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <thread>

#include "host/ctl/child_program.h"
#include "sdk/client/testing/fake_mcp_server.h"

namespace scanhost::ctl {
namespace {

namespace fs = std::filesystem;
using client::testing::FakeMcpServer;
using client::testing::Fault;
using ::testing::HasSubstr;
using ::testing::Not;

struct Ended {
  int exit_code = -1;
  std::string out;
  std::string err;
};

std::string readAll(int descriptor) {
  std::string text;
  std::array<char, 4096> piece;
  for (;;) {
    const ssize_t got = ::read(descriptor, piece.data(), piece.size());
    if (got <= 0) break;  // a terminal whose other side is gone answers EIO
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  ::close(descriptor);
  return text;
}

int exitCodeOf(pid_t child) {
  int state = 0;
  ::waitpid(child, &state, 0);
  return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

class Program {
 public:
  explicit Program(std::string path = SCANHOST_CTL_PROGRAM) : path_(std::move(path)) {}

  Program& environment(const std::string& name, const std::string& value) {
    environment_[name] = value;
    return *this;
  }
  Program& input(std::string text) {
    input_ = std::move(text);
    return *this;
  }

  Ended run(const std::vector<std::string>& arguments) {
    start(arguments);
    return end();
  }

  void start(const std::vector<std::string>& arguments) {
    std::array<int, 2> in{}, out{}, err{};
    ASSERT_EQ(::pipe2(in.data(), O_CLOEXEC), 0);
    ASSERT_EQ(::pipe2(out.data(), O_CLOEXEC), 0);
    ASSERT_EQ(::pipe2(err.data(), O_CLOEXEC), 0);
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      ::dup2(err[1], STDERR_FILENO);
      execute(arguments);
    }
    for (const int end : {in[0], out[1], err[1]}) ::close(end);
    ASSERT_EQ(::write(in[1], input_.data(), input_.size()), static_cast<ssize_t>(input_.size()));
    ::close(in[1]);
    out_ = out[0];
    err_ = err[0];
  }

  Ended end() {
    Ended ended;
    std::thread errors([&] { ended.err = readAll(err_); });
    ended.out = readAll(out_);
    errors.join();
    ended.exit_code = exitCodeOf(child_);
    return ended;
  }

  pid_t pid() const { return child_; }

  /// With a terminal as all three streams.
  Ended runOnTerminal(const std::vector<std::string>& arguments) {
    int terminal = -1;
    child_ = ::forkpty(&terminal, nullptr, nullptr, nullptr);
    if (child_ == 0) execute(arguments);
    Ended ended;
    ended.out = readAll(terminal);
    ended.exit_code = exitCodeOf(child_);
    return ended;
  }

 private:
  void execute(const std::vector<std::string>& arguments) {
    for (const char* name : {"SCANHOST_URL", "SCANHOST_TOKEN", "MCP_SERVER_URL", "NO_COLOR"})
      ::unsetenv(name);
    for (const auto& [name, value] : environment_) ::setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> words = {path_.data()};
    std::vector<std::string> copies = arguments;
    for (std::string& word : copies) words.push_back(word.data());
    words.push_back(nullptr);
    ::execv(path_.c_str(), words.data());
    ::_exit(127);
  }

  std::string path_;
  std::map<std::string, std::string> environment_;
  std::string input_;
  pid_t child_ = -1;
  int out_ = -1;
  int err_ = -1;
};

Json task(const std::string& id, const std::string& status, int progress = 0) {
  return Json::object({{"task_id", id},
                       {"status", status},
                       {"name", "LAN"},
                       {"targets", "10.0.0.0/24"},
                       {"progress", progress},
                       {"scanner_pool", "nmap"}});
}

Json refusal(const std::string& code, int status_code) {
  return Json::object({{"error", "Refused"},
                       {"message", "Refused: because"},
                       {"code", code},
                       {"status_code", status_code},
                       {"hint", "do it \x1b[31mright"}});
}

class ProgramTest : public ::testing::Test {
 protected:
  ProgramTest() {
    folder_ = fs::temp_directory_path() /
              ("scanhostctl-" + std::to_string(::getpid()) + "-" +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_);
    const auto submitted = [](const Json&) {
      return Json::object({{"task_id", "t1"},
                           {"status", "queued"},
                           {"scanner_pool", "nmap"},
                           {"queue_position", 1},
                           {"message", "Scan enqueued successfully"}});
    };
    server_.setTool("run_untrusted_scan", submitted);
    server_.setTool("run_authenticated_scan", submitted);
    server_.setTool("get_scan_status", [](const Json&) { return task("t1", "completed", 100); });
    server_.setTool("list_tasks", [](const Json&) {
      return Json::object({{"tasks", Json::array()}, {"total", 0}, {"next_cursor", nullptr}});
    });
  }
  ~ProgramTest() override { fs::remove_all(folder_); }

  Program program() {
    Program program;
    program.environment("SCANHOST_URL", server_.url());
    return program;
  }

  Ended run(const std::vector<std::string>& arguments) { return program().run(arguments); }

  std::string file(const std::string& name, const std::string& content) {
    const fs::path path = folder_ / name;
    std::ofstream(path) << content;
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    return path;
  }

  FakeMcpServer server_;
  fs::path folder_;
};

TEST_F(ProgramTest, EmptyListingIsAnEmptyArrayAndNoError) {
  const Ended ended = run({"tasks", "--output", "json"});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_EQ(ended.out, "[]\n");
  EXPECT_EQ(ended.err, "");
}

TEST_F(ProgramTest, TasksComeInEveryFormat) {
  server_.setTool("list_tasks", [](const Json&) {
    return Json::object({{"tasks", Json::array({task("t1", "running"), task("t2", "failed")})},
                         {"total", 7},
                         {"next_cursor", "c"}});
  });
  EXPECT_EQ(Json::parse(run({"tasks", "--output", "json"}).out).size(), 2u);
  EXPECT_THAT(run({"--output", "csv", "tasks"}).out, HasSubstr("\nt1,running,LAN,10.0.0.0/24,"));
  const Ended table = run({"tasks"});
  EXPECT_THAT(table.out, HasSubstr("task  status   name"));
  EXPECT_THAT(table.err, HasSubstr("2 of 7 tasks"));
  const std::string lines = run({"tasks", "--output", "jsonl"}).out;
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2);
}

TEST_F(ProgramTest, AllTasksFollowTheCursor) {
  server_.setTool("list_tasks", [](const Json& arguments) {
    const bool second = arguments["cursor"].asString() == "c";
    return Json::object({{"tasks", Json::array({task(second ? "t2" : "t1", "running")})},
                         {"total", 2},
                         {"next_cursor", second ? Json() : Json("c")}});
  });
  EXPECT_EQ(Json::parse(run({"tasks", "--all", "--output", "json"}).out).size(), 2u);
}

TEST_F(ProgramTest, UsageErrorsEndWith2AndSayNothingOnStandardOutput) {
  for (const auto& words :
       {std::vector<std::string>{}, std::vector<std::string>{"status"},
        std::vector<std::string>{"--url", "ftp://x", "tasks"},
        std::vector<std::string>{"results", "t1", "--filter", "severity"},
        std::vector<std::string>{"submit", "10.0.0.1", "--scan-type", "authenticated"},
        std::vector<std::string>{"submit", "10.0.0.1", "--ssh-user", "root"},
        std::vector<std::string>{"--token-file", "/nonexistent", "tasks"}}) {
    const Ended ended = run(words);
    EXPECT_EQ(ended.exit_code, 2) << ended.err;
    EXPECT_EQ(ended.out, "");
    EXPECT_NE(ended.err, "");
  }
}

TEST_F(ProgramTest, RefusalEndsWith1AndShowsTheHintHarmlessly) {
  server_.setTool("get_scan_status", [](const Json&) { return refusal("task_not_found", 404); });
  const Ended ended = run({"status", "t1"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_EQ(ended.out, "");
  EXPECT_THAT(ended.err, HasSubstr("Refused: because [task_not_found]"));
  EXPECT_THAT(ended.err, HasSubstr("hint: do it \\x1b[31mright"));
}

TEST_F(ProgramTest, OfAConfigurationTokenWantsItsTokensFileAlone) {
  const std::string config = file("s.yaml",
                                  "auth: {tokens_file: made}\nscanners_file: /nowhere/scanners\n"
                                  "scanners: [{config: {key: \"${file:/nowhere/secret}\"}}]\n");
  const std::vector<std::string> create = {"token",  "create",   "ci",  "--role",
                                           "client", "--config", config};
  const Ended created = run(create);
  EXPECT_EQ(created.exit_code, 0) << created.err;
  EXPECT_THAT(run({"token", "list", "--config", config}).out, HasSubstr("ci"));
}

TEST_F(ProgramTest, WhyAConfigurationNamesNoTokensFileIsOneLine) {
  const Ended absent = run({"token", "list", "--config", "/nonexistent.yaml"});
  EXPECT_EQ(absent.exit_code, 2);
  EXPECT_THAT(absent.err, HasSubstr("or mend: /nonexistent.yaml: cannot be opened"));
  EXPECT_THAT(absent.err, Not(HasSubstr("\\x")));
  EXPECT_THAT(run({"token", "list", "--config", file("s.yaml", "log: {level: info}\n")}).err,
              HasSubstr("s.yaml names no auth.tokens_file"));
}

TEST_F(ProgramTest, UnreachableAndDeadlineEndWith3) {
  EXPECT_EQ(run({"--url", "http://127.0.0.1:1", "tasks"}).exit_code, 3);
  server_.setTool("get_scan_status", [](const Json&) { return task("t1", "running", 5); });
  const Ended ended = run({"status", "t1", "--watch", "--deadline", "300ms", "--interval", "50ms"});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_THAT(ended.err, HasSubstr("the scan goes on"));
  server_.failNext("tools/call", Fault::silent);
  EXPECT_EQ(run({"status", "t1", "--timeout", "200ms"}).exit_code, 3);
}

TEST_F(ProgramTest, WhereNoControlSocketIsFoundItSaysWhereItLooked) {
  Program program;
  program.environment("SCANHOST_URL", "http://127.0.0.1:1");
  const Ended ended = program.run({"dlq", "list"});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_THAT(ended.err, HasSubstr("none was found as /run/scanhost/control.sock, "
                                   "/var/lib/scanhost/control.sock, and SCANHOST_SOCKET is not "
                                   "set: name it with --socket PATH\n"));
}

TEST_F(ProgramTest, MissingOrWrongTokenAndForbiddenEndWith4) {
  server_.requireToken("right-token");
  EXPECT_EQ(run({"tasks"}).exit_code, 4);
  const Ended wrong = run({"--token-file", file("wrong", "wrong-token\n"), "tasks"});
  EXPECT_EQ(wrong.exit_code, 4);
  EXPECT_THAT(wrong.err, Not(HasSubstr("wrong-token")));
  EXPECT_EQ(run({"tasks", "--token-file", file("right", "right-token\n")}).exit_code, 0);
  EXPECT_EQ(program().environment("SCANHOST_TOKEN", "right-token").run({"tasks"}).exit_code, 0);
  server_.requireToken("");
  server_.setTool("cancel_scan", [](const Json&) { return refusal("forbidden", 403); });
  EXPECT_EQ(run({"cancel", "t1"}).exit_code, 4);
}

TEST_F(ProgramTest, WatchedScanThatFailsEndsWith5) {
  server_.setTool("get_scan_status", [](const Json&) {
    Json failed = task("t1", "failed");
    failed["error_message"] = "host is down\x1b[2J";
    return failed;
  });
  for (const char* flag : {"--watch", "--wait"}) {
    const Ended ended = run({"submit", "10.0.0.1", flag, "--output", "json"});
    EXPECT_EQ(ended.exit_code, 5);
    EXPECT_EQ(Json::parse(ended.out)["status"].asString(), "failed");
    EXPECT_THAT(ended.err, HasSubstr("the scan ended failed: host is down\\x1b[2J"));
  }
  EXPECT_EQ(run({"status", "t1"}).exit_code, 0);
}

TEST_F(ProgramTest, SubmitSendsWhatWasAsked) {
  const Ended ended = run({"submit", "10.0.0.1", "10.0.0.2", "--name", "LAN", "--pool", "nmap",
                           "--idempotency-key", "k1", "--output", "json"});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_EQ(Json::parse(ended.out)["task_id"].asString(), "t1");
  const Json sent = server_.calls("run_untrusted_scan").at(0);
  EXPECT_EQ(sent["targets"].asString(), "10.0.0.1,10.0.0.2");
  EXPECT_EQ(sent["name"].asString(), "LAN");
  EXPECT_EQ(sent["scanner_pool"].asString(), "nmap");
  EXPECT_EQ(sent["idempotency_key"].asString(), "k1");
}

TEST_F(ProgramTest, SshPasswordComesFromAFileOrStandardInputAndIsNeverShown) {
  const std::vector<std::string> words = {"submit",      "10.0.0.1",      "--name",     "LAN",
                                          "--scan-type", "authenticated", "--ssh-user", "root"};
  const Ended piped = program().input("s3cret-in\n").run(words);
  EXPECT_EQ(piped.exit_code, 0) << piped.err;
  std::vector<std::string> with_file = words;
  with_file.insert(with_file.end(), {"--ssh-password-file", file("pw", "s3cret-file\n")});
  EXPECT_EQ(run(with_file).exit_code, 0);
  const auto sent = server_.calls("run_authenticated_scan");
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0]["ssh_password"].asString(), "s3cret-in");
  EXPECT_EQ(sent[1]["ssh_password"].asString(), "s3cret-file");
  EXPECT_THAT(piped.out + piped.err, Not(HasSubstr("s3cret")));
}

TEST_F(ProgramTest, CredentialNeedsNoPassword) {
  EXPECT_EQ(run({"submit", "10.0.0.1", "--scan-type", "authenticated", "--credential", "cred:web"})
                .exit_code,
            0);
  EXPECT_EQ(server_.calls("run_authenticated_scan").at(0)["credential"].asString(), "cred:web");
}

/// The server's status goes 10, 20, ... and then completed.
void progressInSteps(FakeMcpServer& server) {
  server.setTool("get_scan_status", [step = std::make_shared<int>(0)](const Json&) {
    const int percent = ++*step * 25;
    return task("t1", percent < 100 ? "running" : "completed", percent);
  });
}

TEST_F(ProgramTest, WatchingWritesPlainLinesOffATerminal) {
  progressInSteps(server_);
  const Ended ended = run({"status", "t1", "--watch", "--interval", "20ms"});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_THAT(ended.err, HasSubstr("running [#####...............] 25%\n"));
  EXPECT_THAT(ended.err, HasSubstr("completed [####################] 100%\n"));
  EXPECT_THAT(ended.err, Not(HasSubstr("\x1b")));
  EXPECT_THAT(ended.out, HasSubstr("completed"));
}

TEST_F(ProgramTest, WatchingWithJsonLinesGivesEachStatus) {
  progressInSteps(server_);
  const Ended ended = run({"status", "t1", "--watch", "--interval", "20ms", "--output", "jsonl"});
  EXPECT_EQ(std::count(ended.out.begin(), ended.out.end(), '\n'), 4);
  EXPECT_EQ(ended.err, "");
}

TEST_F(ProgramTest, WatchingDrawsABarOnATerminal) {
  progressInSteps(server_);
  const std::vector<std::string> words = {"status", "t1", "--watch", "--interval", "20ms"};
  const Ended colour = program().environment("TERM", "xterm").runOnTerminal(words);
  EXPECT_THAT(colour.out, HasSubstr("\r\x1b[2K\x1b[36mrunning\x1b[0m [#####"));
  EXPECT_EQ(colour.exit_code, 0);

  progressInSteps(server_);
  const Ended grey =
      program().environment("TERM", "xterm").environment("NO_COLOR", "1").runOnTerminal(words);
  EXPECT_THAT(grey.out, HasSubstr("\r\x1b[2Krunning [#####"));

  progressInSteps(server_);
  const Ended dumb = program().environment("TERM", "dumb").runOnTerminal(words);
  EXPECT_THAT(dumb.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(dumb.out, HasSubstr("running [#####"));
}

TEST_F(ProgramTest, CtrlCWhileWatchingSaysThatTheScanGoesOn) {
  server_.setTool("get_scan_status", [](const Json&) { return task("t1", "running", 5); });
  Program watching = program();
  watching.start({"status", "t1", "--watch", "--interval", "50ms"});
  while (server_.count("tools/call") < 2) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ::kill(watching.pid(), SIGINT);
  const Ended ended = watching.end();
  EXPECT_EQ(ended.exit_code, 130);
  EXPECT_THAT(ended.err, HasSubstr("the scan goes on"));
  EXPECT_TRUE(server_.calls("cancel_scan").empty());
}

/// Two findings on two pages, each with what a hostile host might put there.
Json resultsText(const Json& arguments) {
  const bool second = arguments["cursor"].asString() == "c";
  const Json schema = Json::object(
      {{"type", "schema"},
       {"fields", Json::array({"host", "plugin_id", "severity", "cve", "plugin_name"})},
       {"total_vulnerabilities", 2},
       {"complete", true}});
  const Json metadata = Json::object(
      {{"type", "scan_metadata"},
       {"status", "completed"},
       {"authentication_status", "partial"},
       {"coverage", Json::object({{"addresses_requested", 256}, {"hosts_answered", 12}})}});
  Json finding = Json::object({{"type", "vulnerability"},
                               {"host", second ? "10.0.0.8" : "10.0.0.7"},
                               {"plugin_id", second ? "2" : "1"},
                               {"severity", second ? "3" : "4"},
                               {"plugin_name", second ? "=cmd()" : "a\x1b[2Jb\u202e"}});
  if (!second) finding["cve"] = Json::array({"CVE-1", "CVE-2"});
  const Json pagination = Json::object({{"type", "pagination"},
                                        {"page", second ? 2 : 1},
                                        {"total_pages", 2},
                                        {"has_next", !second},
                                        {"next_page", second ? Json() : Json(2)},
                                        {"next_cursor", second ? Json() : Json("c")}});
  return Json(schema.dump(true) + "\n" + metadata.dump(true) + "\n" + finding.dump(true) + "\n" +
              pagination.dump(true));
}

TEST_F(ProgramTest, ResultsAreATableWithCoverageBesideIt) {
  server_.setTool("get_scan_results", resultsText);
  const Ended ended = run({"results", "t1"});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_THAT(ended.out, HasSubstr("severity  host      plugin_id  plugin_name"));
  EXPECT_THAT(ended.out, HasSubstr("a\\x1b[2Jb\\u{202e}"));
  EXPECT_THAT(ended.out, HasSubstr("CVE-1, CVE-2"));
  EXPECT_THAT(ended.err, HasSubstr("2 findings; hosts answered: 12 of 256; login: partial"));
  EXPECT_THAT(ended.err, HasSubstr("page 1 of 2"));
}

TEST_F(ProgramTest, AllResultsComePageByPage) {
  server_.setTool("get_scan_results", resultsText);
  EXPECT_EQ(Json::parse(run({"results", "t1", "--all", "--output", "json"}).out).size(), 2u);
  const std::string csv = run({"results", "t1", "--all", "--output", "csv"}).out;
  EXPECT_EQ(csv,
            "host,plugin_id,severity,cve,plugin_name\n"
            "10.0.0.7,1,4,\"CVE-1, CVE-2\",a\\x1b[2Jb\\u{202e}\n"
            "10.0.0.8,2,3,,'=cmd()\n");
  const std::string lines = run({"results", "t1", "--all", "--output", "jsonl"}).out;
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 5);
}

TEST_F(ProgramTest, ResultsPassFiltersFieldsAndSortOn) {
  server_.setTool("get_scan_results", resultsText);
  run({"results", "t1", "--filter", "severity=>=3", "--filter", "host=a", "--filter", "host=b",
       "--fields", "host,port", "--sort", "-severity", "--page", "2", "--page-size", "100",
       "--partial"});
  const Json sent = server_.calls("get_scan_results").at(0);
  EXPECT_EQ(sent["filters"].dump(), R"({"severity":">=3","host":["a","b"]})");
  EXPECT_EQ(sent["custom_fields"].dump(), R"(["host","port"])");
  EXPECT_EQ(sent["sort"].asString(), "-severity");
  EXPECT_EQ(sent["page"].asInteger(), 2);
  EXPECT_EQ(sent["page_size"].asInteger(), 100);
  EXPECT_TRUE(sent["partial"].asBool());
}

TEST_F(ProgramTest, QueueShowsDepthAndNextTasks) {
  server_.setTool("get_queue_status", [](const Json&) {
    return Json::object({{"pool", "nmap"},
                         {"queue_depth", 3},
                         {"running", 1},
                         {"next_tasks", Json::array({task("t9", "queued")})}});
  });
  server_.setTool("get_pool_status", [](const Json&) {
    return Json::object({{"pool", "nmap"}, {"total_capacity", 2}, {"utilization_pct", 50.0}});
  });
  const Ended once = run({"queue"});
  EXPECT_THAT(once.out, HasSubstr("waiting  3"));
  EXPECT_THAT(once.out, HasSubstr("t9"));
  const Ended watched = run({"queue", "--watch", "--interval", "20ms", "--deadline", "200ms"});
  EXPECT_EQ(watched.exit_code, 3);
  EXPECT_THAT(watched.err, HasSubstr("nmap [##########..........] 0/2 busy  3 waiting"));
}

TEST_F(ProgramTest, PoolsShowTheirCapacity) {
  server_.setTool("list_pools", [](const Json&) {
    return Json::object({{"pools", Json::array({"nessus", "nmap"})}, {"default_pool", "nessus"}});
  });
  server_.setTool("get_pool_status", [](const Json& arguments) {
    return Json::object({{"pool", arguments["scanner_pool"]}, {"total_capacity", 2}});
  });
  const Json pools = Json::parse(run({"pools", "--output", "json"}).out);
  ASSERT_EQ(pools.size(), 2u);
  EXPECT_TRUE(pools.items()[0]["default"].asBool());
  EXPECT_EQ(pools.items()[1]["pool"].asString(), "nmap");
}

class DoctorTest : public ProgramTest {
 protected:
  DoctorTest() {
    server_.setPath("/livez", 200, "ok");
    server_.setPath("/health", 200,
                    R"({"status":"healthy","components":[{"name":"queue","state":"ok"}]})");
    server_.setPath("/readyz", 200, "{}");
    server_.setTool("list_pools", [](const Json&) {
      return Json::object({{"pools", Json::array({"nmap"})}, {"default_pool", "nmap"}});
    });
    server_.setTool("get_queue_status", [](const Json&) {
      return Json::object({{"pool", "nmap"}, {"queue_depth", 0}});
    });
    setScanner("ready", Json());
  }

  void setScanner(const std::string& state, const Json& reason) {
    server_.setTool("list_scanners", [state, reason](const Json&) {
      return Json::object({{"scanners", Json::array({Json::object({{"instance_key", "nmap:local"},
                                                                   {"state", state},
                                                                   {"reason", reason}})})}});
    });
  }

  /// A copy of the program with another one named scanhost beside it.
  Ended runBeside(const std::string& script, const std::vector<std::string>& arguments) {
    const fs::path copy = folder_ / "scanhostctl";
    fs::copy_file(SCANHOST_CTL_PROGRAM, copy, fs::copy_options::overwrite_existing);
    const fs::path sibling = folder_ / "scanhost";
    std::ofstream(sibling) << "#!/bin/sh\n" << script << "\n";
    fs::permissions(sibling, fs::perms::owner_all);
    return Program(copy).environment("SCANHOST_URL", server_.url()).run(arguments);
  }
};

TEST_F(DoctorTest, HealthyServicePassesEveryCheck) {
  const Ended ended = run({"doctor", "--output", "json"});
  EXPECT_EQ(ended.exit_code, 0) << ended.out;
  std::vector<std::string> names;
  const Json checks = Json::parse(ended.out);
  for (const Json& check : checks.items()) {
    EXPECT_EQ(check["result"].asString(), "ok") << check.dump();
    names.push_back(check["check"].asString());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"reachable", "health", "ready", "session",
                                             "queue nmap", "scanner nmap:local"}));
}

TEST_F(DoctorTest, ScannerThatIsNotReadyFailsWithItsReason) {
  setScanner("suspended", "login refused\n\x1b[2J");
  const Ended ended = run({"doctor"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.out, HasSubstr("suspended: login refused; \\x1b[2J"));
}

TEST_F(DoctorTest, UnhealthyServiceFails) {
  server_.setPath("/readyz", 503, R"({"reasons":["draining"]})");
  const Ended ended = run({"doctor"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.out, HasSubstr("draining"));
}

TEST_F(DoctorTest, UnreachableServiceIsOneFinding) {
  const Ended ended = run({"--url", "http://127.0.0.1:1", "doctor", "--output", "json"});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_EQ(Json::parse(ended.out).size(), 1u);
}

TEST_F(DoctorTest, ControlSocketGoesBeforeTheAddressButNotBeforeAnOption) {
  const std::string socket = folder_ / "control.sock";
  const auto doctor = [&](const std::vector<std::string>& words) {
    return program().environment("SCANHOST_SOCKET", socket).run(words);
  };
  const Ended ended = doctor({"doctor"});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_THAT(ended.out, HasSubstr(socket));
  EXPECT_EQ(doctor({"doctor", "--url", server_.url()}).exit_code, 0);
}

TEST_F(DoctorTest, ConfigurationIsCheckedByTheProgramBeside) {
  const Ended good = runBeside("echo \"$@ is fine\"", {"doctor", "--config", "/etc/x.yaml"});
  EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
  EXPECT_THAT(good.out, HasSubstr("check --config /etc/x.yaml is fine"));
  const Ended bad =
      runBeside("echo 'x.yaml:3: unknown key' >&2; exit 78", {"doctor", "--config", "x.yaml"});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_THAT(bad.out, HasSubstr("ended with 78: x.yaml:3: unknown key"));
}

class SupportBundleProgram : public DoctorTest {
 protected:
  std::string bundle() const { return folder_ / "bundle.tar.gz"; }
  std::vector<std::string> words(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {"support-bundle", "--output", bundle(), "--events",
                                    "/dev/null"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

TEST_F(SupportBundleProgram, ItsNameGoesToStandardOutputAndTheWarningToTheOther) {
  const Ended ended = run(words());
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, bundle() + "\n");
  EXPECT_THAT(ended.err, HasSubstr("Read it before you send it"));
  EXPECT_EQ(fs::status(bundle()).permissions(), fs::perms(0600));
}

TEST_F(SupportBundleProgram, TheCallersOwnTokenIsNotInIt) {
  server_.setPath("/metrics", 200, "refused opaque-own-word\n");
  EXPECT_EQ(program().environment("SCANHOST_TOKEN", "opaque-own-word").run(words()).exit_code, 0);
  EXPECT_THAT(runChild("/usr/bin/tar", {"-xOzf", bundle(), "--wildcards", "*/metrics.txt"}).output,
              HasSubstr("refused [redacted]"));
}

TEST_F(SupportBundleProgram, AServiceThatDoesNotAnswerLeavesTheRest) {
  const Ended ended = run(words({"--url", "http://127.0.0.1:1"}));
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("without health.json and others: "));
  EXPECT_THAT(ended.err, HasSubstr("system.json"));
  EXPECT_TRUE(fs::exists(bundle()));
}

TEST_F(SupportBundleProgram, AFileThatIsThereIsKept) {
  std::ofstream(bundle()) << "old";
  const Ended ended = run(words());
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.err, HasSubstr("is there already"));
  EXPECT_EQ(fs::file_size(bundle()), 3u);
}

TEST_F(SupportBundleProgram, AConfigurationThatIsNotThereIsAWrongCommandLine) {
  const Ended ended = run(words({"--config", "/nonexistent.yaml"}));
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.err, HasSubstr("--config /nonexistent.yaml"));
  EXPECT_FALSE(fs::exists(bundle()));
}

TEST_F(SupportBundleProgram, CtrlCLeavesNothingBehind) {
  server_.failNext("initialize", Fault::silent, 100);
  Program gathering = program();
  gathering.start(words());
  while (server_.count("initialize") < 1) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ::kill(gathering.pid(), SIGINT);
  const Ended ended = gathering.end();
  EXPECT_EQ(ended.exit_code, 130);
  EXPECT_THAT(ended.err, HasSubstr("no bundle was written"));
  EXPECT_TRUE(fs::is_empty(folder_));
}

}  // namespace
}  // namespace scanhost::ctl
