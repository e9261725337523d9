// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// What is this queue's own. What every queue must do, `scanhost-plugin check` tells.
#include <scanhost/testing/check.h>
#include <scanhost/testing/host.h>
#include <scanhost/queue.h>
#include <stdlib.h>

using namespace scanhost::plugintest;

namespace {

struct Told {
  scanhost_durability durability{};
  std::string detail;
};

Told durabilityOf(const TestInstance& queue) {
  Told told;
  scanhost_durability_sink sink{sizeof(scanhost_durability_sink), 0, &told, nullptr};
  sink.durability = [](void* context, const scanhost_durability* durability) {
    static_cast<Told*>(context)->durability = *durability;
    static_cast<Told*>(context)->detail = scanhost::toString(durability->detail);
  };
  TestCall call;
  call.throwIfFailed(
      queue.table<scanhost_queue>().durability(queue.self(), call.abi(), &sink), "durability");
  return told;
}

}  // namespace

SCANHOST_TEST(ItClaimsNoDurabilityThatItHasNot) {
  char folder[] = "/tmp/queue-test-XXXXXX";
  SCANHOST_EXPECT(mkdtemp(folder) != nullptr);
  TestHost host;
  const TestPlugin plugin(SCANHOST_PLUGIN_FILE, host);
  TestInstance queue(plugin, SCANHOST_QUEUE_ID, scanhost::Json::object(), folder);
  queue.start();
  const Told told = durabilityOf(queue);
  SCANHOST_EXPECT_EQUAL(told.durability.survives_process, 0);
  SCANHOST_EXPECT_EQUAL(told.durability.survives_machine, 0);
  SCANHOST_EXPECT(!told.detail.empty());
}

SCANHOST_TEST_MAIN()
