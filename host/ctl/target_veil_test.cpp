// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/target_veil.h"

#include <gtest/gtest.h>

namespace scanhost::ctl {
namespace {

using namespace std::string_literals;

TargetVeil afterTask() {
  TargetVeil veil;
  veil.learn(Json::object({{"name", "Board room"}, {"targets", "10.0.0.7, db.example.org"}}));
  return veil;
}

TEST(TargetVeil, WhatATaskToldIsFoundAsAWholeWord) {
  const TargetVeil veil = afterTask();
  EXPECT_EQ(veil.withoutKnown("Board room: 10.0.0.7 and 10.0.0.71, db.example.org"s),
            "[left out]: [left out] and 10.0.0.71, [left out]");
}

TEST(TargetVeil, TargetsMayComeAsAList) {
  TargetVeil veil;
  veil.learn(Json::parse(R"({"targets": ["web.example.org"]})"));
  EXPECT_EQ(veil.withoutKnown("web.example.org"s), "[left out]");
}

TEST(TargetVeil, ThisMachineAndShortWordsAreNotLearnt) {
  TargetVeil veil;
  veil.learn(Json::object({{"name", "LAN"}, {"targets", "127.0.0.1,localhost,127.0.0.0/8"}}));
  EXPECT_EQ(veil.withoutKnown("LAN 127.0.0.1 localhost"s), "LAN 127.0.0.1 localhost");
}

TEST(TargetVeil, NamesOfMembersStayWhateverATaskIsCalled) {
  TargetVeil veil;
  veil.learn(Json::object({{"name", "status"}}));
  EXPECT_EQ(veil.withoutKnown(Json::parse(R"({"status": "ready"})")),
            Json::parse(R"({"status": "ready"})"));
}

TEST(TargetVeil, AddressesGoByTheirForm) {
  const TargetVeil veil;
  EXPECT_EQ(veil.veil(std::string("10.1.2.3:443, 10.1.2.0/24, fe80::1, [2001:db8::2]:80.")),
            "[address]:443, [address]/24, [address], [[address]]:80.");
  for (const std::string text : {"127.0.0.1:8835", "::1", "0.0.0.0", "14:30:22", "v1.2.3",
                                 "std::string", "2026-11-24T14:30:22.123456Z"})
    EXPECT_EQ(veil.veil(text), text);
}

TEST(TargetVeil, MembersThatHoldTargetsAndNamesOfTasksAreLeftOut) {
  const TargetVeil veil;
  EXPECT_EQ(veil.veil(Json::parse(R"({"task_id": "t", "name": "LAN", "targets": ["a"]})")),
            Json::parse(R"({"task_id": "t", "name": "[left out]", "targets": "[left out]"})"));
  EXPECT_EQ(veil.veil(Json::parse(R"({"tool": "run", "description": "x", "host": null})")),
            Json::parse(R"({"tool": "run", "description": "[left out]", "host": null})"));
  const Json scanner = Json::parse(R"({"name": "scanner1", "state": "ready"})");
  EXPECT_EQ(veil.veil(scanner), scanner);
}

}  // namespace
}  // namespace scanhost::ctl
