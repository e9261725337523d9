// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A vendor's build: another compiler and another standard library, in a folder that sees nothing
/// but the installed SDK, and the plugin then running in this host.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <vector>

#include "host/plugins/exporter_client.h"
#include "host/plugins/schema.h"
#include "tests/plugins/vendor_folder.h"

namespace scanhost {
namespace {

bool exists(const char* path) {
  return std::filesystem::exists(path);
}

class Vendor : public VendorFolder {
 protected:
  void buildPlugin(const std::string& options) {
    std::filesystem::copy(std::filesystem::path(SCANHOST_SOURCE_DIR) / "tests/plugins/vendor",
                          source_, std::filesystem::copy_options::recursive);
    build(options);
    folder_.addFile(build_ / "plugins" / "exporter-vendor.so", "exporter-vendor");
  }
};

std::unique_ptr<ExporterClient> openVendor(const std::filesystem::path& folder) {
  PluginLoader loader({.folder = folder});
  const auto plugin = loader.load("exporter-vendor");
  if (!plugin) throw std::runtime_error(plugin.error().message);
  const auto schema = Schema::compile((*plugin)->manifest().config_schema);
  auto instance = PluginInstance::create(
      **plugin, SCANHOST_EXPORTER_ID,
      {.name = "vendor", .settings = schema->check(Json::object()).values, .data_dir = {}});
  if (!instance) throw std::runtime_error(instance.error().message);
  return std::make_unique<ExporterClient>(std::move(*instance));
}

TEST_F(Vendor, RunsAPluginBuiltWithClangAndItsOwnStandardLibrary) {
  if (!exists("/usr/bin/clang++") || !exists("/usr/lib/llvm-14/include/c++/v1"))
    GTEST_SKIP() << "clang++ with libc++ is not installed";
  installSdk();
  buildPlugin("-DCMAKE_CXX_COMPILER=clang++ -DCMAKE_CXX_FLAGS=-stdlib=libc++");

  const auto vendor = openVendor(folder_.path());
  ASSERT_TRUE(vendor->start({}));

  EXPECT_EQ(vendor->endpoint()->value(), "/vendor");
  const std::vector<MetricFamily> families = {
      {"scanhost_x", "X.", MetricType::gauge, {MetricSample{}, MetricSample{}}}};
  const auto document = vendor->render(families, "", {});
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->body, "libc++ scanhost_x=2");

  const auto busy = vendor->render({}, "plugin-error", {});
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().error_class, ErrorClass::busy);
  EXPECT_EQ(busy.error().message, "later");
  EXPECT_EQ(busy.error().retry_after, std::chrono::seconds(3));
  EXPECT_EQ(vendor->render({}, "standard-error", {}).error().message, "a standard exception");
  EXPECT_EQ(vendor->render({}, "int", {}).error().error_class, ErrorClass::internal);
}

TEST_F(Vendor, CompilesEveryHeaderOfTheInstalledSdkOnItsOwn) {
  installSdk();
  const std::filesystem::path include = prefix_ / "include";
  std::size_t headers = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(include / "scanhost")) {
    if (entry.path().extension() != ".h") continue;
    ++headers;
    const std::string name = std::filesystem::relative(entry.path(), include).string();
    const std::string common = " -Wall -Wextra -pedantic -Werror -fsyntax-only -I" +
                               include.string() + " -include " + name + " /dev/null";
    if (name.rfind("scanhost/abi/", 0) == 0) run("gcc -std=c11 -x c" + common);
    run("g++ -std=c++17 -x c++" + common);
  }
  EXPECT_GT(headers, 15u);
}

TEST_F(Vendor, FindsTheToolInTheInstalledSdk) {
  installSdk();
  run((prefix_ / "bin" / "scanhost-plugin").string() + " inspect " SCANHOST_FIXTURE_DIR
                                                       "/exporter-good.so");
}

TEST_F(Vendor, GetsProgramsThatNeedNothingButWhatEverySystemHas) {
  installSdk();
  for (const auto& program : std::filesystem::directory_iterator(prefix_ / "bin")) {
    run("readelf -d " + program.path().string() + " | grep NEEDED");
    EXPECT_THAT(output_, testing::Not(testing::ContainsRegex("Poco|prometheus|spdlog|gtest")))
        << program.path();
  }
}

TEST_F(Vendor, GetsAGuideWhoseLinksLeadSomewhere) {
  installSdk();
  const std::regex link(R"(\]\(([^)#[:space:]]+))");
  std::size_t links = 0;
  for (const auto& page :
       std::filesystem::recursive_directory_iterator(prefix_ / "share/doc/scanhost-sdk")) {
    if (page.path().extension() != ".md") continue;
    const std::string text = PluginFolder::contents(page.path());
    for (std::sregex_iterator one(text.begin(), text.end(), link), end; one != end; ++one) {
      const std::string target = (*one)[1];
      if (target.rfind("http", 0) == 0) continue;
      ++links;
      EXPECT_TRUE(std::filesystem::exists(page.path().parent_path() / target))
          << page.path() << " leads to " << target;
    }
  }
  EXPECT_GT(links, 5u);
}

}  // namespace
}  // namespace scanhost
