// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/report_xml/xml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanhost::report_xml {
namespace {

/// Writes what it is told back as one line.
class Echo : public XmlHandler {
 public:
  void onStart(std::string_view name, const XmlAttributes& attributes) override {
    line += "<" + std::string(name);
    attributes.forEach([&](std::string_view key, std::string_view value) {
      line += " " + std::string(key) + "=" + std::string(value);
    });
    line += ">";
  }
  void onEnd(std::string_view) override { line += ">"; }
  void onText(std::string_view text) override { line += text; }

  std::string line;
};

std::string read(std::string_view document, XmlBounds bounds = {}, std::size_t piece = 7) {
  Echo echo;
  XmlReader reader(echo, std::move(bounds));
  for (std::size_t at = 0; at < document.size(); at += piece)
    reader.feed(document.substr(at, piece));
  reader.finish();
  return echo.line;
}

std::string refusal(std::string_view document, XmlBounds bounds = {}) {
  try {
    read(document, std::move(bounds));
  } catch (const XmlError& error) {
    return error.what();
  }
  return "read without complaint";
}

const XmlBounds nmap{.bare_doctype = "nmaprun"};

TEST(XmlReader, GivesNamesWithPrefixesAndTextsWithEntitiesResolved) {
  EXPECT_EQ(read("<a xmlns:cm='u'><cm:b k='x&amp;&#228;'>1 &lt; 2<![CDATA[<&]]></cm:b></a>"),
            "<a xmlns:cm=u><cm:b k=x&\xC3\xA4>1 < 2<&>>");
}

TEST(XmlReader, RefusesAnyDocumentTypeByDefault) {
  EXPECT_THAT(refusal("<!DOCTYPE a><a/>"), testing::HasSubstr("document type"));
}

TEST(XmlReader, PassesTheOneBareDocumentType) {
  EXPECT_EQ(read("<!DOCTYPE nmaprun>\n<?xml-stylesheet href='x'?><nmaprun/>", nmap), "<nmaprun>>");
}

TEST(XmlReader, RefusesADocumentTypeThatIsMoreThanBare) {
  for (const char* document :
       {"<!DOCTYPE other><nmaprun/>", "<!DOCTYPE nmaprun SYSTEM 'file:///etc/passwd'><nmaprun/>",
        "<!DOCTYPE nmaprun PUBLIC 'a' 'http://127.0.0.1:1/x'><nmaprun/>",
        "<!DOCTYPE nmaprun []><nmaprun/>", "<!DOCTYPE nmaprun [<!ELEMENT nmaprun ANY>]><nmaprun/>",
        "<!DOCTYPE nmaprun [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]><nmaprun/>"})
    EXPECT_THAT(refusal(document, nmap), testing::HasSubstr("document type")) << document;
}

TEST(XmlReader, AnEntityBombDies) {
  std::string bomb = "<!DOCTYPE nmaprun [<!ENTITY a \"aaaaaaaaaa\">";
  for (char c = 'b'; c <= 'k'; ++c) {
    bomb += "<!ENTITY " + std::string(1, c) + " \"";
    for (int i = 0; i < 10; ++i) bomb += "&" + std::string(1, static_cast<char>(c - 1)) + ";";
    bomb += "\">";
  }
  bomb += "]><nmaprun>&k;</nmaprun>";

  EXPECT_THAT(refusal(bomb, nmap), testing::HasSubstr("document type"));
  EXPECT_THAT(refusal(bomb), testing::HasSubstr("document type"));
}

TEST(XmlReader, KnowsNoEntityBeyondThePredefined) {
  EXPECT_THAT(refusal("<a>&secret;</a>"), testing::HasSubstr("secret"));
  EXPECT_THAT(refusal("<a k='&secret;'/>"), testing::HasSubstr("secret"));
}

TEST(XmlReader, RefusesWhatIsCutOffOrMismatched) {
  EXPECT_NE(refusal("<a><b>text"), "read without complaint");
  EXPECT_NE(refusal("<a><b></a>"), "read without complaint");
  EXPECT_NE(refusal("text <a/>"), "read without complaint");
  EXPECT_NE(refusal("<a/><b/>"), "read without complaint");
  EXPECT_NE(refusal(""), "read without complaint");
  EXPECT_NE(refusal("<a>\x01</a>"), "read without complaint");
  EXPECT_NE(refusal("<a>\xFF\xFE</a>"), "read without complaint");
}

/// libxml2's converters stop at such bytes without calling the document malformed, or let them
/// pass, depending on the pieces; and they print what they think.
TEST(XmlReader, BytesThatAreNotUtf8AreRefusedWhateverEncodingIsDeclared) {
  using namespace std::string_literals;
  const std::string documents[] = {
      "<?xml version='1.0' encoding='EUC-JP'?><a><b/>\xFF\xFE\xFD\0\0</a>"s,
      "<?xml version='1.0' encoding='U-TF-8'?><a \x92\x9C='1'></a>"s,
      "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE4</a>"s,
      "\xFF\xFE<\0a\0/\0>\0"s,
      "<\0a\0/\0>\0"s,
      "\0<\0a\0/\0>"s};
  for (const std::string& document : documents)
    for (const std::size_t piece : {1u, 2u, 7u, 11u, 1000u}) {
      testing::internal::CaptureStderr();
      EXPECT_THROW(read(document, {}, piece), XmlError) << document << " by " << piece;
      EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << document << " by " << piece;
    }
}

TEST(XmlReader, ReadsUtf8WhateverEncodingIsDeclared) {
  EXPECT_EQ(read("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xC3\xA4</a>"), "<a>\xC3\xA4>");
  EXPECT_EQ(read("\xEF\xBB\xBF<a>\xC3\xA4</a>"), "<a>\xC3\xA4>");
}

TEST(XmlReader, BoundsDepthAttributesAndSize) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  EXPECT_THAT(refusal(deep), testing::HasSubstr("deeper than 64"));

  std::string wide = "<a";
  for (int i = 0; i < 100; ++i) wide += " k" + std::to_string(i) + "=''";
  EXPECT_THAT(refusal(wide + "/>"), testing::HasSubstr("64 attributes"));

  EXPECT_THAT(refusal("<a>0123456789</a>", {.bytes = 10}), testing::HasSubstr("larger than 10"));
}

TEST(XmlReader, WhatAHandlerThrowsComesOut) {
  class Picky : public Echo {
    void onStart(std::string_view, const XmlAttributes&) override { throw 42; }
  } picky;
  XmlReader reader(picky);
  EXPECT_THROW(reader.feed("<a><b/></a>"), int);
}

}  // namespace
}  // namespace scanhost::report_xml
