// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A scanner plugin as the host has it: the built file, loaded, and an instance of it.
///
///     ScannerPlugin scanner("scanner-wapiti", ScannerKind::local);
///     ASSERT_TRUE(scanner.make(Json::object({{"depth", 3}})));
///     const ScanOutcome scan = scanner.scan(request);
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "host/abi/process_service.h"
#include "host/plugins/instance.h"
#include "host/plugins/loader.h"
#include "host/plugins/scanner_client.h"
#include "host/plugins/schema.h"
#include "tests/support/folder.h"
#include "tests/support/told_scan.h"

namespace scanhost::testing_support {

/// What a scan told, and how it ended.
struct ScanOutcome : ScanSinkHandler {
  Status onFindings(std::span<const scanhost_finding* const> records) override {
    return taken(told.abi()->findings(told.abi()->context, records.data(), records.size()));
  }
  Status onHosts(std::span<const scanhost_host_report* const> records) override {
    return taken(told.abi()->hosts(told.abi()->context, records.data(), records.size()));
  }
  Status onProgress(int value, std::string_view) override {
    told.percents.push_back(value);
    return {};
  }
  Status onSummary(const Summary& ended) override {
    summary = ended;
    return {};
  }

  ToldScan told;
  std::optional<Summary> summary;

 private:
  static Status taken(scanhost_status status) {
    EXPECT_EQ(status, SCANHOST_OK);
    return {};
  }
};

/// Where an instance lives: in the test's process, or in a runner.
enum class Placed { here, isolated };

class ScannerPlugin {
 public:
  ScannerPlugin(const std::string& name, ScannerKind kind, Placed placed = Placed::here)
      : name_(name), kind_(kind), plugin_(load(name, placed)) {}

  /// An instance with the settings that the host would fill in, started.
  Status make(const Json& settings) {
    CheckedSettings checked = Schema::compile(plugin_.manifest().config_schema)->check(settings);
    for (const auto& problem : checked.problems) ADD_FAILURE() << problem.message;
    auto created = PluginInstance::create(
        plugin_, ScannerClient::interfaceId(kind_),
        {.name = "scanner1",
         .settings = std::move(checked.values),
         .data_dir = data_dir_.path() / "data",
         .services = &services(),
         .events = [this](int, std::string_view event, std::string_view fields, const auto&) {
           logged_ += std::string(event) + std::string(fields) + "\n";
         }});
    if (!created) return tl::unexpected<Error>(created.error());
    instance_ = std::move(*created);
    return instance_->start({.events = instance_->events()});
  }

  ScannerClient client() const {
    return {name_, &instance_->table<scanhost_interface>(), instance_->self(), kind_};
  }
  std::filesystem::path dataDir() const { return data_dir_.path() / "data"; }
  const Folder& folder() const { return data_dir_; }
  const std::string& logged() const { return logged_; }

 private:
  static const ServiceRegistry& services() {
    static ServiceRegistry registry;
    static ProcessService processes;
    static const bool registered = (processes.registerIn(registry), true);
    EXPECT_TRUE(registered);
    return registry;
  }
  static const LoadedPlugin& load(const std::string& name, Placed placed) {
    const std::filesystem::path build = SCANHOST_BINARY_DIR;
    static PluginLoader loader({.folder = build / "plugins",
                                .services = &services(),
                                .runner = {.program = build / "bin/scanhost-runner"}});
    const auto loaded = placed == Placed::isolated ? loader.isolate(name) : loader.load(name);
    if (!loaded) throw std::runtime_error(loaded.error().message);
    return **loaded;
  }

  std::string name_;
  ScannerKind kind_;
  const LoadedPlugin& plugin_;
  Folder data_dir_;
  std::string logged_;
  std::unique_ptr<PluginInstance> instance_;
};

/// An executable file that stands in for a scanner's program: a shell script with that body.
inline std::filesystem::path standIn(const Folder& folder, const std::string& body) {
  const auto path = folder.write("stand-in.sh", "#!/bin/sh\n" + body + "\n");
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path;
}

}  // namespace scanhost::testing_support
