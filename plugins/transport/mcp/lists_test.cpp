// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanhost::mcp {
namespace {

using testing::HasSubstr;
using testing::Not;

const OperationInfo tool{"t",
                         "Title",
                         "Does",
                         R"({"type":"object"})",
                         R"({"type":"array"})",
                         SCANHOST_OPERATION_READ_ONLY | SCANHOST_OPERATION_TASK_OPTIONAL};

TEST(ListedTool, HasWhatItsRevisionKnows) {
  EXPECT_EQ(toolText(tool, Revision::r2024_11_05),
            R"({"name":"t","description":"Does","inputSchema":{"type":"object"}})");
  EXPECT_THAT(toolText(tool, Revision::r2025_03_26), HasSubstr(R"("readOnlyHint":true)"));
  EXPECT_THAT(toolText(tool, Revision::r2025_06_18), HasSubstr(R"("title":"Title")"));
  EXPECT_THAT(toolText(tool, Revision::r2025_11_25),
              HasSubstr(R"("execution":{"taskSupport":"optional"})"));
  EXPECT_THAT(toolText(tool, Revision::r2026_07_28), Not(HasSubstr("execution")));
}

TEST(ListedTool, AnOutputThatIsNoObjectIsTellableFromTheLastRevisionOn) {
  EXPECT_THAT(toolText(tool, Revision::r2025_11_25), Not(HasSubstr("outputSchema")));
  EXPECT_THAT(toolText(tool, Revision::r2026_07_28),
              HasSubstr(R"("outputSchema":{"type":"array"})"));
}

TEST(ListedResource, ATemplateHasATemplatesMembers) {
  EXPECT_EQ(resourceText({"a://{id}", "n", "", "", "text/plain", 3, SCANHOST_RESOURCE_TEMPLATE},
                         newest_session_revision),
            R"({"uriTemplate":"a://{id}","name":"n","mimeType":"text/plain"})");
  EXPECT_EQ(resourceText({"a://b", "n", "", "", "text/plain", 3, 0}, newest_session_revision),
            R"({"uri":"a://b","name":"n","mimeType":"text/plain","size":3})");
}

}  // namespace
}  // namespace scanhost::mcp
