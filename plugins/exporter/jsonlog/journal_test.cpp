// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Events in systemd's journal: the entry as bytes, as a journald that reads only its protocol gets
/// it, and as a real one shows it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <scanhost/error.h>
#include <scanhost/json.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <map>
#include <thread>

#include "plugins/exporter/jsonlog/descriptor.h"
#include "plugins/exporter/jsonlog/event_output.h"
#include "plugins/exporter/jsonlog/journal_entry.h"
#include "plugins/exporter/jsonlog/test_event.h"
#include "tests/support/child_process.h"
#include "tests/support/folder.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing_support::ChildProcess;
using testing_support::Folder;
using Fields = std::map<std::string, std::string>;

/// Reads an entry as journald does; throws when it is none.
Fields parse(std::string_view entry) {
  Fields fields;
  while (!entry.empty()) {
    const std::size_t end = entry.find('\n');
    const std::size_t equals = entry.substr(0, end).find('=');
    if (equals != entry.npos) {
      fields[std::string(entry.substr(0, equals))] = entry.substr(equals + 1, end - equals - 1);
      entry.remove_prefix(end + 1);
      continue;
    }
    std::uint64_t size = 0;
    for (unsigned i = 0; i < 8; ++i)
      size |= std::uint64_t{static_cast<unsigned char>(entry.at(end + 1 + i))} << 8 * i;
    fields[std::string(entry.substr(0, end))] = entry.substr(end + 9, size);
    if (entry.at(end + 9 + size) != '\n') throw std::runtime_error("no newline after a value");
    entry.remove_prefix(end + 10 + size);
  }
  return fields;
}

/// A journald that keeps nothing.
class FakeJournald {
 public:
  explicit FakeJournald(const std::string& path) : socket_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("bind");
  }
  /// The next entry, whether it came in a datagram or a file.
  Fields next() const {
    std::string bytes(1 << 20, '\0');
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    iovec part{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t size = recvmsg(socket_.get(), &message, MSG_DONTWAIT);
    if (size < 0) throw std::runtime_error("no entry came");
    bytes.resize(static_cast<std::size_t>(size));
    if (const cmsghdr* rights = CMSG_FIRSTHDR(&message)) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(rights), sizeof number);
      const Descriptor file(number);
      bytes.resize(static_cast<std::size_t>(lseek(number, 0, SEEK_END)));
      if (pread(number, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        throw std::runtime_error("pread");
    }
    return parse(bytes);
  }

 private:
  Descriptor socket_;
};

class Journal : public testing::Test {
 protected:
  std::unique_ptr<EventOutput> open() const {
    JsonlogConfig config;
    config.output = JsonlogConfig::Output::journald;
    config.socket = path;
    return EventOutput::open(config);
  }
  static void write(EventOutput& output, const TestEvent& event) { output.write(event.abi()); }

  Folder folder;
  const std::string path = (folder.path() / "socket").string();
};

TEST_F(Journal, GetsEachMemberOfAnEventAsAFieldOfItsOwn) {
  const TestEvent event(
      R"({"timestamp":"2026-01-01T00:00:00.000001Z","level":"warning","component":"node",)"
      R"("event":"tried","trace_id":"t-1","task_id":"ne_on_1","attempt":2,"none":null,)"
      R"("list":["a",1],"message":"two words"})",
      SCANHOST_LEVEL_WARNING);
  EXPECT_EQ(parse(journalEntry(event.abi())),
            (Fields{{"MESSAGE", "tried task_id=ne_on_1 attempt=2 message=\"two words\""},
                    {"PRIORITY", "4"},
                    {"SYSLOG_IDENTIFIER", "scanhost"},
                    {"SCANHOST_TIMESTAMP", "2026-01-01T00:00:00.000001Z"},
                    {"SCANHOST_LEVEL", "warning"},
                    {"SCANHOST_COMPONENT", "node"},
                    {"SCANHOST_EVENT", "tried"},
                    {"SCANHOST_TRACE_ID", "t-1"},
                    {"SCANHOST_TASK_ID", "ne_on_1"},
                    {"SCANHOST_ATTEMPT", "2"},
                    {"SCANHOST_LIST", "[\"a\",1]"},
                    {"SCANHOST_MESSAGE", "two words"}}));
}

TEST_F(Journal, GetsValuesOfAnyBytesAndNoFieldThatAValueMadeUp) {
  const TestEvent event(R"({"text":"a\nPRIORITY=0\n\u0000b=","name=\n":"x"})");
  const Fields fields = parse(journalEntry(event.abi()));
  EXPECT_EQ(fields.at("SCANHOST_TEXT"), std::string("a\nPRIORITY=0\n\0b=", 16));
  EXPECT_EQ(fields.at("SCANHOST_NAME__"), "x");
  EXPECT_EQ(fields.at("PRIORITY"), "6");
  EXPECT_THAT(fields.at("MESSAGE"), HasSubstr(R"(text="a\nPRIORITY=0\n\u0000b=")"));
}

TEST_F(Journal, GetsOnlyNamesThatItTakes) {
  EXPECT_EQ(journalFieldName("task_id"), "SCANHOST_TASK_ID");
  EXPECT_EQ(journalFieldName("a-b.\xC3\xA9"), "SCANHOST_A_B___");
  EXPECT_EQ(journalFieldName(std::string(100, 'a')).size(), 64u);
}

TEST_F(Journal, GetsAMessageThatFitsALine) {
  const TestEvent event(R"({"text":")" + std::string(5000, 'x') + R"(\u00e9"})");
  const Fields fields = parse(journalEntry(event.abi()));
  EXPECT_LT(fields.at("MESSAGE").size(), 410u);
  EXPECT_EQ(fields.at("SCANHOST_TEXT").size(), 5002u);
}

TEST_F(Journal, GetsALineThatIsNoJsonAsTheMessage) {
  EXPECT_EQ(parse(journalEntry(TestEvent("{").abi())).at("MESSAGE"), "{");
}

TEST_F(Journal, GetsWhatIsTooBigForADatagramAsAFile) {
  const FakeJournald journald(path);
  const auto output = open();
  write(*output, TestEvent(R"({"text":")" + std::string(9 << 20, 'x') + R"("})"));
  EXPECT_EQ(journald.next().at("SCANHOST_TEXT").size(), 9u << 20);
}

TEST_F(Journal, IsNotWaitedForLongerThanThePatience) {
  const FakeJournald journald(path);
  const auto output = open();
  const auto began = std::chrono::steady_clock::now();
  try {
    for (int i = 0; i < 10'000; ++i) write(*output, TestEvent(R"({"a":1})"));
    FAIL() << "nobody reads";
  } catch (const PluginError& error) {
    EXPECT_EQ(error.errorClass(), ErrorClass::transient);
    EXPECT_EQ(error.subject(), ErrorSubject::backend);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2 * EventOutput::patience);
}

TEST_F(Journal, IsFoundAgainAfterItWasStartedAnew) {
  std::optional<FakeJournald> journald(path);
  const auto output = open();
  journald.reset();
  EXPECT_THROW(write(*output, TestEvent("{}")), PluginError);
  std::filesystem::remove(path);
  journald.emplace(path);
  write(*output, TestEvent(R"({"a":1})"));
  EXPECT_EQ(journald->next().at("SCANHOST_A"), "1");
}

TEST_F(Journal, ThatIsNotThereIsToldAtTheStart) {
  try {
    open();
    FAIL() << "opened";
  } catch (const PluginError& error) {
    EXPECT_EQ(error.errorClass(), ErrorClass::config);
    EXPECT_THAT(error.what(), HasSubstr(path));
  }
}

/// systemd's own, with folders of its own; needs root, and its package.
TEST_F(Journal, ShowsTheFieldsWhenItIsARealOne) {
  const std::string program = "/lib/systemd/systemd-journald";
  if (geteuid() != 0 || !std::filesystem::exists(program))
    GTEST_SKIP() << "needs root and " << program;
  ChildProcess journald({{"unshare", "--mount", "sh", "-c",
                          "mount -t tmpfs t /run && mount -t tmpfs t /var/log && "
                          "mkdir -p /run/systemd/journal && exec " +
                              program},
                         {},
                         {}});
  const std::string run = "/proc/" + std::to_string(journald.pid()) + "/root/run";
  JsonlogConfig config;
  config.output = JsonlogConfig::Output::journald;
  config.socket = run + "/systemd/journal/socket";
  std::unique_ptr<EventOutput> output;
  for (int i = 0; i < 100 && !output && journald.running(); ++i) try {
      output = EventOutput::open(config);
    } catch (const PluginError&) {
      std::this_thread::sleep_for(50ms);
    }
  if (!output) GTEST_SKIP() << "it cannot be started here: " << journald.err();
  write(*output, TestEvent(R"({"event":"tried","task_id":"ne_on_1","text":"a\nb","trace_id":"t"})",
                           SCANHOST_LEVEL_ERROR));
  write(*output, TestEvent(R"({"event":"big","text":")" + std::string(1 << 20, 'x') + R"("})"));

  std::string shown;
  for (int i = 0; i < 100 && shown.find("\"big\"") == shown.npos; ++i) {
    std::this_thread::sleep_for(50ms);
    shown = testing_support::run({{"journalctl", "--directory", run + "/log/journal", "--all",
                                   "--output", "json", "SYSLOG_IDENTIFIER=scanhost"},
                                  {},
                                  {}})
                .out;
  }
  const auto first = Json::tryParse(shown.substr(0, shown.find('\n')));
  ASSERT_TRUE(first) << shown.substr(0, 1000);
  EXPECT_EQ((*first)["SCANHOST_TASK_ID"].asString(), "ne_on_1");
  EXPECT_EQ((*first)["SCANHOST_TEXT"].asString(), "a\nb");
  EXPECT_EQ((*first)["PRIORITY"].asString(), "3");
  EXPECT_THAT(shown, HasSubstr(R"("SCANHOST_EVENT":"big")"));
}

}  // namespace
}  // namespace scanhost
