// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// From a plugin's name to its checked function tables: trust, manifest, ABI, then the library.
///
/// Nothing of a plugin runs until its file is trusted and its manifest fits this host: a
/// constructor runs before any check of a loaded library could. What was checked is loaded by its
/// descriptor, which stays open as long as the library: glibc knows libraries by the path they were
/// loaded from, and would hand out this one for another under a reused number.
///
/// A library is never unloaded, and loading the same plugin again gives the same one: a new version
/// on disk needs a new process. Any thread.
#pragma once

#include <scanhost/abi/plugin.h>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "host/abi/library.h"
#include "host/abi/plugin_host.h"
#include "host/base/result.h"
#include "host/plugins/isolated_file.h"
#include "host/plugins/trust.h"
#include "sdk/manifest/manifest.h"

namespace scanhost {

/// A plugin in this process, or its file for instances in processes of their own. Lives until the
/// process ends; hold it by reference.
class LoadedPlugin {
 public:
  const Manifest& manifest() const { return manifest_; }
  const std::string& name() const { return manifest_.name; }
  const std::string& path() const { return path_; }
  const std::string& sha256() const { return sha256_; }

  /// A checked table, or null when the manifest does not provide it or this host does not know it.
  const scanhost_interface* findInterface(std::string_view id) const;
  /// What runners enter, or null for a plugin in this process.
  const IsolatedFile* isolated() const { return isolated_.get(); }

 private:
  friend class PluginLoader;
  std::unique_ptr<const IsolatedFile> isolated_;
  Manifest manifest_;
  std::string path_;
  std::string sha256_;
  InterfaceTables interfaces_;
};

/// What `scanhost plugin list` shows: a plugin, or why the file is none that can be used.
struct DiscoveredPlugin {
  std::string file;                    ///< "scanner-nmap.so"
  std::string sha256;                  ///< empty when it could not be read
  std::unique_ptr<Manifest> manifest;  ///< null when it could not be read
  std::string problem;                 ///< empty: usable
};

class PluginLoader {
 public:
  struct Options {
    std::filesystem::path folder;
    TrustOptions trust = {};
    const ServiceRegistry* services = nullptr;  ///< lives until the process ends
    PluginEventSink events = {};                ///< what plugins log outside of instances
    RunnerOptions runner = {};
  };

  explicit PluginLoader(Options options) : options_(std::move(options)) {}

  /// Every refusal is a config error that names the plugin, what is missing and the remedy.
  Result<const LoadedPlugin*> load(const std::string& name);

  /// As `load`, for instances in processes of their own: nothing of it runs in this one. A file
  /// that changed since is another plugin; instances of the earlier one keep theirs.
  Result<const LoadedPlugin*> isolate(const std::string& name);

  /// What `load` loaded of that name, which stays so until the process ends; or null.
  const LoadedPlugin* loaded(const std::string& name) const;
  /// Whether its file is another by now, and one that may be used.
  bool isOutdated(const LoadedPlugin& plugin) const;

  /// Reads the manifest as `load` does, and runs nothing: for `scanhost check`.
  Result<Manifest> inspect(const std::string& name) const;

  /// SHA-256 of the plugin's file, in hexadecimal; as `inspect`.
  Result<std::string> digest(const std::string& name) const;

  /// Every .so in the folder, by name, without loading any.
  std::vector<DiscoveredPlugin> discover() const;

 private:
  /// What a file's contents were found to be.
  struct Reading {
    KnownContents contents;
    Manifest manifest;
    std::string manifest_text;
    std::string build_id;
  };
  using ReadingPtr = std::shared_ptr<const Reading>;
  struct Examined {
    TrustedFile file;
    ReadingPtr reading;
  };
  Result<Examined> examine(const std::string& name) const;
  Result<ReadingPtr> read(const std::string& name, const TrustedFile& file) const;
  ReadingPtr earlierReading(const std::string& name) const;
  Result<std::unique_ptr<LoadedPlugin>> enter(Examined examined) const;

  const Options options_;
  mutable std::mutex mutex_;
  std::map<std::string, const LoadedPlugin*> loaded_;
  std::map<std::pair<std::string, std::string>, const LoadedPlugin*>
      isolated_;  ///< by SHA-256, too
  mutable std::mutex readings_mutex_;
  mutable std::map<std::string, ReadingPtr> readings_;  ///< a check and a load read a file once
};

}  // namespace scanhost
