// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A vendor's machine: a folder with nothing of this tree but the installed SDK.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/plugins/plugin_folder.h"

namespace scanhost {

class VendorFolder : public testing::Test {
 protected:
  /// Runs a command; its output is shown when it fails.
  void run(const std::string& command) {
    const std::filesystem::path log = folder_.base() / "log";
    const int code = std::system((command + " > " + log.string() + " 2>&1").c_str());
    output_ = PluginFolder::contents(log);
    ASSERT_EQ(code, 0) << command << "\n" << output_;
  }

  void installSdk() {
    run("cmake --install " SCANHOST_BINARY_DIR " --component sdk --prefix " + prefix_.string());
  }

  /// Builds source_ with that SDK; plugins are then in build_/plugins. Where ccache is, it is told
  /// to see past the folder's name, which is another one each time.
  void build(const std::string& options) {
    const bool cached = std::filesystem::exists("/usr/bin/ccache");
    if (cached) {
      setenv("CCACHE_BASEDIR", folder_.base().c_str(), 1);
      setenv("CCACHE_NOHASHDIR", "1", 1);
    }
    run(std::string("cmake -G Ninja") +
        (cached ? " -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache" : "") +
        " -S " + source_.string() + " -B " + build_.string() +
        " -DCMAKE_PREFIX_PATH=" + prefix_.string() + " " + options);
    run("cmake --build " + build_.string());
  }

  PluginFolder folder_;
  std::filesystem::path prefix_ = folder_.base() / "prefix";
  std::filesystem::path source_ = folder_.base() / "source";
  std::filesystem::path build_ = folder_.base() / "build";
  std::string output_;  ///< of the last command
};

}  // namespace scanhost
