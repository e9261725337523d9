// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/audit.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "tests/support/folder.h"
#include "tests/support/full_disk.h"

namespace scanhost {
namespace {

using testing_support::FullDisk;
using namespace std::chrono_literals;

class AuditOfANode : public testing::Test {
 protected:
  void open() {
    auto opened = openLedger(folder.path(), "node-1", metrics, log);
    ASSERT_TRUE(opened) << opened.error().message;
    ledger = std::move(*opened);
    ASSERT_TRUE(ledger->append({.kind = AuditKind::reload})) << "so that the start is written";
  }
  std::filesystem::path file() const { return ledgerFolder(folder.path()) / "ledger.jsonl"; }
  double metric(const std::string& name, const MetricLabels& labels = {}) const {
    for (const MetricFamily& family : metrics.snapshot())
      if (family.name == name)
        for (const MetricSample& sample : family.metrics)
          if (sample.labels == labels) return sample.value;
    return -1;
  }
  /// Waits for one of that name.
  EventPtr event(const std::string& name) {
    for (int tries = 0; tries < 500; ++tries) {
      for (EventPtr& one : events->waitBatch(100, 10ms)) seen.push_back(std::move(one));
      for (const EventPtr& one : seen)
        if (one->event == name) return one;
    }
    ADD_FAILURE() << "no " << name;
    return std::make_shared<Event>(Level::info, "", "", "", Json());
  }

  testing_support::Folder folder;
  Metrics metrics;
  EventLog log{{.level = Level::debug, .on_dropped = {}, .fallback_fd = -1}};
  decltype(log.subscribe("")) events = log.subscribe("test");
  std::vector<EventPtr> seen;
  std::unique_ptr<Ledger> ledger;
};

TEST_F(AuditOfANode, EveryKindStandsAtZeroAndMovesWithItsEntries) {
  open();
  ledger->append({.kind = AuditKind::purge});
  ledger.reset();
  EXPECT_EQ(metric("scanhost_audit_entries_total", {{"kind", "start"}}), 1);
  EXPECT_EQ(metric("scanhost_audit_entries_total", {{"kind", "purge"}}), 1);
  EXPECT_EQ(metric("scanhost_audit_entries_total", {{"kind", "policy_decision"}}), 0);
  EXPECT_EQ(Json::parse(event("audit_appended")->line())["sequence"].asInteger(), 1);
}

TEST_F(AuditOfANode, AFullDiskIsToldAndSoIsItsEnd) {
  open();
  EXPECT_EQ(metric("scanhost_ledger_writable"), 1);
  {
    const FullDisk full(std::filesystem::file_size(file()));
    EXPECT_FALSE(ledger->append({.kind = AuditKind::purge, .trace_id = "of the request"}));
    EXPECT_EQ(event("audit_write_failed")->trace_id, "of the request");
    EXPECT_EQ(metric("scanhost_ledger_writable"), 0);
  }
  event("audit_write_recovered");
  EXPECT_EQ(metric("scanhost_ledger_writable"), 1);
  EXPECT_EQ(metric("scanhost_audit_entries_total", {{"kind", "outage"}}), 1);
}

TEST_F(AuditOfANode, WhatTheStartFindsIsToldInTheLogAndInTheLedger) {
  open();
  ledger.reset();
  std::ofstream(file(), std::ios::app) << "rubbish\nand no end";
  open();
  EXPECT_EQ(Json::parse(event("audit_line_torn")->line())["bytes"].asInteger(), 10);
  EXPECT_NE(event("audit_chain_broken")->line().find("ledger.jsonl:3: "), std::string::npos);
  std::ifstream in(file());
  std::string line;
  std::getline(in, line);
  EXPECT_EQ((*Json::tryParse(line))["facts"]["problems"].size(), 1u);
}

TEST_F(AuditOfANode, AKillSwitchMadeByHandIsToldAndWrittenDown) {
  open();
  KillSwitch kill_switch(folder.path() / "kill_switch", tellKillSwitch(*ledger, metrics, log));
  std::ofstream(folder.path() / "kill_switch").flush();
  kill_switch.look();
  EXPECT_EQ(metric("scanhost_kill_switch"), 1);
  event("kill_switch_engaged");
  std::filesystem::remove(folder.path() / "kill_switch");
  kill_switch.look();
  EXPECT_EQ(metric("scanhost_kill_switch"), 0);
  event("kill_switch_released");
  ledger.reset();
  EXPECT_EQ(metric("scanhost_audit_entries_total", {{"kind", "kill_switch"}}), 2);
}

}  // namespace
}  // namespace scanhost
