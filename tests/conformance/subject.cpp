// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/subject.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <scanhost/abi/exporter.h>
#include <scanhost/abi/draft/results.h>
#include <scanhost/abi/queue.h>
#include <scanhost/abi/scanner.h>
#include <scanhost/abi/transport.h>
#include <scanhost/operations.h>
#include <scanhost/text.h>

#include <stdexcept>

#include "host/base/random.h"
#include "host/plugins/schema.h"
#include "tests/conformance/check_case.h"
#include "tests/conformance/program_replay.h"

namespace scanhost::conformance {
namespace {

std::string replaced(std::string text, std::string_view what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

}  // namespace

Subject::Subject(SubjectOptions options, const Inspection& inspection)
    : options_(std::move(options)),
      inspection_(inspection),
      fd_(open(options_.file.c_str(), O_RDONLY | O_CLOEXEC)) {}

bool Subject::provides(std::string_view interface_id) const {
  return manifest().findProvided(interface_id) != nullptr;
}

std::vector<std::string> Subject::interfaces() const {
  std::vector<std::string> ids;
  for (const Manifest::Provided& provided : manifest().provides)
    if (findTable(knownInterfaces(), provided.interface_id)) ids.push_back(provided.interface_id);
  return ids;
}

void* Subject::library() {
  if (library_) return library_;
  step("loading it");
  // By its descriptor, as the daemon does: what lies beside the file is not found then.
  library_ = dlopen(("/proc/self/fd/" + std::to_string(fd_)).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library_)
    throw Breach(std::string("it cannot be loaded: ") + dlerror(),
                 "every symbol defined, and no library needed beside it",
                 "link what it uses into it; scanhost_add_plugin refuses undefined symbols");
  return library_;
}

const scanhost_plugin* Subject::enter(CheckHost& host) {
  const auto entry =
      reinterpret_cast<scanhost_plugin_entry>(dlsym(library(), SCANHOST_PLUGIN_ENTRY_NAME));
  if (!entry)
    throw Breach("it has no " SCANHOST_PLUGIN_ENTRY_NAME, "one entry",
                 "end plugin.cpp with SCANHOST_PLUGIN(manifest, YourClass)");
  step("entering it");
  const scanhost_plugin* plugin = entry(host.abi());
  if (!plugin)
    throw Breach(
        "its entry answered null to a host of minor " + std::to_string(host.shape().abi_minor),
        "a table: a host of that minor is one its manifest allows",
        "return the static table, and name the least minor as abi.min_minor");
  return plugin;
}

const scanhost_interface* Subject::table(CheckHost& host, const std::string& interface_id) {
  const scanhost_plugin* plugin = enter(host);
  const GuardedMemory id(interface_id);
  step("get_interface(" + interface_id + ")");
  const scanhost_interface* table =
      SCANHOST_HAS(plugin, scanhost_plugin, get_interface) && plugin->get_interface
          ? plugin->get_interface(id.text())
          : nullptr;
  if (!table || !table->create || !table->start || !table->stop || !table->destroy)
    throw Breach("get_interface gives no whole table for " + interface_id,
                 "a table with create, start, stop and destroy",
                 "answer each interface of the manifest");
  return table;
}

Json Subject::settings(const std::string& folder, const std::string& unique) const {
  std::string text = options_.settings.dump();
  text = replaced(std::move(text), "${folder}", folder);
  text = replaced(std::move(text), "${unique}", unique);
  for (const auto& [placeholder, with] : replacements_)
    text = replaced(std::move(text), placeholder, with);
  const Json given = Json::parse(text);
  const auto schema = Schema::compile(manifest().config_schema);
  return schema ? schema->check(given).values : given;
}

void Subject::replace(const std::string& placeholder, const std::string& with) {
  for (auto& [known, text] : replacements_)
    if (known == placeholder) {
      text = with;
      return;
    }
  replacements_.emplace_back(placeholder, with);
}

void Subject::playRecording() {
  if (options_.recording.empty()) return;
  auto recording = readRecording(options_.recording);
  if (!recording) throw std::runtime_error(recording.error().message);
  recording_ = std::move(*recording);
  if (!recording_->runs.empty()) programs = replayPrograms(*recording_);
  if (!recording_->exchanges.empty() && mentions("${backend}")) playBackend();
}

Backend& Subject::playBackend(std::optional<BackendFault> fault) {
  backend_ = std::make_unique<Backend>(*recording_, fault);
  useBackend(backend_->url(), backend_->fingerprint());
  return *backend_;
}

void Subject::useBackend(const std::string& url, const std::string& fingerprint) {
  replace("${backend}", url);
  replace("${backend_pin}", fingerprint);
}

bool Subject::mentions(std::string_view placeholder) const {
  return options_.settings.dump().find(placeholder) != std::string::npos;
}

Instance::Instance(Subject& subject, CheckHost& host, const std::string& interface_id,
                   InstanceShape shape)
    : subject_(subject),
      host_(host),
      interface_id_(interface_id),
      shape_(std::move(shape)),
      table_(subject.table(host, interface_id)),
      folder_path_(folder_.path().string()),
      unique_(toHex(randomBytes<8>())) {}

Instance::~Instance() {
  if (!self_) return;
  if (state_ == State::started) stop();
  destroy();
}

Outcome Instance::create() {
  const Json values = shape_.settings ? *shape_.settings : subject_.settings(folder_path_, unique_);
  const GuardedMemory name(shape_.name), settings(values.dump()), folder(folder_path_);
  const scanhost_create_args args{static_cast<std::uint32_t>(sizeof args + shape_.call.appended), 0,
                                  name.text(), settings.text(), folder.text()};
  std::string bytes(reinterpret_cast<const char*>(&args), sizeof args);
  bytes.append(shape_.call.appended, '\xA5');
  const GuardedMemory guarded(bytes);
  const Outcome outcome = call("create", [&](const scanhost_call* abi) {
    return table_->create(host_.abi(), abi,
                          static_cast<const scanhost_create_args*>(guarded.data()), &self_);
  });
  state_ = outcome.ok() ? State::created : State::nothing;
  if (!outcome.ok()) self_ = nullptr;
  return outcome;
}

Outcome Instance::start() {
  const Outcome outcome =
      call("start", [&](const scanhost_call* abi) { return table_->start(self_, abi); });
  state_ = outcome.ok() ? State::started : State::failed;
  return outcome;
}

Outcome Instance::startCancelled() {
  subject_.step("start, cancelled before it began");
  CheckCall call(host_.transcript(), shape_.call);
  call.cancel();
  const Outcome outcome = call.outcome(table_->start(self_, call.abi()), "start");
  state_ = outcome.ok() ? State::started : State::failed;
  return outcome;
}

void Instance::stop() {
  call("stop", [&](const scanhost_call* abi) {
    table_->stop(self_, abi);
    return SCANHOST_OK;
  });
  state_ = State::stopped;
}

void Instance::destroy() {
  subject_.step("destroy");
  table_->destroy(self_);
  self_ = nullptr;
  state_ = State::nothing;
}

Instance& Instance::work() {
  mustDo(create(), "settings that are valid by config_schema make an instance");
  if (!self_)
    throw Breach("create succeeded and stored no instance", "an instance that is not null",
                 "store it in *self before returning SCANHOST_OK");
  mustDo(start(), "start it, or give --config with settings under which it can start");
  return *this;
}

const Outcome& mustDo(const Outcome& outcome, const std::string& remedy) {
  if (!outcome.ok()) throw Breach(outcome.text(), outcome.function + " succeeds", remedy);
  return outcome;
}

void exercise(Instance& instance) {
  void* self = instance.self();
  const std::string& id = instance.interfaceId();
  if (id == SCANHOST_QUEUE_ID) {
    scanhost_durability_sink sink{sizeof sink, 0, nullptr,
                                  [](void*, const scanhost_durability*) {}};
    instance.call("durability", [&](const scanhost_call* call) {
      return instance.table<scanhost_queue>().durability(self, call, &sink);
    });
  } else if (id == SCANHOST_RESULTS_ID) {
    instance.call("check", [&](const scanhost_call* call) {
      return instance.table<scanhost_results>().check(self, call);
    });
  } else if (id == SCANHOST_SCANNER_LOCAL_ID || id == SCANHOST_SCANNER_REMOTE_ID) {
    scanhost_scanner_sink sink{sizeof sink, 0, nullptr,
                               [](void*, const scanhost_scanner_description*) {},
                               [](void*, const scanhost_scanner_health*) {}};
    const auto& scanner = instance.table<scanhost_scanner>();
    instance.call("describe",
                  [&](const scanhost_call* call) { return scanner.describe(self, call, &sink); });
    instance.call("self_test",
                  [&](const scanhost_call* call) { return scanner.self_test(self, call, &sink); });
  } else if (id == SCANHOST_EXPORTER_ID) {
    const auto& exporter = instance.table<scanhost_exporter>();
    scanhost_logged_event event{};
    event.struct_size = sizeof event;
    event.level = SCANHOST_LEVEL_INFO;
    event.component = toText("checker");
    event.event = toText("checked");
    event.line = toText(R"({"event": "checked"})");
    const scanhost_logged_event* const events[] = {&event};
    if (exporter.events)
      instance.call("events", [&](const scanhost_call* call) {
        return exporter.events(self, call, events, 1);
      });
    scanhost_span span{};
    span.struct_size = sizeof span;
    span.trace.trace_id[0] = span.trace.span_id[0] = 1;
    span.name = toText("scanner.checked");
    const scanhost_span* const spans[] = {&span};
    if (exporter.spans)
      instance.call(
          "spans", [&](const scanhost_call* call) { return exporter.spans(self, call, spans, 1); });
    if (exporter.flush)
      instance.call("flush", [&](const scanhost_call* call) { return exporter.flush(self, call); });
  } else if (id == SCANHOST_TRANSPORT_ID) {
    for (const auto& route : instance.host().listener().routes()) {
      FakeRequest request;
      request.path = route->path;
      instance.subject().step("GET " + route->path);
      instance.host().listener().ask(route, request);
    }
  } else if (id == SCANHOST_OPERATIONS_ID) {
    const scanhost_text role = toText("client");
    scanhost_caller caller{};
    caller.struct_size = sizeof caller;
    caller.subject = toText("checker");
    caller.roles = {&role, 1};
    ListedPage told;
    detail::PageGatherer gathered(told);
    instance.call("list", [&](const scanhost_call* call) {
      return instance.table<scanhost_operations>().list(self, call, SCANHOST_LIST_OPERATIONS,
                                                        &caller, {}, gathered.sink());
    });
  }
}

void liveOnce(Subject& subject, CheckHost& host, const std::string& interface_id,
              InstanceShape shape) {
  Instance instance(subject, host, interface_id, std::move(shape));
  instance.work();
  exercise(instance);
  instance.stop();
  instance.destroy();
}

}  // namespace scanhost::conformance
