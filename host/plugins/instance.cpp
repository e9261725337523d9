// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/instance.h"

#include <scanhost/text.h>

#include "host/plugins/isolated_instance.h"

namespace scanhost {
namespace {

Status makeFolder(const std::filesystem::path& folder) {
  if (folder.empty()) return {};
  std::error_code error;
  const bool made = std::filesystem::create_directories(folder, error);
  if (!error && made)
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (error)
    return fail(ErrorClass::config,
                "data folder " + folder.string() + " cannot be made: " + error.message());
  return {};
}

}  // namespace

Result<std::unique_ptr<PluginInstance>> PluginInstance::create(const LoadedPlugin& plugin,
                                                               std::string_view interface_id,
                                                               InstanceOptions options) {
  const scanhost_interface* table = plugin.findInterface(interface_id);
  if (!table)
    return fail(ErrorClass::config, "plugin " + plugin.name() + " does not provide " +
                                        std::string(interface_id) + "; choose another plugin");
  if (const Status ok = makeFolder(options.data_dir); !ok) return tl::unexpected<Error>(ok.error());
  const PluginHost& host = PluginHost::make({.plugin = plugin.name(),
                                             .instance = options.name,
                                             .services = options.services,
                                             .events = std::move(options.events)});
  std::unique_ptr<PluginInstance> instance(
      new PluginInstance(plugin, table, host, options.stop_timeout));

  const std::string settings = options.settings.dump();
  // A program that the plugin starts has another working folder.
  const std::string data_dir = options.data_dir.empty()
                                   ? std::string()
                                   : std::filesystem::absolute(options.data_dir).string();
  const scanhost_create_args args{sizeof(scanhost_create_args), 0, toText(host.instance()),
                                  toText(settings), toText(data_dir)};
  HostCall call({.timeout = options.create_timeout, .events = host.events()});
  void* self = nullptr;
  const scanhost_status status =
      plugin.isolated()
          ? IsolatedInstance::create(*plugin.isolated(), std::string(interface_id), host.abi(),
                                     call.abi(), args, options.watch, &instance->interface_, &self)
          : table->create(host.abi(), call.abi(), &args, &self);
  if (Status made = call.outcome(status, instance->label() + ": create"); !made)
    return tl::unexpected<Error>(std::move(made.error()));
  if (!self)
    return fail(ErrorClass::internal,
                instance->label() + ": create reported success without an instance");
  instance->self_ = self;
  return instance;
}

PluginInstance::~PluginInstance() {
  if (!self_) return;
  stop({.timeout = stop_timeout_});
  interface_->destroy(self_);
}

bool PluginInstance::isGivenUp() const {
  return plugin_.isolated() && self_ && IsolatedInstance::of(self_).isGivenUp();
}

Status PluginInstance::start(CallOptions options) {
  if (state_ != State::created)
    return fail(ErrorClass::internal, label() + ": an instance is started once, after create");
  options.events = events();
  HostCall call(std::move(options));
  Status started = call.outcome(interface_->start(self_, call.abi()), label() + ": start");
  state_ = started ? State::started : State::failed;
  return started;
}

void PluginInstance::stop(CallOptions options) {
  if (state_ != State::started) return;
  state_ = State::stopped;
  options.events = events();
  HostCall call(std::move(options));
  interface_->stop(self_, call.abi());
}

}  // namespace scanhost
