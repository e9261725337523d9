// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/greenbone/response.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <scanhost/error.h>

#include "plugins/scanner/greenbone/task_state.h"

namespace scanhost::greenbone {
namespace {

using testing::ElementsAre;

void feed(PathReader& reader, const std::string& xml, std::size_t step = 7) {
  for (std::size_t at = 0; at < xml.size(); at += step) reader.feed(xml.substr(at, step));
}

std::vector<RemoteState> statesIn(const std::string& tasks) {
  std::vector<RemoteState> states;
  EntityReader reader("task", taskFields(),
                      [&](const Fields& task) { states.push_back(taskState(task)); });
  feed(reader,
       "<get_tasks_response status='200' status_text='OK'>" + tasks + "</get_tasks_response>");
  return states;
}

TEST(Response, TellsItsStatusAndWhatWasMade) {
  EntityReader reader({"report_id"});
  feed(reader,
       "<start_task_response status=\"202\" status_text=\"OK, request submitted\" id=\"x\">"
       "<report_id>abc</report_id></start_task_response>");
  EXPECT_TRUE(reader.isDone());
  EXPECT_EQ(reader.status().code, 202);
  EXPECT_EQ(reader.status().id, "x");
  EXPECT_EQ(textAt(reader.fields(), "report_id"), "abc");
}

TEST(Response, IsNotDoneBeforeItsRootCloses) {
  EntityReader reader({});
  feed(reader, "<get_version_response status='200'><version>22.5</version>");
  EXPECT_FALSE(reader.isDone());
}

TEST(Response, WhatIsNoAnswerIsRefused) {
  for (const char* bad : {"HTTP/1.1 400 Bad Request", "<html status='200'/>", "<x_response/>",
                          "<x_response status='200'><a></b>",
                          "<!DOCTYPE a [<!ENTITY x \"y\">]><x_response status='200'>&x;"})
    EXPECT_THROW(
        {
          EntityReader reader({});
          feed(reader, bad);
        },
        PluginError)
        << bad;
}

TEST(Response, DepthAndTextsAreBounded) {
  EntityReader reader({"a"});
  feed(reader, "<x_response status='200'><a>" + std::string(1u << 20, 'x') + "</a></x_response>",
       4096);
  EXPECT_LE(textAt(reader.fields(), "a").size(), 64u << 10);
  std::string deep = "<x_response status='200'>";
  for (int i = 0; i < 200; ++i) deep += "<a>";
  EntityReader other({});
  EXPECT_THROW(feed(other, deep), PluginError);
}

TEST(Task, IsTheStateOfARemoteScan) {
  const auto states = statesIn(
      "<task id='t1'><owner id='o'><name>admin</name></owner><name>LAN [scanhost:gr_a_1/1]</name>"
      "<status>Running</status><progress>42<host_progress><host>10.0.0.7</host>9</host_progress>"
      "</progress><report_count>2<finished>1</finished></report_count><current_report>"
      "<report id='r2'/></current_report><last_report><report id='r1'/></last_report></task>"
      "<task id='t2'><name>someone's</name><status>Done</status><progress>-1</progress>"
      "<last_report><report id='r3'/></last_report></task>");
  ASSERT_EQ(states.size(), 2u);
  EXPECT_EQ(states[0].reference, "t1");
  EXPECT_EQ(states[0].marker, "[scanhost:gr_a_1/1]");
  EXPECT_EQ(states[0].name, "LAN");
  EXPECT_EQ(states[0].state, RemoteStatus::running);
  EXPECT_EQ(states[0].percent, 42);
  EXPECT_EQ(states[0].run_id, "r2") << "the newest";
  EXPECT_EQ(states[1].marker, "");
  EXPECT_EQ(states[1].percent, 100);
  EXPECT_EQ(states[1].run_id, "r3");
}

TEST(Task, OnlyANewOneWithoutReportsIsFresh) {
  EXPECT_TRUE(isFresh(statesIn("<task id='t'><status>New</status></task>")[0]));
  EXPECT_FALSE(
      isFresh(statesIn("<task id='t'><status>New</status><last_report><report id='r'/>"
                       "</last_report></task>")[0]));
  EXPECT_FALSE(isFresh(statesIn("<task id='t'><status>Stopped</status></task>")[0]));
}

TEST(Task, AStatusThatIsNotKnownCountsAsRunning) {
  EXPECT_EQ(statusOf("Queued"), RemoteStatus::pending);
  EXPECT_EQ(statusOf("Stop Requested"), RemoteStatus::stopping);
  EXPECT_EQ(statusOf("Interrupted"), RemoteStatus::aborted);
  EXPECT_EQ(statusOf("Meditating"), RemoteStatus::running);
}

TEST(Escaped, TextCannotBecomeMarkup) {
  EXPECT_EQ(escaped("a<b>&\"'\n\x01"), "a&lt;b&gt;&amp;&quot;&apos;&#10; ");
}

}  // namespace
}  // namespace scanhost::greenbone
