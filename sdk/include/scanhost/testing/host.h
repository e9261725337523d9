// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A host for a plugin's own tests: it loads the .so, enters it through the C ABI as a node does,
/// and offers the services clock, metrics and process. Programs are not run but replayed.
///
///     TestHost host;
///     host.replay("/usr/bin/probe", "22 open\n");
///     TestPlugin plugin(SCANHOST_PLUGIN_FILE, host);
///     TestInstance instance(plugin, SCANHOST_SCANNER_LOCAL_ID, Json::object({{"program",
///     "/usr/bin/probe"}})); instance.start();
///
/// It is no judge: `scanhost-plugin check` is. Settings are not checked against the schema; their
/// defaults are filled in. A TestHost outlives its plugins, they their instances.
#ifndef SCANHOST_TESTING_HOST_H
#define SCANHOST_TESTING_HOST_H

#include <dlfcn.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "../abi/plugin.h"
#include "../abi/services.h"
#include "../call.h"
#include "../host.h"
#include "../json.h"
#include "../text.h"

namespace scanhost {
inline namespace v1 {
namespace plugintest {

/// An event as the plugin logged it.
struct LoggedEvent {
  LogLevel level = LogLevel::info;
  std::string event;
  Json fields = Json::object();
};

/// Events of any thread.
class EventLog {
 public:
  void add(const scanhost_event& event) {
    std::string_view fields = toView(event.fields);
    Json read = fields.empty() ? Json::object() : Json::parse(fields);
    const std::lock_guard<std::mutex> lock(mutex_);
    events_.push_back({static_cast<LogLevel>(event.level), toString(event.event), std::move(read)});
  }
  std::vector<LoggedEvent> all() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return events_;
  }
  /// How many events have that name.
  std::size_t count(std::string_view name) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(events_.begin(), events_.end(),
                      [&](const LoggedEvent& logged) { return logged.event == name; }));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<LoggedEvent> events_;
};

/// The context of one call: its deadline, cancellation, events and error. Any thread may cancel it.
class TestCall {
 public:
  static constexpr std::chrono::nanoseconds no_deadline = std::chrono::nanoseconds::max();

  explicit TestCall(std::chrono::nanoseconds timeout = no_deadline) : call_(&abi_) {
    abi_.struct_size = sizeof(scanhost_call);
    abi_.cancel_fd = eventfd(0, EFD_CLOEXEC);
    if (abi_.cancel_fd < 0) throw std::runtime_error("no descriptor for a cancellation is left");
    abi_.deadline_ns = timeout == no_deadline ? INT64_MAX : (now() + timeout).count();
    abi_.is_cancelled = &TestCall::isCancelled;
    abi_.log = &TestCall::log;
    abi_.fail = &TestCall::fail;
    abi_.owner = this;
  }
  TestCall(const TestCall&) = delete;
  TestCall& operator=(const TestCall&) = delete;
  ~TestCall() { close(abi_.cancel_fd); }

  void cancel() {
    cancelled_ = true;
    const uint64_t one = 1;
    if (write(abi_.cancel_fd, &one, sizeof one) < 0) throw std::runtime_error("cannot cancel");
  }
  /// Cancels once the plugin has asked that often whether it is cancelled, to stop it at each step.
  void cancelAfter(int looks) { looks_left_ = looks; }

  /// What the plugin does is part of that trace from now on.
  void setTrace(const scanhost_trace& trace) noexcept { abi_.trace = trace; }

  const scanhost_call* abi() const noexcept { return &abi_; }
  /// For code of the plugin's that takes a Call, in a unit test.
  Call& call() noexcept { return call_; }
  EventLog& events() noexcept { return events_; }
  /// The error that the plugin left last; none when it left none.
  std::optional<PluginError> error() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return error_;
  }
  /// Throws the error that a function's answer stands for; SCANHOST_OK is none.
  void throwIfFailed(scanhost_status status, const char* function) const {
    if (status == SCANHOST_OK) return;
    if (const auto left = error()) throw PluginError(*left);
    throw PluginError(static_cast<ErrorClass>(status),
                      std::string(function) + " failed without saying why");
  }

 private:
  struct Abi : scanhost_call {
    TestCall* owner;
  };

  static TestCall& of(const scanhost_call* call) noexcept {
    return *static_cast<const Abi*>(call)->owner;
  }
  static std::chrono::nanoseconds now() noexcept {
    return std::chrono::steady_clock::now().time_since_epoch();
  }
  static int32_t isCancelled(const scanhost_call* call) noexcept {
    TestCall& self = of(call);
    if (self.looks_left_ >= 0 && self.looks_left_-- == 0) self.cancel();
    return self.cancelled_ || now().count() >= call->deadline_ns ? 1 : 0;
  }
  static void log(const scanhost_call* call, const scanhost_event* event) {
    of(call).events_.add(*event);
  }
  static scanhost_status fail(const scanhost_call* call, const scanhost_error* error) {
    TestCall& self = of(call);
    const std::lock_guard<std::mutex> lock(self.mutex_);
    self.error_.emplace(static_cast<ErrorClass>(error->error_class), toString(error->message),
                        static_cast<ErrorSubject>(error->subject),
                        std::chrono::nanoseconds(error->retry_after_ns));
    return error->error_class;
  }

  Abi abi_{};
  Call call_;
  EventLog events_;
  std::atomic<bool> cancelled_{false};
  std::atomic<int> looks_left_{-1};
  mutable std::mutex mutex_;
  std::optional<PluginError> error_;
};

/// What a program does when the plugin runs it.
struct Replay {
  std::string output;
  std::string error_output;
  int exit_code = 0;
  int signal = 0;
  /// Output comes in pieces of this many bytes, so that a reader meets cut lines and characters.
  std::size_t piece = 7;
  /// After its output it runs on until the call is cancelled or its deadline passes.
  bool hangs = false;
};

/// What the plugin ran.
struct ProgramRun {
  std::string program;
  std::vector<std::string> arguments;
  Pairs environment;
  std::string input;
};

/// The host as plugins under test see it. Any thread.
class TestHost {
 public:
  TestHost() {
    abi_.struct_size = sizeof(scanhost_host);
    abi_.abi_minor = SCANHOST_ABI_MINOR;
    abi_.version = toText("test");
    abi_.get_service = &TestHost::getService;
    abi_.log = &TestHost::log;
    abi_.owner = this;
  }
  TestHost(const TestHost&) = delete;
  TestHost& operator=(const TestHost&) = delete;

  const scanhost_host* abi() const noexcept { return &abi_; }
  /// Events logged outside of any call.
  EventLog& events() noexcept { return events_; }

  /// The next run of that program does this; more are queued, the last one serves all later runs.
  void replay(const std::string& program, Replay replay) {
    const std::lock_guard<std::mutex> lock(mutex_);
    replays_[program].push_back(std::move(replay));
  }
  void replay(const std::string& program, std::string output, int exit_code = 0) {
    Replay made;
    made.output = std::move(output);
    made.exit_code = exit_code;
    replay(program, std::move(made));
  }
  std::vector<ProgramRun> runs() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return runs_;
  }

  /// Turns the clock service's both clocks.
  void passTime(std::chrono::nanoseconds time) { passed_ns_ += time.count(); }

  /// The value of a counter or gauge, or how often a histogram observed; 0 when never touched.
  /// `labels` as "name=value,name=value" in the plugin's order.
  double metric(const std::string& name, const std::string& labels = {}) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = series_.find(name + "{" + labels + "}");
    return found == series_.end() ? 0 : found->second->value;
  }

  /// Offers another service, whose table begins with scanhost_service and outlives the plugins.
  void offer(const std::string& id, const void* table) {
    const std::lock_guard<std::mutex> lock(mutex_);
    offered_[id] = table;
  }

  /// What an instance would be made with, for unit tests of a plugin's classes.
  Settings settings(const std::string& instance, const Json& values,
                    const std::string& data_dir = {}) const {
    const std::string json = values.dump();
    const scanhost_create_args args{sizeof(scanhost_create_args), 0, toText(instance), toText(json),
                                    toText(data_dir)};
    return Settings(&abi_, &args);
  }

 private:
  struct Abi : scanhost_host {
    TestHost* owner;
  };
  struct Series {
    TestHost* owner;
    double value = 0;
  };

  static TestHost& of(const scanhost_host* host) noexcept {
    return *static_cast<const Abi*>(host)->owner;
  }
  static void log(const scanhost_host* host, const scanhost_event* event) {
    of(host).events_.add(*event);
  }

  static const void* getService(const scanhost_host* host, scanhost_text id) noexcept {
    static const scanhost_clock clock = {
        {sizeof(scanhost_clock), SCANHOST_CLOCK_REVISION}, &TestHost::wall, &TestHost::monotonic};
    static const scanhost_process process = {{sizeof(scanhost_process), SCANHOST_PROCESS_REVISION},
                                             &TestHost::run};
    static const scanhost_metrics metrics = {
        {sizeof(scanhost_metrics), SCANHOST_METRICS_REVISION},
        &TestHost::series,
        &TestHost::series,
        &TestHost::histogram,
        [](void* series, double amount) { change(series, amount, true); },
        [](void* series, double value) { change(series, value, false); },
        [](void* series, double) { change(series, 1, true); }};
    if (toView(id) == SCANHOST_CLOCK_ID) return &clock;
    if (toView(id) == SCANHOST_PROCESS_ID) return &process;
    if (toView(id) == SCANHOST_METRICS_ID) return &metrics;
    const std::lock_guard<std::mutex> lock(of(host).mutex_);
    const auto offered = of(host).offered_.find(toString(id));
    return offered == of(host).offered_.end() ? nullptr : offered->second;
  }

  static int64_t wall(const scanhost_host* host) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count() +
           of(host).passed_ns_ / 1000;
  }
  static int64_t monotonic(const scanhost_host* host) {
    const std::chrono::nanoseconds now = std::chrono::steady_clock::now().time_since_epoch();
    return now.count() + of(host).passed_ns_;
  }

  static scanhost_status series(const scanhost_host* host, scanhost_text name, scanhost_text,
                                scanhost_pairs labels, void** out) {
    TestHost& self = of(host);
    std::string key = toString(name) + "{";
    for (uint64_t i = 0; i < labels.count; ++i)
      key +=
          (i ? "," : "") + toString(labels.items[i].name) + "=" + toString(labels.items[i].value);
    const std::lock_guard<std::mutex> lock(self.mutex_);
    auto& found = self.series_[key + "}"];
    if (!found) found = std::make_unique<Series>(Series{&self});
    *out = found.get();
    return SCANHOST_OK;
  }
  static scanhost_status histogram(const scanhost_host* host, scanhost_text name,
                                   scanhost_text help, scanhost_pairs labels, const double*,
                                   uint64_t, void** out) {
    return series(host, name, help, labels, out);
  }
  static void change(void* handle, double value, bool add) {
    auto& series = *static_cast<Series*>(handle);
    const std::lock_guard<std::mutex> lock(series.owner->mutex_);
    series.value = (add ? series.value : 0) + value;
  }

  /// Notes the run and answers what it does.
  std::optional<Replay> begin(const scanhost_process_spec& spec) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const std::string program = toString(spec.program);
    runs_.push_back({program, toStrings(spec.arguments), toPairs(spec.environment),
                     std::string(reinterpret_cast<const char*>(spec.input.data),
                                 static_cast<std::size_t>(spec.input.size))});
    const auto found = replays_.find(program);
    if (found == replays_.end()) return std::nullopt;
    auto& queue = found->second;
    Replay next = queue.front();
    if (queue.size() > 1) queue.erase(queue.begin());
    return next;
  }
  static scanhost_status tell(const scanhost_process_spec& spec,
                              scanhost_status (*take)(void*, scanhost_bytes), std::string_view text,
                              std::size_t piece) {
    for (std::size_t at = 0; take && at < text.size(); at += piece) {
      const std::string_view part = text.substr(at, std::max<std::size_t>(piece, 1));
      const scanhost_status status =
          take(spec.context, {reinterpret_cast<const uint8_t*>(part.data()), part.size()});
      if (status != SCANHOST_OK) return status;
    }
    return SCANHOST_OK;
  }
  static scanhost_status run(const scanhost_host* host, const scanhost_call* call,
                             const scanhost_process_spec* spec, scanhost_process_end* end) {
    const auto replay = of(host).begin(*spec);
    if (!replay)
      return detail::report(call, ErrorClass::config,
                            toString(spec->program) + " cannot be started: no replay() names it");
    scanhost_status status = tell(*spec, spec->output, replay->output, replay->piece);
    if (status == SCANHOST_OK)
      status = tell(*spec, spec->error_output, replay->error_output, replay->piece);
    if (status != SCANHOST_OK) return status;
    while (replay->hangs && !call->is_cancelled(call)) {
      pollfd cancelled{call->cancel_fd, POLLIN, 0};
      poll(&cancelled, 1, 10);
    }
    if (call->is_cancelled(call)) {
      const bool late = Call(call).timeLeft() <= std::chrono::nanoseconds(0);
      return detail::report(call, late ? ErrorClass::timeout : ErrorClass::cancelled,
                            toString(spec->program) + " was stopped");
    }
    end->exit_code = replay->signal != 0 ? -1 : replay->exit_code;
    end->signal = replay->signal;
    return SCANHOST_OK;
  }

  Abi abi_{};
  EventLog events_;
  std::atomic<int64_t> passed_ns_{0};
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<Replay>> replays_;
  std::vector<ProgramRun> runs_;
  std::map<std::string, const void*> offered_;
  std::map<std::string, std::unique_ptr<Series>> series_;
};

/// `values` with the defaults of `schema` where a member is absent, as the host fills them in.
inline Json withDefaults(const Json& schema, Json values) {
  for (const Json::Member& property : schema["properties"].members()) {
    if (!values.has(property.first) && property.second.has("default"))
      values[property.first] = property.second["default"];
    if (Json* value = values.find(property.first); value && value->isObject())
      *value = withDefaults(property.second, *value);
  }
  return values;
}

/// A plugin's file, loaded and entered as the host does it.
class TestPlugin {
 public:
  TestPlugin(const std::string& file, TestHost& host) : host_(host) {
    void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) throw std::runtime_error(file + " cannot be loaded: " + dlerror());
    const auto entry =
        reinterpret_cast<scanhost_plugin_entry>(dlsym(handle, SCANHOST_PLUGIN_ENTRY_NAME));
    if (!entry) throw std::runtime_error(file + " exports no " SCANHOST_PLUGIN_ENTRY_NAME);
    table_ = entry(host.abi());
    if (!table_) throw std::runtime_error(file + " refuses this host");
    manifest_ = Json::parse(toView(table_->manifest));
  }

  const Json& manifest() const noexcept { return manifest_; }
  TestHost& host() const noexcept { return host_; }
  /// The table of that id; null when the plugin has none.
  const scanhost_interface* findInterface(std::string_view id) const {
    return table_->get_interface(toText(id));
  }

 private:
  TestHost& host_;
  const scanhost_plugin* table_ = nullptr;
  Json manifest_;
};

/// An instance of one interface. What fails throws the PluginError that the plugin left. Stopped,
/// if it was started, and destroyed with this object.
class TestInstance {
 public:
  /// `settings` get the defaults of the manifest's config_schema.
  TestInstance(const TestPlugin& plugin, std::string_view interface_id,
               const Json& settings = Json::object(), const std::string& data_dir = {})
      : table_(plugin.findInterface(interface_id)) {
    if (!table_) throw std::runtime_error("the plugin has no " + std::string(interface_id));
    const std::string json = withDefaults(plugin.manifest()["config_schema"], settings).dump();
    const scanhost_create_args args{sizeof(scanhost_create_args), 0, toText("test"), toText(json),
                                    toText(data_dir)};
    TestCall call;
    call.throwIfFailed(table_->create(plugin.host().abi(), call.abi(), &args, &self_), "create");
  }
  TestInstance(const TestInstance&) = delete;
  TestInstance& operator=(const TestInstance&) = delete;
  ~TestInstance() {
    if (started_) stop();
    table_->destroy(self_);
  }

  void start() {
    TestCall call;
    call.throwIfFailed(table_->start(self_, call.abi()), "start");
    started_ = true;
  }
  void stop() {
    TestCall call;
    table_->stop(self_, call.abi());
    started_ = false;
  }

  void* self() const noexcept { return self_; }
  /// The whole table, to call what has no helper here:
  /// `instance.table<scanhost_queue>().counts(...)`.
  template <class Interface>
  const Interface& table() const noexcept {
    return *reinterpret_cast<const Interface*>(table_);
  }

 private:
  const scanhost_interface* table_;
  void* self_ = nullptr;
  bool started_ = false;
};

}  // namespace plugintest
}  // namespace v1
}  // namespace scanhost

#endif
