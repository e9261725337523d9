// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A vendor's exporter: uses its own standard library in earnest (threads, containers, exceptions).
#include <scanhost/exporter.h>

#include <map>
#include <stdexcept>
#include <string>
#include <thread>

#if defined(_LIBCPP_VERSION)
#define VENDOR_LIBRARY "libc++"
#else
#define VENDOR_LIBRARY "libstdc++"
#endif

namespace {

constexpr char manifest[] = R"json({
  "name": "exporter-vendor",
  "version": "2.1.0",
  "vendor": "Example Ltd",
  "licence": "Proprietary",
  "abi": {"major": 1},
  "provides": [{"interface": "scanhost.exporter/1"}],
  "config_schema": {
    "type": "object",
    "additionalProperties": false,
    "properties": {"path": {"type": "string", "default": "/vendor"}}
  }
})json";

class VendorExporter : public scanhost::Exporter {
 public:
  explicit VendorExporter(const scanhost::Settings& settings)
      : path_(settings["path"].asString()) {}

  std::string endpoint() const override { return path_; }

  scanhost::RenderedMetrics render(const scanhost_metric_snapshot& snapshot,
                                   std::string_view accept, scanhost::Call&) const override {
    if (accept == "plugin-error")
      throw scanhost::PluginError(scanhost::ErrorClass::busy, "later",
                                  scanhost::ErrorSubject::backend, std::chrono::seconds(3));
    if (accept == "standard-error") throw std::out_of_range("a standard exception");
    if (accept == "int") throw 42;
    std::map<std::string, std::size_t> sizes;
    std::thread counter([&] {
      for (const auto& family : scanhost::familiesOf(snapshot))
        sizes[scanhost::toString(family.name)] = scanhost::metricsOf(family).size();
    });
    counter.join();
    std::string body = VENDOR_LIBRARY;
    for (const auto& [name, size] : sizes) body += " " + name + "=" + std::to_string(size);
    return {"text/plain", body};
  }

 private:
  const std::string path_;
};

}  // namespace

SCANHOST_PLUGIN(manifest, VendorExporter)
