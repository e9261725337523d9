// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The ring and its readers, and the line an event becomes.
#include "host/telemetry/event_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <map>
#include <thread>

namespace scanhost {
namespace {

using namespace std::chrono_literals;

EventLog::Options quiet() {
  EventLog::Options options;
  options.fallback_fd = -1;
  return options;
}

TEST(EventLog, LineHasTheContractsFieldsInOrder) {
  EXPECT_EQ(renderEvent({1'764'599'422'123'456}, Level::warning, "queue", "lease_lost", "id",
                        Json::object({{"n", 1}})),
            R"({"timestamp":"2025-12-01T14:30:22.123456Z","level":"warning","component":"queue",)"
            R"("event":"lease_lost","trace_id":"id","n":1})");
}

TEST(EventLog, LineWithoutTraceSaysNull) {
  const Json line = Json::parse(renderEvent({}, Level::info, "c", "e", "", {}));
  EXPECT_TRUE(line.has("trace_id"));
  EXPECT_TRUE(line["trace_id"].isNull());
}

TEST(EventLog, LineIsJsonWhateverTheInput) {
  std::string bytes;
  for (int c = 0; c < 256; ++c) bytes += static_cast<char>(c);
  const std::string line = renderEvent(
      {}, Level::error, bytes, bytes, bytes,
      Json::object(
          {{bytes, bytes}, {"level", "forged"}, {"twice", 1}, {"twice", 2}, {"x\ny", "\"}\n{"}}));
  std::string why;
  const auto parsed = Json::tryParse(line, {}, &why);
  ASSERT_TRUE(parsed) << why;
  EXPECT_EQ((*parsed)["level"], Json("error"));
  EXPECT_EQ((*parsed)["twice"], Json(1));
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

TEST(EventLog, AnEventIsRenderedOnceForAllReaders) {
  EventLog log(quiet());
  const auto one = log.subscribe("one");
  const auto other = log.subscribe("other");
  log.emit(Level::info, "c", "e", {}, Json::object({{"n", 1}}));
  const std::string* first = nullptr;
  std::thread thread([&] { first = &one->waitBatch(1, 1s).at(0)->line(); });
  const std::string* second = &other->waitBatch(1, 1s).at(0)->line();
  thread.join();
  EXPECT_EQ(first, second);
  EXPECT_EQ(Json::parse(*second)["n"], 1);
}

TEST(EventLog, LevelChangesWhileRunning) {
  EventLog log(quiet());
  const auto reader = log.subscribe("r");
  log.emit(Level::debug, "c", "unseen", {});
  log.setLevel(Level::debug);
  log.emit(Level::debug, "c", "seen", {});
  const auto batch = reader->waitBatch(10, 0ms);
  ASSERT_EQ(batch.size(), 1u);
  EXPECT_EQ(batch[0]->event, "seen");
}

TEST(EventLog, EachReaderGetsAllEventsAtItsOwnPace) {
  EventLog log(quiet());
  log.emit(Level::info, "c", "before", {});
  const auto fast = log.subscribe("fast");
  const auto slow = log.subscribe("slow");
  log.emit(Level::info, "c", "after", {});
  EXPECT_EQ(fast->waitBatch(10, 0ms).size(), 2u);
  EXPECT_EQ(slow->waitBatch(1, 0ms).at(0)->event, "before");
  EXPECT_EQ(slow->waitBatch(1, 0ms).at(0)->event, "after");
  EXPECT_TRUE(slow->waitBatch(1, 0ms).empty());
}

TEST(EventLog, SlowReaderLosesTheOldestAndIsTold) {
  std::map<std::string, std::uint64_t> metric;
  auto options = quiet();
  options.max_events = 10;
  options.on_dropped = [&](const std::string& exporter, std::uint64_t count) {
    metric[exporter] += count;
  };
  EventLog log(options);
  const auto reader = log.subscribe("slow");
  for (int i = 0; i < 25; ++i) log.emit(Level::info, "c", "e" + std::to_string(i), {});
  const auto batch = reader->waitBatch(100, 0ms);
  ASSERT_EQ(batch.size(), 10u);
  EXPECT_EQ(batch.front()->event, "e15");
  EXPECT_EQ(reader->dropped(), 15u);
  log.countLosses();
  EXPECT_EQ(metric["slow"], 15u);
  const auto next = reader->waitBatch(100, 0ms);
  ASSERT_EQ(next.size(), 1u);
  EXPECT_EQ(next[0]->event, "events_dropped");
  EXPECT_NE(next[0]->line().find(R"("exporter":"slow","count":15)"), std::string::npos);
}

TEST(EventLog, WhatAStuckReaderLosesIsCountedOnceAndToldToTheOthersMeanwhile) {
  std::map<std::string, std::uint64_t> metric;
  auto options = quiet();
  options.max_events = 10;
  options.on_dropped = [&](const std::string& exporter, std::uint64_t count) {
    metric[exporter] += count;
  };
  EventLog log(options);
  const auto stuck = log.subscribe("stuck");
  const auto working = log.subscribe("working");
  const auto emit = [&](int count) {
    for (int i = 0; i < count; ++i) {
      log.emit(Level::info, "c", "e", {});
      working->waitBatch(1, 0ms);
    }
  };
  emit(25);
  log.countLosses();
  EXPECT_EQ(metric["stuck"], 15u);
  const auto told = working->waitBatch(9, 0ms);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(told[0]->line().find(R"("exporter":"stuck","count":15)"), std::string::npos);

  emit(5);
  log.countLosses();
  EXPECT_EQ(metric["stuck"], 21u) << "what told of it took a place, too";
  log.countLosses();
  EXPECT_EQ(stuck->waitBatch(100, 0ms).size(), 10u);
  log.countLosses();
  EXPECT_EQ(metric["stuck"], 21u);
  EXPECT_EQ(metric.count("working"), 0u);
  EXPECT_TRUE(working->waitBatch(9, 0ms).empty()) << "people are told once a minute";
}

TEST(EventLog, WhatIsGivenBackToAStuckReaderAndGoneByThenIsCountedOnce) {
  std::uint64_t lost = 0;
  auto options = quiet();
  options.max_events = 4;
  options.on_dropped = [&](const std::string&, std::uint64_t count) { lost += count; };
  EventLog log(options);
  const auto reader = log.subscribe("r");
  const auto emit = [&](int count) {
    for (int i = 0; i < count; ++i) log.emit(Level::info, "c", "e", {});
  };
  emit(3);
  ASSERT_EQ(reader->waitBatch(3, 0ms).size(), 3u);
  emit(9);
  log.countLosses();
  EXPECT_EQ(lost, 5u) << "of those after the batch";
  reader->giveBack(3);
  log.countLosses();
  EXPECT_EQ(lost, 9u) << "and the batch, and one for what told of it";
}

TEST(EventLog, RingIsBoundedInBytesToo) {
  auto options = quiet();
  options.max_bytes = 100'000;
  EventLog log(options);
  const auto reader = log.subscribe("r");
  for (int i = 0; i < 100; ++i)
    log.emit(Level::info, "c", "e", {}, Json::object({{"text", std::string(10'000, 'x')}}));
  EXPECT_LT(reader->waitBatch(1000, 0ms).size(), 11u);
}

TEST(EventLog, AnOversizedEventKeepsItsSmallFieldsAndTheBeginningOfLongOnes) {
  EventLog log(quiet());
  const auto reader = log.subscribe("r");
  const std::string text(1 << 20, 'x');
  Json many = Json::array();
  for (int i = 0; i < 10'000; ++i) many.push("scanners." + std::to_string(i));
  log.emit(Level::info, "c", "e", "trace",
           Json::object({{"tool", "cancel_scan"},
                         {"text", text},
                         {"changed", many},
                         {"task_id", "t1"},
                         {"attempt", 3}}));
  const EventPtr event = reader->waitBatch(1, 0ms).at(0);
  const Json fields = Json::parse(event->line());
  EXPECT_EQ(event->trace_id, "trace");
  EXPECT_EQ(fields["tool"], "cancel_scan");
  EXPECT_EQ(fields["task_id"], "t1");
  EXPECT_EQ(fields["attempt"], 3);
  EXPECT_EQ(fields["text"].asString().substr(0, 9), "xxxxxxxxx");
  EXPECT_EQ(fields["changed"].items().at(0), "scanners.0");
  EXPECT_GT(fields["oversized_fields_bytes"].asInteger(), 1 << 20);
  EXPECT_LT(event->line().size(), 64u << 10);
}

TEST(EventLog, AnEventOfManyLongFieldsStaysWithinTheBound) {
  EventLog log(quiet());
  const auto reader = log.subscribe("r");
  Json fields = Json::object();
  for (int i = 0; i < 1000; ++i) fields["field" + std::to_string(i)] = std::string(5'000, 'x');
  fields["task_id"] = "t1";
  log.emit(Level::info, "c", "e", {}, fields);
  const EventPtr event = reader->waitBatch(1, 0ms).at(0);
  EXPECT_EQ(Json::parse(event->line())["task_id"], "t1");
  EXPECT_LT(event->line().size(), 64u << 10);
}

TEST(EventLog, RenderedEventsTakeNoMoreThanTheRingMayHold) {
  const std::string controls(900, '\x01'), bytes(4000, '\xff'), quotes(1000, '"');
  for (const Json& fields :
       {Json(), Json::object({{"text", controls}}), Json::object({{controls, 1}}),
        Json::object({{"nested", Json::object({{controls, 1}})}}), Json::object({{"text", bytes}}),
        Json::object({{bytes, 1}}), Json::object({{"text", quotes}}),
        Json::object({{"del", std::string(900, '\x7f')}, {"back", std::string(900, '\\')}})}) {
    auto options = quiet();
    options.max_bytes = 256u << 10;
    EventLog log(options);
    const auto reader = log.subscribe("r");
    for (int i = 0; i < 2000; ++i) log.emit(Level::info, "component", "event", "trace", fields);
    std::size_t held = 0;
    for (const EventPtr& event : reader->waitBatch(2000, 0ms))
      held += sizeof(Event) + event->line().capacity();
    EXPECT_LE(held, options.max_bytes) << renderEvent({}, Level::info, "c", "e", "", fields);
  }
}

TEST(EventLog, AReaderThatGivesBackIsOfferedTheSameAgain) {
  EventLog log({.on_dropped = {}, .fallback_fd = -1});
  const auto reader = log.subscribe("first");
  for (const char* name : {"a", "b", "c"}) log.emit(Level::info, "test", name, "");
  ASSERT_EQ(reader->waitBatch(2, 0ms).size(), 2u);
  reader->close();
  reader->giveBack(1);
  const auto again = reader->waitBatch(9, 0ms);
  ASSERT_EQ(again.size(), 2u);
  EXPECT_EQ(again[0]->event, "b");
}

TEST(EventLog, AReaderFromNowOnHearsNothingOfBefore) {
  EventLog log({.on_dropped = {}, .fallback_fd = -1});
  log.emit(Level::info, "test", "before", "");
  const auto reader = log.subscribeFromNow("late");
  log.emit(Level::info, "test", "after", "");
  const auto heard = reader->waitBatch(9, 0ms);
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0]->event, "after");
}

TEST(EventLog, CloseWakesAReader) {
  EventLog log(quiet());
  const auto reader = log.subscribe("r");
  std::thread closer([&] { reader->close(); });
  EXPECT_TRUE(reader->waitBatch(1, 10s).empty());
  closer.join();
}

TEST(EventLog, StderrGetsWarningsOnlyWhileNobodyReads) {
  int fds[2];
  ASSERT_EQ(pipe(fds), 0);
  auto options = quiet();
  options.fallback_fd = fds[1];
  EventLog log(options);
  log.emit(Level::info, "c", "quiet", {});
  log.emit(Level::error, "c", "loud", {});
  {
    const auto reader = log.subscribe("r");
    log.emit(Level::error, "c", "read", {});
  }
  close(fds[1]);
  std::string text(4096, '\0');
  text.resize(static_cast<std::size_t>(read(fds[0], text.data(), text.size())));
  close(fds[0]);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  EXPECT_EQ(Json::parse(text)["event"], Json("loud"));
}

TEST(EventLog, LineHasNamesThatAreWrittenAlikeOnce) {
  const Json line =
      Json::parse(renderEvent({}, Level::info, "c", "e", "",
                              Json::object({{"\xff", 1}, {"\xfe", 2}, {"\xEF\xBF\xBD", 3}})));
  EXPECT_EQ(line.size(), 6u);
  EXPECT_EQ(line["\xEF\xBF\xBD"], Json(1));
}

TEST(EventLog, APipeThatNobodyReadsHoldsUpNobodyWhoTellsOfTrouble) {
  int fds[2];
  ASSERT_EQ(pipe(fds), 0);
  auto options = quiet();
  options.fallback_fd = fds[1];
  EventLog log(options);
  for (int i = 0; i < 100; ++i)
    log.emit(Level::error, "c", "e", {}, Json::object({{"text", std::string(2000, 'x')}}));
  log.emit(Level::error, "c", "big", {}, Json::object({{"text", std::string(20'000, 'x')}}));
  close(fds[0]);
  close(fds[1]);
}

TEST(EventLog, ManyWritersLoseNothingWithinTheBounds) {
  EventLog log(quiet());
  const auto reader = log.subscribe("r");
  std::vector<std::thread> writers;
  for (int t = 0; t < 4; ++t)
    writers.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) log.emit(Level::info, "c", "e", {}, Json::object({{"i", i}}));
    });
  std::size_t count = 0;
  Timestamp last;
  while (count < 4000) {
    const auto batch = reader->waitBatch(100, 5s);
    ASSERT_FALSE(batch.empty());
    for (const auto& event : batch) {
      EXPECT_GE(event->time, last);
      last = event->time;
    }
    count += batch.size();
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(reader->dropped(), 0u);
}

TEST(EventLog, LevelNamesGoThereAndBack) {
  for (const Level level : {Level::debug, Level::info, Level::warning, Level::error})
    EXPECT_EQ(parseLevel(levelName(level)), level);
  EXPECT_FALSE(parseLevel("warn"));
}

}  // namespace
}  // namespace scanhost
