// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/jsonlog/line_output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <scanhost/error.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "plugins/exporter/jsonlog/test_event.h"
#include "tests/support/folder.h"
#include "tests/support/full_disk.h"

namespace scanhost {
namespace {

using testing_support::Folder;
using testing_support::FullDisk;
using Clock = std::chrono::steady_clock;

class LogLines : public testing::Test {
 protected:
  JsonlogConfig fileConfig() const {
    JsonlogConfig config;
    config.output = JsonlogConfig::Output::file;
    config.path = path("scanhost.log");
    return config;
  }
  std::string path(const std::string& name) const { return (folder.path() / name).string(); }
  static void write(EventOutput& output, const std::string& line) {
    const TestEvent event(line);
    output.write(event.abi());
  }
  std::string contents(const std::string& name) const {
    std::ifstream in(path(name));
    return {std::istreambuf_iterator<char>(in), {}};
  }

  Folder folder;
};

TEST_F(LogLines, AreWrittenAsTheyAre) {
  const auto output = EventOutput::open(fileConfig());
  write(*output, R"({"event":"%v {} a"})");
  write(*output, "{}");
  output->flush();
  EXPECT_EQ(contents("scanhost.log"), "{\"event\":\"%v {} a\"}\n{}\n");
}

TEST_F(LogLines, AreForTheServiceAndItsGroupOnly) {
  const auto output = EventOutput::open(fileConfig());
  const auto allowed = std::filesystem::status(path("scanhost.log")).permissions();
  EXPECT_EQ(allowed & std::filesystem::perms::others_all, std::filesystem::perms::none);
  EXPECT_EQ(allowed & std::filesystem::perms::group_write, std::filesystem::perms::none);
}

TEST_F(LogLines, BeginANewFileAtTheSizeAndKeepSoManyWholeOnes) {
  JsonlogConfig config = fileConfig();
  config.max_size = 4096;
  config.max_files = 2;
  const auto output = EventOutput::open(config);
  for (int i = 0; i < 50; ++i) write(*output, std::to_string(1000 + i) + std::string(995, 'x'));
  output->flush();

  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    EXPECT_EQ(entry.file_size() % 1000, 0u) << "whole lines";
    EXPECT_LE(entry.file_size(), 4096u);
    ++files;
  }
  EXPECT_EQ(files, 3u);
  EXPECT_EQ(contents("scanhost.log").substr(0, 4), "1048");
  EXPECT_EQ(contents("scanhost.1.log").substr(0, 4), "1044") << "the last one so far";
  EXPECT_EQ(contents("scanhost.2.log").substr(0, 4), "1040");
}

TEST_F(LogLines, GoOnInANewFileOnceSomebodyRenamedOrRemovedIt) {
  const auto output = EventOutput::open(fileConfig());
  write(*output, "one");
  output->flush();
  std::filesystem::rename(path("scanhost.log"), path("rotated"));
  write(*output, "two");
  output->flush();
  std::filesystem::remove(path("scanhost.log"));
  write(*output, "three");
  output->flush();
  EXPECT_EQ(contents("rotated"), "one\n");
  EXPECT_EQ(contents("scanhost.log"), "three\n");
}

TEST_F(LogLines, BeginOnALineOfTheirOwnAfterOneThatACrashTore) {
  std::ofstream(path("scanhost.log")) << "whole\nha";
  for (int restart = 0; restart < 2; ++restart) {
    const auto output = EventOutput::open(fileConfig());
    write(*output, "one");
    output->flush();
    write(*output, "two");
    output->flush();
  }
  EXPECT_EQ(contents("scanhost.log"), "whole\nha\none\ntwo\none\ntwo\n");
}

TEST_F(LogLines, BeginOnALineOfTheirOwnAfterOneThatWasTornSinceTheFileWasOpened) {
  const auto output = EventOutput::open(fileConfig());
  std::ofstream(path("scanhost.log")) << "ha";  // as by an exporter that this one replaces
  write(*output, "one");
  output->flush();
  EXPECT_EQ(contents("scanhost.log"), "ha\none\n");
}

TEST_F(LogLines, EndATornLineOnceWhenTheDiskWasFullAtFirst) {
  std::ofstream(path("scanhost.log")) << "ha";
  const auto output = EventOutput::open(fileConfig());
  write(*output, "one");
  for (const std::uintmax_t room : {2u, 3u, 3u, 5u}) {
    const FullDisk full(room);
    EXPECT_THROW(output->flush(), PluginError);
    EXPECT_EQ(contents("scanhost.log").size(), room);
  }
  output->flush();
  EXPECT_EQ(contents("scanhost.log"), "ha\none\n");
}

TEST_F(LogLines, SayWhyAFileCannotBeOpened) {
  JsonlogConfig config = fileConfig();
  config.path = "/proc/no-such-folder/log";
  try {
    EventOutput::open(config);
    FAIL() << "opened";
  } catch (const PluginError& error) {
    EXPECT_EQ(error.errorClass(), ErrorClass::config);
    EXPECT_NE(std::string(error.what()).find(config.path), std::string::npos);
  }
}

TEST_F(LogLines, AreKeptWhileThereIsNoRoomAndThenWrittenWhole) {
  const auto output = EventOutput::open(fileConfig());
  {
    const FullDisk full(1500);
    write(*output, std::string(999, 'a'));
    write(*output, std::string(999, 'b'));
    EXPECT_THROW(output->flush(), PluginError);
    EXPECT_EQ(contents("scanhost.log").size(), 1500u) << "half of the second";
  }
  output->flush();
  EXPECT_EQ(contents("scanhost.log"), std::string(999, 'a') + "\n" + std::string(999, 'b') + "\n");
}

TEST_F(LogLines, AreRefusedAfterABoundedBufferIsFull) {
  std::filesystem::create_symlink("/dev/full", path("scanhost.log"));
  const auto output = EventOutput::open(fileConfig());
  int taken = 0;
  try {
    for (; taken < 1000; ++taken) write(*output, std::string(999, 'x'));
  } catch (const PluginError& error) {
    EXPECT_EQ(error.errorClass(), ErrorClass::transient);
    EXPECT_EQ(error.subject(), ErrorSubject::backend);
  }
  EXPECT_LT(taken, 100);
}

TEST_F(LogLines, WaitForAPipeNoLongerThanTheirPatienceAndLoseNothingThatItGets) {
  ASSERT_EQ(mkfifo(path("scanhost.log").c_str(), 0600), 0);
  const Descriptor reader(open(path("scanhost.log").c_str(), O_RDONLY | O_NONBLOCK));
  const auto output = EventOutput::open(fileConfig());
  std::string sent;
  const auto began = Clock::now();
  try {
    for (int i = 0; i < 1000; ++i) {
      const std::string line = std::to_string(1000 + i) + std::string(995, 'x');
      write(*output, line);
      sent += line + "\n";
    }
    FAIL() << "a pipe took a megabyte";
  } catch (const PluginError&) {
  }
  EXPECT_LT(Clock::now() - began, 2 * EventOutput::patience);

  std::string received(2 * sent.size(), '\0');
  std::size_t size = 0;
  const auto readAll = [&] {
    for (ssize_t count = 0; (count = read(reader.get(), &received[size], 65'536)) > 0;)
      size += static_cast<std::size_t>(count);
  };
  readAll();
  output->flush();
  readAll();
  received.resize(size);
  EXPECT_EQ(received, sent);
}

TEST_F(LogLines, GoOnInAnotherFileWhenTheFirstTakesNothing) {
  std::filesystem::create_symlink("/dev/full", path("scanhost.log"));
  const auto output = EventOutput::open(fileConfig());
  write(*output, "one");
  EXPECT_THROW(output->flush(), PluginError);
  std::filesystem::remove(path("scanhost.log"));
  output->flush();
  EXPECT_EQ(contents("scanhost.log"), "one\n");
}

TEST_F(LogLines, WaitForAStandardStreamNoLongerEither) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::signal(SIGPIPE, SIG_IGN);
  const Descriptor writes(ends[1]);
  Descriptor reads(ends[0]);
  StandardStream stream(writes.get(), "standard output");
  const auto began = Clock::now();
  std::string trouble;
  EXPECT_LT(stream.write(std::string(1 << 20, 'x'), trouble), 1u << 20);
  EXPECT_EQ(trouble, "standard output: nobody reads it");
  EXPECT_LT(Clock::now() - began, 2 * EventOutput::patience);

  reads = Descriptor();
  trouble.clear();
  EXPECT_EQ(stream.write("x", trouble), 0u);
  EXPECT_EQ(trouble, "standard output: Broken pipe");
}

TEST_F(LogLines, RefuseAPipeThatNobodyHasOpened) {
  ASSERT_EQ(mkfifo(path("scanhost.log").c_str(), 0600), 0);
  EXPECT_THROW(EventOutput::open(fileConfig()), PluginError);
}

}  // namespace
}  // namespace scanhost
