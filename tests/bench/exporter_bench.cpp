// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The least that a plugin can do: a flush that counts. What its call costs is what the crossing
/// costs.
#include <scanhost/exporter.h>
#include <scanhost/plugin.h>

namespace {

class CountingExporter : public scanhost::Exporter {
 public:
  explicit CountingExporter(const scanhost::Settings&) {}
  void flush(scanhost::Call&) override { count_ = count_ + 1; }

 private:
  volatile std::uint64_t count_ = 0;
};

constexpr char manifest[] =
    R"json({"name": "exporter-bench", "version": "1.0.0", "vendor": "scanhost", "licence": "Apache-2.0",
 "abi": {"major": 1, "min_minor": 0},
 "provides": [{"interface": "scanhost.exporter/1"}], "requires": []})json";

}  // namespace

SCANHOST_PLUGIN(manifest, CountingExporter)
