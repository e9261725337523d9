// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// What is this store's own. What every store must do, `scanhost-plugin check` tells.
#include <scanhost/results.h>
#include <scanhost/testing/check.h>
#include <scanhost/testing/host.h>
#include <stdlib.h>

#include <fstream>

using namespace scanhost::plugintest;

SCANHOST_TEST(AFileOfAnotherSdkIsLeftAloneAndNamed) {
  char folder[] = "/tmp/results-test-XXXXXX";
  SCANHOST_EXPECT(mkdtemp(folder) != nullptr);
  std::ofstream(std::string(folder) + "/findings.json") << R"({"layout": 1})";
  TestHost host;
  const TestPlugin plugin(SCANHOST_PLUGIN_FILE, host);
  TestInstance store(plugin, SCANHOST_RESULTS_ID, scanhost::Json::object(), folder);
  const auto error = errorOf([&] { store.start(); });
  SCANHOST_EXPECT(error.errorClass() == scanhost::ErrorClass::config);
  SCANHOST_EXPECT(std::string(error.what()).find("another SDK") != std::string::npos);
}

SCANHOST_TEST_MAIN()
