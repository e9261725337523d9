// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/journal.h"

#include <gmock/gmock.h>

namespace scanhost::simulator {
namespace {

TEST(Journal, NumbersEntriesAndLeavesOutWhatIsUnknown) {
  Journal journal;
  JournalEntry entry;
  entry.time = Timestamp{1'700'000'000'000'000};
  entry.method = "GET";
  entry.path = "/scans";
  entry.status = 200;
  journal.add(entry);
  entry.effect = "scan_launched";
  entry.scan_id = 9;
  entry.fault = "drop_after";
  journal.add(entry);

  const Json entries = journal.entries();
  ASSERT_EQ(entries["entries"].size(), 2u);
  const Json& first = entries["entries"].items()[0];
  const Json& second = entries["entries"].items()[1];
  EXPECT_EQ(first["seq"].asInteger(), 1);
  EXPECT_EQ(first["effect"].asString(), "none");
  EXPECT_FALSE(first.has("scan_id"));
  EXPECT_FALSE(first.has("fault"));
  EXPECT_EQ(second["seq"].asInteger(), 2);
  EXPECT_EQ(second["scan_id"].asInteger(), 9);
  EXPECT_EQ(second["fault"].asString(), "drop_after");
}

TEST(Journal, ShowsOnlyWhatCameAfterANumber) {
  Journal journal;
  for (int i = 0; i < 5; ++i) journal.add({});
  EXPECT_EQ(journal.entries(3)["entries"].size(), 2u);
}

TEST(Journal, KeepsCredentialsAsDigestsOnly) {
  Journal journal;
  journal.addCredentials(4, Json::parse(R"({"Host":{"SSH":[{"username":"u","password":"abc"}]}})"));
  const std::string shown = journal.credentials().dump();
  EXPECT_THAT(shown, testing::HasSubstr("Host.SSH[0].password"));
  EXPECT_THAT(shown, testing::HasSubstr(
                         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  EXPECT_THAT(shown, testing::Not(testing::HasSubstr("abc")));
}

}  // namespace
}  // namespace scanhost::simulator
