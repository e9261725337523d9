// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A local scanner that a test scripts.
#include <scanhost/plugin.h>
#include <scanhost/scanner.h>

#include "tests/plugins/scanner_script.h"

namespace {

using namespace scanhost;

constexpr char manifest[] = R"json({
  "name": "scanner-near", "version": "1.0.0", "vendor": "scanhost contributors",
  "licence": "Apache-2.0", "abi": {"major": 1},
  "provides": [{"interface": "scanhost.scanner.local/1"}],
  "max_parallel": 64,
  "config_schema": {"type": "object", "additionalProperties": false, "required": ["folder"],
   "properties": {"folder": {"type": "string"}}}
})json";

class NearScanner : public LocalScanner {
 public:
  explicit NearScanner(const Settings& settings) : script_(settings["folder"].asString()) {}

  Summary scan(const ScanRequest& request, FindingSink& sink, Call& call) override {
    sink.progress(50, "halfway");
    script_.play("scan", request.marker, call, [] {});
    return tellReport(request.name, sink);
  }

 private:
  ScannerScript script_;
};

}  // namespace

SCANHOST_PLUGIN(manifest, NearScanner)
