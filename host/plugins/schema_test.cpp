// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanhost {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Schema compiled(const char* schema) {
  auto result = Schema::compile(Json::parse(schema));
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

/// "pointer: message" of everything that is wrong.
std::vector<std::string> problemsOf(const char* schema, const char* settings) {
  std::vector<std::string> texts;
  for (const SettingProblem& problem : compiled(schema).check(Json::parse(settings)).problems)
    texts.push_back(problem.pointer + ": " + problem.message);
  return texts;
}

std::string refusal(const char* schema) {
  const auto result = Schema::compile(Json::parse(schema));
  return result ? "accepted" : result.error().message;
}

constexpr const char* scanner = R"({
  "type": "object", "additionalProperties": false, "required": ["url", "secret_key"],
  "properties": {
    "url": {"type": "string", "format": "uri"},
    "secret_key": {"type": "string", "x-secret": true, "minLength": 8, "pattern": "^[a-f0-9]+$"},
    "port": {"type": "integer", "minimum": 1, "maximum": 65535, "default": 8834},
    "mode": {"type": "string", "enum": ["fast", "thorough"], "default": "fast", "x-reload": "live"},
    "tls": {"type": "object", "additionalProperties": false, "default": {},
            "properties": {"verify": {"type": "boolean", "default": true}}},
    "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3}
  }})";

TEST(Schema, FillsDefaultsAlsoWithinDefaults) {
  const CheckedSettings checked =
      compiled(scanner).check(Json::parse(R"({"url":"https://h:1","secret_key":"abcdef01"})"));
  EXPECT_THAT(checked.problems, testing::IsEmpty());
  EXPECT_EQ(checked.values["port"].asInteger(), 8834);
  EXPECT_EQ(checked.values["mode"].asString(), "fast");
  EXPECT_TRUE(checked.values["tls"]["verify"].asBool());
  EXPECT_FALSE(checked.values.has("tags"));
}

TEST(Schema, NamesEverythingThatIsWrongInOneRun) {
  EXPECT_THAT(
      problemsOf(scanner,
                 R"({"prot": 1, "port": 70000, "mode": "fats", "tags": [], "url": "nowhere"})"),
      testing::UnorderedElementsAre(
          "/secret_key: is required and missing; add secret_key with a value of type string",
          "/prot: unknown key; did you mean port?", "/port: must be at most 65535, found 70000",
          "/mode: must be one of fast, thorough, found \"fats\"; did you mean fast?",
          "/tags: must have at least 1 items, found 0",
          "/url: must be a URI such as https://host:port, found \"nowhere\""));
}

TEST(Schema, NeverShowsASecret) {
  for (const char* settings :
       {R"({"url":"a:b","secret_key":"PASSWORD-1"})", R"({"url":"a:b","secret_key":"PASS"})",
        R"({"url":"a:b","secret_key":["PASSWORD-1"]})",
        R"({"url":"a:b","secret_key":{"k":"PASS"}})"}) {
    const auto problems = problemsOf(scanner, settings);
    ASSERT_FALSE(problems.empty());
    for (const std::string& problem : problems) EXPECT_EQ(problem.find("PASS"), std::string::npos);
  }
}

TEST(Schema, HidesEverythingBelowASecret) {
  const auto problems = problemsOf(
      R"({"properties":{"login":{"x-secret":true,"properties":{"pin":{"type":"integer"}}}}})",
      R"({"login":{"pin":"PASS"}})");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0], "/login/pin: expected integer, found string a secret value");
}

TEST(Schema, ListsSecretsForRedaction) {
  const Schema schema = compiled(
      R"({"properties":{"a/b":{"x-secret":true},"list":{"items":{"properties":{"key":{"x-secret":true}}}}}})");
  EXPECT_THAT(schema.secretPointers(), ElementsAre("/a~1b", "/list/*/key"));
}

TEST(Schema, SaysWhichSettingsCanChangeWhileRunning) {
  const Schema schema = compiled(scanner);
  EXPECT_EQ(schema.reloadKind("mode"), ReloadKind::live);
  EXPECT_EQ(schema.reloadKind("url"), ReloadKind::restart);
}

TEST(Schema, ChecksNumbers) {
  constexpr const char* schema =
      R"({"type":"number","minimum":1,"exclusiveMaximum":2.5,"exclusiveMinimum":0.5,"maximum":9})";
  EXPECT_THAT(problemsOf(schema, "1"), testing::IsEmpty());
  EXPECT_THAT(problemsOf(schema, "2.5"), ElementsAre(": must be less than 2.5, found 2.5"));
  EXPECT_THAT(problemsOf(schema, "0.5"),
              ElementsAre(": must be at least 1, found 0.5", ": must be more than 0.5, found 0.5"));
}

TEST(Schema, TakesAWholeNumberAsAnInteger) {
  const CheckedSettings checked = compiled(R"({"type":"integer"})").check(Json::parse("3.0"));
  EXPECT_THAT(checked.problems, testing::IsEmpty());
  EXPECT_TRUE(checked.values.isInteger());
  EXPECT_THAT(problemsOf(R"({"type":"integer"})", "3.5"), testing::SizeIs(1));
  EXPECT_THAT(problemsOf(R"({"type":"integer"})", "1e300"), testing::SizeIs(1));
}

TEST(Schema, CountsCharactersAndNotBytes) {
  EXPECT_THAT(problemsOf(R"({"maxLength":3})", "\"äöü\""), testing::IsEmpty());
  EXPECT_THAT(problemsOf(R"({"maxLength":2})", "\"äöü\""),
              ElementsAre(": must have at most 2 characters, found 3"));
}

TEST(Schema, ChecksItemsByTheirIndex) {
  EXPECT_THAT(
      problemsOf(R"({"items":{"type":"string"}})", R"(["a", 1, "b", null])"),
      ElementsAre("/1: expected string, found integer 1", "/3: expected string, found nothing"));
}

TEST(Schema, TakesAnyOfSeveralForms) {
  constexpr const char* schema =
      R"({"anyOf":[{"type":"string"},{"type":"object","required":["id"],"properties":{"id":{"type":"integer"},"n":{"default":1}}}]})";
  EXPECT_THAT(problemsOf(schema, "\"x\""), testing::IsEmpty());
  EXPECT_EQ(compiled(schema).check(Json::parse(R"({"id":1})")).values["n"].asInteger(), 1);
  EXPECT_THAT(problemsOf(schema, "1"), ElementsAre(HasSubstr("fits none of the 2 allowed forms")));
}

TEST(Schema, TakesExactlyOneOfSeveralForms) {
  constexpr const char* schema = R"({"oneOf":[{"minimum":5},{"maximum":10}]})";
  EXPECT_THAT(problemsOf(schema, "3"), testing::IsEmpty());
  EXPECT_THAT(problemsOf(schema, "7"), ElementsAre(HasSubstr("fits 2 of the allowed forms")));
}

TEST(Schema, ChecksConstants) {
  EXPECT_THAT(problemsOf(R"({"const":"a"})", "\"b\""), ElementsAre(": must be a, found \"b\""));
  EXPECT_THAT(problemsOf(R"({"const":1})", "1.0"), testing::IsEmpty());
}

TEST(Schema, ChecksMembersThatHaveNoName) {
  constexpr const char* schema = R"({"additionalProperties":{"type":"integer"}})";
  EXPECT_THAT(problemsOf(schema, R"({"a":1,"b":"x"})"),
              ElementsAre("/b: expected integer, found string \"x\""));
}

TEST(Schema, RefusesAKeywordItDoesNotCheckByName) {
  EXPECT_THAT(
      refusal(R"({"properties":{"a":{"multipleOf":2}}})"),
      HasSubstr("/properties/a/multipleOf: the keyword \"multipleOf\" is outside the subset"));
  for (const char* schema :
       {R"({"$ref":"#/x"})", R"({"allOf":[]})", R"({"not":{}})", R"({"patternProperties":{}})",
        R"({"if":{}})", R"({"uniqueItems":true})"})
    EXPECT_THAT(refusal(schema), HasSubstr("outside the subset"));
}

TEST(Schema, RefusesAKeywordWithTheWrongKindOfValue) {
  for (const char* schema :
       {R"({"type":"text"})", R"({"type":[]})", R"({"properties":[]})", R"({"required":"a"})",
        R"({"minimum":"1"})", R"({"minLength":-1})", R"({"pattern":"("})", R"({"enum":[]})",
        R"({"anyOf":[]})", R"({"items":1})", R"({"x-secret":"yes"})", R"({"x-reload":"often"})",
        "1"})
    EXPECT_THAT(refusal(schema), HasSubstr("schema: ")) << schema;
}

TEST(Schema, RefusesASchemaThatIsNestedTooDeep) {
  std::string schema = "{}";
  for (int i = 0; i < 40; ++i) schema = R"({"items":)" + schema + "}";
  EXPECT_THAT(refusal(schema.c_str()), HasSubstr("nested too deep"));
}

TEST(Schema, HoldsHostileTextAgainstAPatternInLinearTime) {
  const Schema schema = compiled(R"({"pattern":"^(a+)+$"})");
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(schema.check(Json(std::string(4000, 'a') + "!")).problems.size(), 1u);
  EXPECT_EQ(schema.check(Json(std::string(10'000'000, 'a'))).problems.size(), 1u);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_THAT(refusal(R"({"pattern":"(a)\\1"})"), HasSubstr("is no pattern that can be checked"));
}

TEST(Schema, CutsLongValuesInItsMessages) {
  const std::string problem =
      problemsOf(R"({"type":"integer"})", ("\"" + std::string(10'000, 'x') + "\"").c_str()).at(0);
  EXPECT_LT(problem.size(), 200u);
}

TEST(Schema, BoundsHowManyProblemsItNames) {
  std::string settings = "{";
  for (int i = 0; i < 1000; ++i) settings += (i ? ",\"k" : "\"k") + std::to_string(i) + "\":1";
  EXPECT_LE(problemsOf(R"({"additionalProperties":false})", (settings + "}").c_str()).size(), 100u);
}

}  // namespace
}  // namespace scanhost
