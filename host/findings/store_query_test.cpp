// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/store_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanhost {
namespace {

TEST(StoreQuery, LendsConditionsByCanonicalNameAndTypedValue) {
  auto conditions = parseFilters(
      Json::parse(R"({"svc_name":["www","=ssh"],"severity":">=3","exploit_available":true})"));
  StoreQuery query("g1", std::move(*conditions), *parseSort("-severity,host"));
  const scanhost_results_query& abi = query.abi();

  EXPECT_EQ(toView(abi.generation), "g1");
  ASSERT_EQ(abi.condition_count, 3u);
  EXPECT_EQ(toView(abi.conditions[0]->field), "service");
  ASSERT_EQ(abi.conditions[0]->operand_count, 2u);
  EXPECT_EQ(abi.conditions[0]->operands[0].op, SCANHOST_OP_CONTAINS);
  EXPECT_EQ(toView(abi.conditions[0]->operands[1].text), "ssh");
  EXPECT_EQ(abi.conditions[1]->operands[0].op, SCANHOST_OP_GREATER_EQUAL);
  EXPECT_EQ(abi.conditions[1]->operands[0].number, 3.0);
  EXPECT_EQ(abi.conditions[2]->operands[0].kind, SCANHOST_KIND_BOOLEAN);
  EXPECT_EQ(abi.conditions[2]->operands[0].number, 1.0);
  ASSERT_EQ(abi.sort_count, 2u);
  EXPECT_EQ(toView(abi.sort[0].field), "severity");
  EXPECT_EQ(abi.sort[0].descending, 1);
}

TEST(StoreQuery, AsksForWhatComputedFieldsAreMadeOf) {
  const auto projection =
      makeProjection("brief", {"host", "cvss_score", "severity_name", "severity"});
  StoreQuery query("g1", {}, {}, &*projection);
  EXPECT_THAT(toStrings(query.abi().fields),
              ::testing::ElementsAre("host", "cvss4_base_score", "cvss3_base_score",
                                     "cvss_base_score", "severity"));
}

TEST(StoreQuery, WholeFindingsAreAskedForByNoField) {
  const Projection full = projectionOf(Profile::full);
  EXPECT_EQ(StoreQuery("g", {}, {}, &full).abi().fields.count, 0u);
  EXPECT_EQ(StoreQuery("g", {}).abi().fields.count, 0u);
}

}  // namespace
}  // namespace scanhost
