// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/check_host.h"

#include <scanhost/text.h>
#include <time.h>

#include <regex>
#include <shared_mutex>

#include "host/abi/process_service.h"

namespace scanhost::conformance {

/// One metric of a plugin: counts nothing, but sees what is wrong.
struct CheckHost::Series {
  Transcript& transcript;
  std::string name;
  int type;
};

namespace {

std::shared_mutex hosts_mutex;
std::map<const scanhost_host*, CheckHost*>& hosts() {
  static std::map<const scanhost_host*, CheckHost*> map;
  return map;
}

std::int64_t nanosOf(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

const scanhost_clock clock_table = {
    {sizeof(scanhost_clock), SCANHOST_CLOCK_REVISION},
    [](const scanhost_host*) { return nanosOf(CLOCK_REALTIME) / 1000; },
    [](const scanhost_host*) { return nanosOf(CLOCK_MONOTONIC); }};

scanhost_status runProgram(const scanhost_host* host, const scanhost_call* call,
                           const scanhost_process_spec* spec, scanhost_process_end* end) {
  return CheckHost::of(host).programs()(call, spec, end);
}
const scanhost_process process_table = {{sizeof(scanhost_process), SCANHOST_PROCESS_REVISION},
                                        &runProgram};

/// As the daemon runs programs.
ProgramRunner realPrograms() {
  static ServiceRegistry registry;
  static ProcessService service;
  static const bool registered = (service.registerIn(registry), true);
  (void)registered;
  const auto* table = reinterpret_cast<const scanhost_process*>(registry.find(SCANHOST_PROCESS_ID));
  return [table](const scanhost_call* call, const scanhost_process_spec* spec,
                 scanhost_process_end* end) { return table->run(nullptr, call, spec, end); };
}

}  // namespace

struct MetricsTable {
  template <int type>
  static scanhost_status make(const scanhost_host* host, scanhost_text name, scanhost_text,
                              scanhost_pairs, void** series) {
    *series = CheckHost::of(host).series(toString(name), type);
    return SCANHOST_OK;
  }
  static scanhost_status makeHistogram(const scanhost_host* host, scanhost_text name,
                                       scanhost_text help, scanhost_pairs labels, const double*,
                                       std::uint64_t, void** series) {
    return make<SCANHOST_METRIC_HISTOGRAM>(host, name, help, labels, series);
  }
  template <int type>
  static void use(void* handle, double amount) {
    const auto& series = *static_cast<CheckHost::Series*>(handle);
    if (series.type != type)
      series.transcript.note("SH-P-54", series.name + " is used by another kind's function");
    if (type == SCANHOST_METRIC_COUNTER && !(amount >= 0))
      series.transcript.note("SH-P-54",
                             "counter " + series.name + " is given " + std::to_string(amount));
  }
  static constexpr scanhost_metrics table() {
    return {{sizeof(scanhost_metrics), SCANHOST_METRICS_REVISION},
            &make<SCANHOST_METRIC_COUNTER>,
            &make<SCANHOST_METRIC_GAUGE>,
            &makeHistogram,
            &use<SCANHOST_METRIC_COUNTER>,
            &use<SCANHOST_METRIC_GAUGE>,
            &use<SCANHOST_METRIC_HISTOGRAM>};
  }
};

CheckHost::CheckHost(HostShape shape, ProgramRunner programs)
    : shape_(std::move(shape)),
      programs_(programs ? std::move(programs) : realPrograms()),
      listener_(transcript_) {
  scanhost_host host{};
  host.struct_size = static_cast<std::uint32_t>(sizeof host + shape_.appended);
  host.abi_minor = shape_.abi_minor;
  host.version = toText("checker");
  host.get_service = &CheckHost::getService;
  host.log = &CheckHost::log;
  std::string bytes(reinterpret_cast<const char*>(&host), sizeof host);
  bytes.append(shape_.appended, '\xA5');
  memory_ = std::make_unique<GuardedMemory>(bytes);
  const std::unique_lock lock(hosts_mutex);
  hosts()[abi()] = this;
}

CheckHost::~CheckHost() {
  const std::unique_lock lock(hosts_mutex);
  hosts().erase(abi());
}

const scanhost_host* CheckHost::abi() const {
  return static_cast<const scanhost_host*>(memory_->data());
}

CheckHost& CheckHost::of(const scanhost_host* host) {
  const std::shared_lock lock(hosts_mutex);
  return *hosts().at(host);
}

const void* CheckHost::getService(const scanhost_host* host, scanhost_text id) {
  static const scanhost_metrics metrics_table = MetricsTable::table();
  static const std::map<std::string, const void*> tables = {
      {SCANHOST_CLOCK_ID, &clock_table},
      {SCANHOST_METRICS_ID, &metrics_table},
      {SCANHOST_PROCESS_ID, &process_table},
      {SCANHOST_HTTP_ID, FakeListener::httpTable()},
      {SCANHOST_HOST_OPERATIONS_ID, FakeListener::operationsTable()}};
  const std::string name = toString(id);
  const auto found = tables.find(name);
  if (found == tables.end() || of(host).shape().missing_services.count(name)) return nullptr;
  return found->second;
}

void CheckHost::log(const scanhost_host* host, const scanhost_event* event) {
  of(host).transcript().noteEvent(event);
}

void* CheckHost::series(const std::string& name, int type) {
  static const std::regex allowed("scanhost_[a-z0-9_]+");
  transcript_.noteText("the name of a metric", toText(name));
  if (!std::regex_match(name, allowed))
    transcript_.note("SH-P-53", "a metric is named \"" + name + "\"");
  const std::lock_guard lock(mutex_);
  auto& slot = series_[name + "/" + std::to_string(type)];
  if (!slot) slot = std::make_unique<Series>(Series{transcript_, name, type});
  return slot.get();
}

}  // namespace scanhost::conformance
