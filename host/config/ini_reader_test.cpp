// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/ini_reader.h"

#include <gtest/gtest.h>

#include "host/config/test_files.h"

namespace scanhost {
namespace {

std::string iniAsJson(const std::string& text) {
  Problems problems;
  const ConfigNode tree = readIni(text, testFileName("test.ini"), problems);
  for (const std::string& shown : shownProblems(problems.take())) ADD_FAILURE() << shown;
  return tree.toJson().dump();
}

std::vector<std::string> iniErrors(const std::string& text) {
  Problems problems;
  readIni(text, testFileName("test.ini"), problems);
  return shownProblems(problems.take());
}

TEST(IniReader, DotsNestInSectionsAndKeys) {
  EXPECT_EQ(
      iniAsJson("top.a = 1\n[http]\nlisten = 127.0.0.1:8835\ntls.key = /k\n[http.tls]\ncert=/c\n"),
      R"({"top":{"a":1},"http":{"listen":"127.0.0.1:8835","tls":{"key":"/k","cert":"/c"}}})");
}

TEST(IniReader, SectionsOfListsAreEntries) {
  EXPECT_EQ(iniAsJson("[scanners.local]\npool = nmap\n[scanners.two]\npool = nessus\n"
                      "[scanners.two.config.tls]\npin = x\n[exporters.exporter-jsonlog]\n"
                      "config.output = stdout\n[exporters.second]\nplugin = exporter-jsonlog\n"),
            R"({"scanners":[{"pool":"nmap","name":"local"},)"
            R"({"pool":"nessus","config":{"tls":{"pin":"x"}},"name":"two"}],)"
            R"("exporters":[{"config":{"output":"stdout"},"plugin":"exporter-jsonlog"},)"
            R"({"plugin":"exporter-jsonlog"}]})");
}

TEST(IniReader, ValuesMayBeQuotedCommentedOrListed) {
  EXPECT_EQ(iniAsJson("; note\n# note\na = \"x ; y\" ; note\nb = p#w ; note\nc = [1, \"2, 3\", x]\n"
                      "d = \"say \\\"hi\\\" \\\\ \\n\"\ne =\nf = \"\"\ng = []\n\"h.i\" = a = b\n"),
            R"({"a":"x ; y","b":"p#w","c":[1,"2, 3","x"],"d":"say \"hi\" \\ \\n","e":null,"f":"",)"
            R"("g":[],"h.i":"a = b"})");
}

TEST(IniReader, WindowsFilesReadAlike) {
  EXPECT_EQ(iniAsJson("\xEF\xBB\xBF[a]\r\nb = 1\r\n"), R"({"a":{"b":1}})");
}

TEST(IniReader, EveryBadLineIsReportedWithItsNumber) {
  const std::vector<std::string> expected{
      "test.ini:1: expected 'key = value' or '[section]'",
      "test.ini:3: a.b: this key stands twice; keep one of the two",
      "test.ini:4: a quote that is not closed",
      "test.ini:5: text after the closing quote",
      "test.ini:6: a.b: has a value already, so nothing can stand below it",
      "test.ini:7: an empty or overlong part in a name; names look like tls.certificate",
      "test.ini:8: a list looks like [one, \"two\"]",
      "test.ini:9: scanners: a list's section names its entry: write [scanners.NAME]",
      "test.ini:11: expected ']' after the name",
      "test.ini:12: text after the section's ']'; put it on a line of its own",
  };
  EXPECT_EQ(
      iniErrors("word\na.b = 1\na.b = 2\nc = \"x\nd = \"x\" y\na.b.c = 1\na..b = 1\ne = [1,,2]\n"
                "[scanners]\nignored = 1\n[unclosed\n[x] y\n"),
      expected);
}

TEST(IniReader, AListTakesNoSettingsOfItsOwn) {
  EXPECT_EQ(iniErrors("scanners.local = 1\n"),
            (std::vector<std::string>{"test.ini:1: scanners: is a list; give its entries a section "
                                      "each: [scanners.NAME]"}));
  EXPECT_TRUE(iniErrors("scanners.local.plugin = scanner-nmap\n").empty());
}

TEST(IniReader, DepthAndSizeAreBounded) {
  std::string deep = "a";
  for (int i = 0; i < 40; ++i) deep += ".a";
  EXPECT_NE(iniErrors(deep + " = 1\n").at(0).find("nested deeper than 32"), std::string::npos);
  std::string many;
  for (int i = 0; i < 60'000; ++i) many += "k" + std::to_string(i) + "=\n";
  EXPECT_EQ(iniErrors(many).size(), 1u);
  EXPECT_NE(iniErrors(many).at(0).find("more values than"), std::string::npos);
}

}  // namespace
}  // namespace scanhost
