// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "host/config/load.h"
#include "host/config/schema.h"
#include "sdk/pages/roff.h"

namespace scanhost {
namespace {

using testing::HasSubstr;

void forEachKey(const SchemaNode& node, const std::function<void(const Key&)>& visit) {
  if (node.key) visit(*node.key);
  for (const SchemaNode& child : node.children) forEachKey(child, visit);
}

TEST(ConfigManual, HasEveryKeyWithItsMeaning) {
  const std::string manual = configManual("1.2.3");
  forEachKey(configSchema(), [&](const Key& key) {
    EXPECT_THAT(manual, HasSubstr(pages::roff(key.path) + "\n")) << key.path;
    EXPECT_THAT(manual, HasSubstr(pages::roff(key.doc) + "\n")) << key.path;
  });
}

TEST(ConfigManual, SaysWhatAKeyMayHold) {
  const std::string manual = configManual("1.2.3");
  EXPECT_THAT(manual, HasSubstr(".B node.drain\n.I duration, 0s to 1h; default 30s\n.br\n"));
  EXPECT_THAT(manual, HasSubstr(".B auth.mode\n.I none | token; default none\n"));
  EXPECT_THAT(manual, HasSubstr(".B log.level\n"));
}

}  // namespace
}  // namespace scanhost
