// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/file_report.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <fstream>
#include <sstream>

#include "tests/simulators/nessus/report_writer.h"

namespace scanhost::simulator {
namespace {

constexpr const char* small_report =
    "<?xml version=\"1.0\" ?><NessusClientData_v2><Report name=\"old\"><ReportHost name=\"h1\">"
    "<HostProperties><tag name=\"host-ip\">10.1.1.1</tag></HostProperties>"
    "<ReportItem port=\"22\" svc_name=\"ssh\" protocol=\"tcp\" severity=\"2\" pluginID=\"70658\" "
    "pluginName=\"CBC\" pluginFamily=\"Misc.\"><risk_factor>Low</risk_factor>"
    "<plugin_output>a &amp; b</plugin_output></ReportItem></ReportHost></Report>"
    "</NessusClientData_v2>";

class FileReports : public testing::Test {
 protected:
  FileReports() {
    std::string pattern = testing::TempDir() + "simulator-reports-XXXXXX";
    folder = mkdtemp(pattern.data());
  }
  ~FileReports() override { std::filesystem::remove_all(folder); }

  std::filesystem::path put(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name, std::ios::binary) << text;
    return folder / name;
  }

  std::filesystem::path folder;
};

TEST_F(FileReports, AreServedByteForByte) {
  const FileReport report(put("a.nessus", small_report));
  std::ostringstream out;
  writeNessus(report, report.hostCount(), out);
  EXPECT_EQ(out.str(), small_report);
}

TEST_F(FileReports, ShowTheirHostsAndItems) {
  const FileReport report(put("a.nessus", small_report));
  ASSERT_EQ(report.hostCount(), 1u);
  const ReportHost host = report.host(0);
  EXPECT_EQ(report.name(), "old");
  EXPECT_EQ(host.name, "h1");
  EXPECT_THAT(host.properties, testing::ElementsAre(testing::Pair("host-ip", "10.1.1.1")));
  ASSERT_EQ(host.items.size(), 1u);
  EXPECT_EQ(host.items[0].plugin_id, 70658);
  EXPECT_EQ(host.items[0].severity, 2);
  EXPECT_EQ(host.items[0].output, "a & b");
}

TEST_F(FileReports, BrokenFileIsServedAsItIs) {
  const std::string half = std::string(small_report).substr(0, 150);
  const FileReport report(put("a.nessus", half));
  std::ostringstream out;
  writeNessus(report, report.hostCount(), out);
  EXPECT_EQ(out.str(), half);
}

TEST_F(FileReports, LongestStemInTheScansNameWins) {
  put("web.nessus", small_report);
  put("web-internal.nessus", small_report);
  put("notes.txt", "no report");
  const auto library = ReportLibrary::load(folder);
  ASSERT_TRUE(library.has_value());
  EXPECT_EQ(library->size(), 2u);
  EXPECT_EQ(library->find("the web-internal scan"), library->find("web-internal"));
  EXPECT_NE(library->find("the web scan"), library->find("web-internal"));
  EXPECT_EQ(library->find("something else"), nullptr);
}

TEST_F(FileReports, MissingFolderIsAnErrorThatNamesIt) {
  const auto library = ReportLibrary::load(folder / "nowhere");
  ASSERT_FALSE(library.has_value());
  EXPECT_THAT(library.error().message, testing::HasSubstr("nowhere"));
}

}  // namespace
}  // namespace scanhost::simulator
