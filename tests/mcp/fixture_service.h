// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The service with the fixture's operations beside its own.
#pragma once

#include <string>

#include "tests/integration/service.h"
#include "tests/integration/vendors_folder.h"

namespace scanhost::integration {

class FixtureService {
 public:
  /// Both are YAML flow mappings: of the fixture, and of transport-mcp.
  explicit FixtureService(const std::string& fixture = "{}", const std::string& transport = "{}")
      : service_(
            {.scanners = nmapScanner("9"),
             .extra =
                 "plugins: {in_process: [operations-fixture], dir: " + plugins_.path().string() +
                 "}\noperations: [{plugin: operations-fixture, config: " + fixture + "}]\n",
             .transport = transport}) {}

  const Service& operator*() const { return service_; }
  Service* operator->() { return &service_; }

 private:
  struct Plugins : VendorsFolder {
    Plugins() { add(SCANHOST_FIXTURE_DIR "/operations-fixture.so"); }
  };
  Plugins plugins_;
  Service service_;
};

}  // namespace scanhost::integration
