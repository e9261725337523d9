// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nessus/member_filter.h"

#include <gtest/gtest.h>
#include <scanhost/json.h>

namespace scanhost::nessus {
namespace {

const std::vector<std::string_view> wanted = {"info", "history"};

/// What is kept, in pieces of that size.
std::string thinned(std::string_view text, std::size_t piece = 1) {
  MemberFilter filter(wanted);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += piece) filter.feed(text.substr(at, piece), out);
  return out;
}

TEST(MemberFilter, KeepsTheValuesOfWantedMembersAlone) {
  EXPECT_EQ(thinned(R"({"info":{"name":"x","hosts":[1]},"hosts":[{"a":1}],"n":7,"history":[{}]})"),
            R"({"info":{"name":"x","hosts":[1]},"hosts":null,"n":null,"history":[{}]})");
}

TEST(MemberFilter, TakesNoBracketOrQuoteInATextForStructure) {
  EXPECT_EQ(thinned(R"({ "a\"b" : "}],\"" , "info" : "}{\\" , "z" : ["\\\"]",{"info":2}] })"),
            R"({ "a\"b" :null, "info" : "}{\\" , "z" :null})");
}

TEST(MemberFilter, IsIndifferentToHowTheTextComes) {
  const std::string text = R"({"hosts":[{"x":"]}"}],"info":{"a":[1,{"b":"\\"}]},"notes":"n"})";
  for (std::size_t piece = 1; piece <= text.size(); ++piece)
    EXPECT_EQ(thinned(text, piece), R"({"hosts":null,"info":{"a":[1,{"b":"\\"}]},"notes":null})");
}

TEST(MemberFilter, LeavesWhatIsNoObjectToTheParser) {
  for (const char* text : {"", "null", "[\"info\",{\"a\":1}]", "<html>", "}}{", "\"info", ":::"})
    EXPECT_EQ(Json::tryParse(thinned(text)).has_value(), Json::tryParse(text).has_value()) << text;
  EXPECT_FALSE(Json::tryParse(thinned(R"({"hosts":[1,2,"info":{}})")));
}

}  // namespace
}  // namespace scanhost::nessus
