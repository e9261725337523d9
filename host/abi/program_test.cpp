// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/abi/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <thread>

#include "host/abi/host_call.h"
#include "host/base/time.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::size_t openDescriptors() {
  const auto entries = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

struct Outcome {
  Result<ChildEnd> end;
  std::string output;
};

Outcome runChild(ChildProgram program, CallOptions options = {}) {
  std::string output;
  if (!program.output)
    program.output = [&](std::string_view chunk) {
      output += chunk;
      return SCANHOST_OK;
    };
  HostCall call(std::move(options));
  auto end = runChildProgram(program, call.abi());
  return {std::move(end), std::move(output)};
}

ChildProgram shell(const std::string& script) {
  return {.program = "/bin/sh", .arguments = {"-c", script}, .environment = {}, .input = {}};
}

/// A zombie is dead, though whoever inherited it has not looked yet.
bool alive(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(status, text);
  const std::size_t name_end = text.rfind(") ");
  return name_end != std::string::npos && text[name_end + 2] != 'Z';
}

/// Every test must leave no descriptor, no zombie and no child.
class ChildProgramTest : public testing::Test {
 protected:
  void SetUp() override { descriptors_ = openDescriptors(); }
  void TearDown() override {
    EXPECT_EQ(openDescriptors(), descriptors_) << "descriptors leaked";
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
    EXPECT_EQ(errno, ECHILD);
  }

 private:
  std::size_t descriptors_ = 0;
};

TEST_F(ChildProgramTest, GivesOutputAndExitCode) {
  const Outcome run = runChild(shell("echo out; echo err >&2; exit 7"));
  ASSERT_TRUE(run.end) << run.end.error().message;
  EXPECT_EQ(run.end->exit_code, 7);
  EXPECT_EQ(run.end->signal, 0);
  EXPECT_EQ(run.output, "out\n");
  EXPECT_EQ(run.end->error_tail, "err\n");
}

TEST_F(ChildProgramTest, FeedsInputLargerThanAPipeWhileItReadsOutput) {
  const std::string input(3'000'000, 'x');
  const Outcome run =
      runChild({.program = "/bin/cat", .arguments = {}, .environment = {}, .input = input});
  EXPECT_EQ(run.end->exit_code, 0);
  EXPECT_TRUE(run.output == input);
}

TEST_F(ChildProgramTest, EndsInputSoThatAReaderReturns) {
  EXPECT_EQ(
      runChild({.program = "/bin/cat", .arguments = {}, .environment = {}, .input = {}}).output,
      "");
}

TEST_F(ChildProgramTest, SurvivesAProgramThatClosesItsInput) {
  const std::string input(3'000'000, 'x');
  ChildProgram program = shell("exec 0<&-; sleep 0.1; echo done");
  program.input = input;
  EXPECT_EQ(runChild(program).output, "done\n");
}

TEST_F(ChildProgramTest, GivesNoEnvironmentButItsOwn) {
  const Outcome run = runChild({.program = "/usr/bin/env",
                                .arguments = {},
                                .environment = {{"LANG", "C"}, {"EMPTY", ""}},
                                .input = {}});
  EXPECT_EQ(run.output, "LANG=C\nEMPTY=\n");
}

TEST_F(ChildProgramTest, GivesNoDescriptorOfTheHost) {
  const int open_without_cloexec = dup(0);
  const Outcome run = runChild(
      {.program = "/bin/ls", .arguments = {"/proc/self/fd"}, .environment = {}, .input = {}});
  close(open_without_cloexec);
  EXPECT_EQ(run.output, "0\n1\n2\n3\n");  // 3 is the folder that ls reads
}

TEST_F(ChildProgramTest, PassesArgumentsAsTheyAre) {
  const std::vector<std::string> hostile = {"-n",   "$(id)", "a b", "; rm -rf /",
                                            "`id`", "",      "*",   "\n"};
  std::vector<std::string> arguments = {"%s\\n"};
  arguments.insert(arguments.end(), hostile.begin(), hostile.end());
  const Outcome run = runChild(
      {.program = "/usr/bin/printf", .arguments = arguments, .environment = {}, .input = {}});
  std::string expected;
  for (const std::string& argument : hostile) expected += argument + "\n";
  EXPECT_EQ(run.output, expected);
}

TEST_F(ChildProgramTest, StartsItInTheRootFolderWithDefaultSignals) {
  signal(SIGPIPE, SIG_IGN);
  const Outcome run = runChild(shell("pwd; umask; grep SigIgn /proc/self/status"));
  signal(SIGPIPE, SIG_DFL);
  EXPECT_EQ(run.output, "/\n0077\nSigIgn:\t0000000000000000\n");
}

TEST_F(ChildProgramTest, RefusesAProgramThatCannotBeStarted) {
  for (const char* program : {"/no/such/program", "/etc/passwd", "/tmp"}) {
    const Outcome run =
        runChild({.program = program, .arguments = {}, .environment = {}, .input = {}});
    ASSERT_FALSE(run.end) << program;
    EXPECT_EQ(run.end.error().error_class, ErrorClass::config);
    EXPECT_THAT(run.end.error().message, HasSubstr(program));
  }
}

TEST_F(ChildProgramTest, RefusesWhatExecveCannotExpress) {
  using Environment = std::vector<std::pair<std::string, std::string>>;
  const auto refused = [](std::string program, std::vector<std::string> arguments,
                          Environment env) {
    return !runChild({.program = std::move(program),
                      .arguments = std::move(arguments),
                      .environment = std::move(env),
                      .input = {}})
                .end;
  };
  EXPECT_TRUE(refused("cat", {}, {}));
  EXPECT_TRUE(refused("", {}, {}));
  EXPECT_TRUE(refused("/bin/cat", {std::string("a\0b", 3)}, {}));
  EXPECT_TRUE(refused("/bin/cat", {}, {{"A=B", "c"}}));
  EXPECT_TRUE(refused("/bin/cat", {}, {{"", "c"}}));
}

TEST_F(ChildProgramTest, ReportsTheSignalThatEndedIt) {
  const Outcome run = runChild(shell("kill -SEGV $$"));
  EXPECT_EQ(run.end->exit_code, -1);
  EXPECT_EQ(run.end->signal, SIGSEGV);
}

TEST_F(ChildProgramTest, StopsTheWholeGroupWhenCancelled) {
  const auto cancel = std::make_shared<CancelSource>();
  pid_t grandchild = 0;
  ChildProgram program = shell("sleep 1000 & echo $!; wait");
  program.output = [&](std::string_view chunk) {
    grandchild = std::stoi(std::string(chunk));
    cancel->cancel();
    return SCANHOST_OK;
  };
  const Outcome run = runChild(program, {.cancel = cancel});
  EXPECT_EQ(run.end->why, ChildEnd::Why::cancelled);
  ASSERT_GT(grandchild, 0);
  for (int i = 0; i < 100 && alive(grandchild); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_FALSE(alive(grandchild));
}

TEST_F(ChildProgramTest, KillsAProgramThatIgnoresTheRequestToStop) {
  ChildProgram program = shell("trap '' TERM; echo ready; while :; do sleep 1; done");
  program.grace = 200ms;
  const std::int64_t start = monotonicNanos();
  const Outcome run = runChild(program, {.timeout = 500ms});
  EXPECT_EQ(run.end->why, ChildEnd::Why::timeout);
  EXPECT_EQ(run.end->signal, SIGKILL);
  EXPECT_LT(monotonicNanos() - start, 5'000'000'000);
}

TEST_F(ChildProgramTest, LetsAProgramEndItselfWithinTheGrace) {
  ChildProgram program = shell("trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done");
  const Outcome run = runChild(program, {.timeout = 500ms});
  EXPECT_EQ(run.end->why, ChildEnd::Why::timeout);
  EXPECT_EQ(run.end->exit_code, 9);
}

TEST_F(ChildProgramTest, EndsAProgramWhoseOutputIsRefused) {
  ChildProgram program = shell("yes");
  program.output = [](std::string_view) { return SCANHOST_ERROR_TARGET; };
  const Outcome run = runChild(program);
  EXPECT_EQ(run.end->why, ChildEnd::Why::refused);
  EXPECT_EQ(run.end->refusal, SCANHOST_ERROR_TARGET);
}

TEST_F(ChildProgramTest, LosesNoOutputToASlowReader) {
  ChildProgram program = shell("head -c 200000 /dev/zero");
  std::size_t received = 0;
  program.output = [&](std::string_view chunk) {
    received += chunk.size();
    std::this_thread::sleep_for(700ms);
    return SCANHOST_OK;
  };
  runChild(program);
  EXPECT_EQ(received, 200'000u);
}

TEST_F(ChildProgramTest, DoesNotWaitForWhatLeftItsGroup) {
  const std::int64_t start = monotonicNanos();
  const Outcome run = runChild(shell("setsid sleep 8 & echo started"));
  EXPECT_EQ(run.output, "started\n");
  EXPECT_LT(monotonicNanos() - start, 6'000'000'000);
}

TEST_F(ChildProgramTest, KeepsTheEndOfStandardError) {
  const Outcome run = runChild(shell("head -c 100000 /dev/zero | tr '\\0' x >&2; echo last >&2"));
  EXPECT_EQ(run.end->error_tail.size(), 4096u);
  EXPECT_THAT(run.end->error_tail, testing::EndsWith("xlast\n"));
}

TEST_F(ChildProgramTest, RunsManyAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i)
        if (runChild(shell("cat; echo x")).output == "x\n") ++good;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 80);
}

}  // namespace
}  // namespace scanhost
