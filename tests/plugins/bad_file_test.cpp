// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Files that no host may load: each is refused in both placements, with what was found and what
/// to do, and without a line of it having run.
#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <ostream>

#include "host/plugins/loader.h"
#include "tests/plugins/plugin_folder.h"

namespace scanhost {
namespace {

using testing::HasSubstr;

constexpr uid_t stranger = 54321;
constexpr const char* plugin_name = "exporter-good";

/// One good plugin in a good folder, before a case spoils it.
struct Scene {
  PluginFolder folder;
  std::filesystem::path file = folder.add(plugin_name);
  PluginLoader::Options options{.folder = folder.path()};
  std::string name = plugin_name;

  void replaceBy(const std::string& fault) {
    std::filesystem::remove(file);
    folder.add(fault, plugin_name);
  }
  void write(const std::string& bytes) const {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  }
  /// Changes the ELF header.
  void edit(const std::function<void(Elf64_Ehdr&)>& change) const {
    std::string bytes = PluginFolder::contents(file);
    Elf64_Ehdr header;
    std::memcpy(&header, bytes.data(), sizeof header);
    change(header);
    std::memcpy(bytes.data(), &header, sizeof header);
    write(bytes);
  }
  void cutTo(std::size_t share) const {
    const std::string bytes = PluginFolder::contents(file);
    write(bytes.substr(0, bytes.size() * share / 100));
  }
};

struct BadFile {
  const char* title;
  std::function<void(Scene&)> spoil;
  const char* found;     ///< a part of the refusal
  const char* remedy;    ///< another
  bool as_root = false;  ///< can only be brought about by root
};

void PrintTo(const BadFile& bad, std::ostream* out) {
  *out << bad.title;
}

const BadFile bad_files[] = {
    {"FileOfGroup", [](Scene& s) { PluginFolder::setMode(s.file, 0664); }, "of mode 0664",
     "chmod g-w"},
    {"FileOfEveryone", [](Scene& s) { PluginFolder::setMode(s.file, 0666); }, "lets everyone write",
     "chmod o-w"},
    {"FileOfAStranger", [](Scene& s) { ASSERT_EQ(chown(s.file.c_str(), stranger, 0), 0); },
     "is owned by 54321", "chown root", true},
    {"FolderOfGroup", [](Scene& s) { PluginFolder::setMode(s.folder.path(), 0775); },
     "plugins of mode 0775", "chmod g-w"},
    {"FolderOfEveryone", [](Scene& s) { PluginFolder::setMode(s.folder.path(), 0777); },
     "lets everyone write", "chmod o-w"},
    {"FolderOfAStranger",
     [](Scene& s) { ASSERT_EQ(chown(s.folder.path().c_str(), stranger, 0), 0); },
     "is owned by 54321", "chown root", true},
    {"FolderAboveOfEveryone", [](Scene& s) { PluginFolder::setMode(s.folder.base(), 0777); },
     "lets everyone write", "chmod o-w"},
    {"StickyFolderOfAStranger",
     [](Scene& s) {
       PluginFolder::setMode(s.folder.base(), 01777);
       ASSERT_EQ(chown(s.folder.base().c_str(), stranger, 0), 0);
     },
     "is owned by 54321", "chown root", true},
    {"Link",
     [](Scene& s) {
       std::filesystem::rename(s.file, s.folder.base() / "elsewhere.so");
       std::filesystem::create_symlink(s.folder.base() / "elsewhere.so", s.file);
     },
     "is a symbolic link", "copy the plugin there"},
    {"DanglingLink",
     [](Scene& s) {
       std::filesystem::remove(s.file);
       std::filesystem::create_symlink("/nonexistent", s.file);
     },
     "is a symbolic link", "copy the plugin there"},
    {"Fifo",
     [](Scene& s) {
       std::filesystem::remove(s.file);
       ASSERT_EQ(mkfifo(s.file.c_str(), 0644), 0);
     },
     "is not a regular file", "put the plugin's .so there"},
    {"Folder",
     [](Scene& s) {
       std::filesystem::remove(s.file);
       std::filesystem::create_directory(s.file);
     },
     "is not a regular file", "put the plugin's .so there"},
    {"Device",
     [](Scene& s) {
       std::filesystem::remove(s.file);
       ASSERT_EQ(mknod(s.file.c_str(), S_IFCHR | 0644, makedev(1, 5)), 0);
     },
     "is not a regular file", "put the plugin's .so there", true},
    {"Missing", [](Scene& s) { std::filesystem::remove(s.file); }, "there is no file",
     "correct plugins.dir"},
    {"MissingFolder", [](Scene& s) { s.options.folder = s.folder.base() / "nowhere"; },
     "plugin folder", "cannot be used"},
    {"NameThatLeadsOut", [](Scene& s) { s.name = "../exporter-good"; }, "is no plugin name",
     "such as scanner-nmap"},
    {"NameWithAPath", [](Scene& s) { s.name = "plugins/exporter-good"; }, "is no plugin name",
     "such as scanner-nmap"},
    {"NameOfNoKind", [](Scene& s) { s.name = "good"; }, "is no plugin name",
     "such as scanner-nmap"},
    {"NameTooLong", [](Scene& s) { s.name = "exporter-" + std::string(64, 'a'); },
     "is no plugin name", "such as scanner-nmap"},
    {"AnotherDigestThanPinned",
     [](Scene& s) { s.options.trust.pins[plugin_name] = std::string(64, '0'); }, "has SHA-256",
     "reinstall the plugin"},
    {"TooLarge",
     [](Scene& s) {
       ASSERT_EQ(truncate(s.file.c_str(), static_cast<off_t>(max_plugin_bytes + 1)), 0);
     },
     "at most 536870912", "are loaded"},
    {"Empty", [](Scene& s) { s.write(""); }, "exporter-good.so is", ""},
    {"Text", [](Scene& s) { s.write("#!/bin/sh\necho plugin\n"); }, "exporter-good.so is", ""},
    {"Random",
     [](Scene& s) {
       s.write(
           "\x7f"
           "ELF" +
           std::string(4096, '\x5a'));
     },
     "exporter-good.so is", ""},
    {"For32Bits", [](Scene& s) { s.edit([](auto& h) { h.e_ident[EI_CLASS] = ELFCLASS32; }); },
     "exporter-good.so is", ""},
    {"BigEndian", [](Scene& s) { s.edit([](auto& h) { h.e_ident[EI_DATA] = ELFDATA2MSB; }); },
     "exporter-good.so is", ""},
    {"ForAnotherMachine", [](Scene& s) { s.edit([](auto& h) { h.e_machine = EM_S390; }); },
     "exporter-good.so is", ""},
    {"AProgram", [](Scene& s) { s.edit([](auto& h) { h.e_type = ET_EXEC; }); },
     "exporter-good.so is", ""},
    {"SectionsBeyondItsEnd", [](Scene& s) { s.edit([](auto& h) { h.e_shoff = UINT64_MAX - 8; }); },
     "cut short", ""},
    {"CutInTheMiddle", [](Scene& s) { s.cutTo(50); }, "cut short", ""},
    {"CutNearItsEnd", [](Scene& s) { s.cutTo(99); }, "cut short", ""},
    {"Misnamed", [](Scene& s) { s.replaceBy("exporter-probe"); },
     "its manifest gives the name exporter-probe", "name the file exporter-probe.so"},
    {"WithoutManifest",
     [](Scene& s) {
       s.name = "exporter-no-manifest";
       s.folder.add(s.name);
     },
     "has no section", "SCANHOST_PLUGIN"},
    {"ManifestThatIsNoJson",
     [](Scene& s) {
       s.name = "exporter-bad-json";
       s.folder.add(s.name);
     },
     "not JSON", ""},
    {"ManifestWithWrongMembers",
     [](Scene& s) {
       s.name = "exporter-bad-members";
       s.folder.add(s.name);
     },
     "must be", "found"},
    {"AnotherMajor",
     [](Scene& s) {
       s.name = "exporter-abi-major-2";
       s.folder.add(s.name);
     },
     "built for ABI major 2", "rebuild it with this host's SDK"},
    {"ALaterMinor",
     [](Scene& s) {
       s.name = "exporter-min-minor-99";
       s.folder.add(s.name);
     },
     "needs ABI minor 99", "use a newer scanhost"},
    {"AnotherRevision",
     [](Scene& s) {
       s.name = "exporter-manifest-revision";
       s.folder.add(s.name);
     },
     "this host knows", "rebuild it with this host's SDK"},
    {"WithoutEntry",
     [](Scene& s) {
       s.name = "exporter-no-entry";
       s.folder.add(s.name);
     },
     "does not export scanhost_plugin_v1", "SCANHOST_PLUGIN defines it"},
    {"EntryOfAnotherMajor",
     [](Scene& s) {
       s.name = "exporter-entry-v2";
       s.folder.add(s.name);
     },
     "but scanhost_plugin_v2", "rebuild it with this host's SDK"},
    {"AServiceThatIsNot",
     [](Scene& s) {
       s.name = "exporter-needs-service";
       s.folder.add(s.name);
     },
     "it requires", ""},
};

class BadFileTest : public testing::TestWithParam<BadFile> {
 protected:
  void SetUp() override {
    if (GetParam().as_root && geteuid() != 0) GTEST_SKIP() << "only root can bring this about";
    marker_ = scene_.folder.base() / "marker";
    setenv("SCANHOST_TEST_MARKER", marker_.c_str(), 1);
    GetParam().spoil(scene_);
  }
  void TearDown() override {
    unsetenv("SCANHOST_TEST_MARKER");
    if (geteuid() == 0) (void)chown(scene_.folder.base().c_str(), 0, 0);
  }
  void expectRefused(const Result<const LoadedPlugin*>& plugin) {
    ASSERT_FALSE(plugin);
    EXPECT_EQ(plugin.error().error_class, ErrorClass::config);
    EXPECT_THAT(plugin.error().message, HasSubstr("plugin " + scene_.name + ": "));
    EXPECT_THAT(plugin.error().message, HasSubstr(GetParam().found));
    EXPECT_THAT(plugin.error().message, HasSubstr(GetParam().remedy));
    EXPECT_THAT(plugin.error().message, testing::ContainsRegex("\\(SH-P-[0-9]+\\)"));
    EXPECT_FALSE(std::filesystem::exists(marker_)) << "a constructor ran";
  }

  Scene scene_;
  std::filesystem::path marker_;
};

TEST_P(BadFileTest, IsRefusedWithFindingAndRemedyBeforeALineOfItRuns) {
  PluginLoader loader(scene_.options);
  expectRefused(loader.load(scene_.name));
  expectRefused(loader.isolate(scene_.name));
}

INSTANTIATE_TEST_SUITE_P(Each, BadFileTest, testing::ValuesIn(bad_files),
                         [](const auto& bad) { return std::string(bad.param.title); });

TEST(GoodFile, LeavesItsMarkerWhenItIsLoadedSoThatTheOthersProveSomething) {
  Scene scene;
  const auto marker = scene.folder.base() / "marker";
  setenv("SCANHOST_TEST_MARKER", marker.c_str(), 1);
  PluginLoader loader(scene.options);
  EXPECT_TRUE(loader.load(plugin_name));
  unsetenv("SCANHOST_TEST_MARKER");
  EXPECT_TRUE(std::filesystem::exists(marker));
}

}  // namespace
}  // namespace scanhost
