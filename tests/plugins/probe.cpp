// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// An exporter that writes down its own life and reports, as its "metrics", what it found of the
/// host: how tests see through the ABI from the plugin's side.
#include <scanhost/abi/services.h>
#include <scanhost/exporter.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

using namespace scanhost;

constexpr char manifest[] = R"json({
  "name": "exporter-probe",
  "version": "1.0.0",
  "vendor": "scanhost contributors",
  "licence": "Apache-2.0",
  "abi": {"major": 1},
  "provides": [{"interface": "scanhost.exporter/1"}],
  "requires": [{"service": "scanhost.host.clock/1"}],
  "config_schema": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
      "path": {"type": "string", "default": "/probe"},
      "fail_create": {"type": "string", "enum": ["", "plugin", "std", "int"], "default": ""},
      "fail_start": {"type": "boolean", "default": false}
    }
  }
})json";

class Probe : public Exporter {
 public:
  explicit Probe(const Settings& settings) : settings_(settings) {
    const std::string& how = settings["fail_create"].asString();
    if (how == "plugin") throw PluginError(ErrorClass::config, "asked to fail");
    if (how == "std") throw std::runtime_error("a standard exception");
    if (how == "int") throw 42;
    note("create");
  }
  ~Probe() override { note("destroy"); }

  void start(Call& call) override {
    note("start");
    settings_.host().log(LogLevel::info, "probe_starting", Json::object({{"n", 1}}));
    call.log(LogLevel::warning, "probe_called");
    if (settings_["fail_start"].asBool())
      throw PluginError(ErrorClass::transient, "backend is away", ErrorSubject::backend);
  }
  void stop(Call&) override { note("stop"); }

  void events(const EventBatch& batch, Call& call) override {
    call.check();
    for (const scanhost_logged_event& event : batch) note("event " + toString(event.line));
    if (batch.size() > 2)
      throw PluginError(ErrorClass::transient, "disk is full", ErrorSubject::backend);
  }

  std::string endpoint() const override { return settings_["path"].asString(); }

  RenderedMetrics render(const scanhost_metric_snapshot& snapshot, std::string_view accept,
                         Call&) const override {
    Json found = Json::object({{"accept", accept}, {"families", Json::array()}});
    for (const scanhost_metric_family& family : familiesOf(snapshot))
      found["families"].push(Json::object({{"name", toString(family.name)},
                                           {"metrics", family.metric_count},
                                           {"first", metricsOf(family)[0].value}}));
    found["wall_us"] = wallClock();
    found["unknown_service"] =
        settings_.host().findService<scanhost_clock>("scanhost.host.clo", 1) != nullptr;
    found["counted"] = count();
    return {"application/json", found.dump()};
  }

 private:
  std::int64_t wallClock() const {
    const auto& clock =
        settings_.host().service<scanhost_clock>(SCANHOST_CLOCK_ID, SCANHOST_CLOCK_REVISION);
    return clock.wall_us(settings_.host().abi());
  }

  /// Adds 2 to a counter twice, found anew each time; answers whether the handle was one.
  bool count() const {
    const auto* metrics = settings_.host().findService<scanhost_metrics>(SCANHOST_METRICS_ID,
                                                                         SCANHOST_METRICS_REVISION);
    if (!metrics) return false;
    void* first = nullptr;
    void* second = nullptr;
    for (void** series : {&first, &second}) {
      const scanhost_status status =
          metrics->counter(settings_.host().abi(), toText("scanhost_probe_renders_total"),
                           toText("Renders of the probe."), {nullptr, 0}, series);
      if (status != SCANHOST_OK) return false;
      metrics->add(*series, 2);
    }
    return first == second;
  }

  void note(const std::string& what) const {
    if (!settings_.dataDir().empty())
      std::ofstream(settings_.dataDir() + "/life", std::ios::app) << what << "\n";
  }

  const Settings settings_;
};

}  // namespace

SCANHOST_PLUGIN(manifest, Probe)
