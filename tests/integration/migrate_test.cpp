// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// From the earlier service's files to a configuration that the program accepts.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/integration/service.h"

namespace scanhost::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing_support::Finished;
using namespace std::chrono_literals;

class Migrate : public testing::Test {
 protected:
  Folder folder;
  const std::string scanners = folder
                                   .write("scanners.yaml",
                                          "nessus:\n"
                                          "  - instance_id: scanner1\n"
                                          "    url: https://127.0.0.1:8834\n"
                                          "    username: ${NESSUS_USERNAME}\n"
                                          "    password: ${NESSUS_PASSWORD}\n"
                                          "nmap:\n"
                                          "  - {instance_id: local, plugin: scanner-nmap}\n")
                                   .string();
  const std::string variables =
      folder
          .write("service.env", "DATA_DIR=" + (folder.path() / "data").string() +
                                    "\nREDIS_URL=redis://127.0.0.1:1/0\nNESSUS_PASSWORD=hunter2\n")
          .string();
  const std::string output = (folder.path() / "scanhost.yaml").string();

  Finished run(const std::vector<std::string>& words) {
    std::vector<std::string> all{built("bin/scanhost")};
    all.insert(all.end(), words.begin(), words.end());
    return testing_support::run(
        {all, {{"NESSUS_USERNAME", "admin"}, {"NESSUS_PASSWORD", "hunter2"}}, {}}, 10s);
  }
  Finished migrate(const std::vector<std::string>& more) {
    std::vector<std::string> words{"config", "migrate"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
};

TEST_F(Migrate, TheNewFileIsPrivateAndPassesTheCheck) {
  const Finished migrated =
      migrate({"--scanners", scanners, "--env", variables, "--output", output});
  EXPECT_EQ(migrated.exit_code, 0) << migrated.err;
  EXPECT_EQ(migrated.out, "");
  EXPECT_THAT(migrated.err,
              AllOf(HasSubstr("\ndropped: "), HasSubstr("\ndecide: "), Not(HasSubstr("hunter2"))));
  struct stat info {};
  ASSERT_EQ(stat(output.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  const Finished checked = run({"check", "--config", output});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
}

/// The migration names what scanner-nessus does not know, and so has its settings by heart.
TEST_F(Migrate, KnowsEverySettingOfTheNessusPlugin) {
  const Finished inspected = testing_support::run(
      {{built("bin/scanhost-plugin"), "inspect", "--json", built("plugins/scanner-nessus.so")},
       {},
       {}});
  const Json known = Json::parse(inspected.out)["config_schema"]["properties"];
  ASSERT_GT(known.size(), 0u);
  std::string entry = "nessus:\n  - instance_id: a\n";
  for (const auto& [name, schema] : known.members()) {
    entry += "    " + name + ":" + (schema.has("properties") ? "" : " x") + "\n";
    for (const auto& [inner, ignored] : schema["properties"].members())
      entry += "      " + inner + ": x\n";
  }
  const Finished migrated =
      migrate({"--scanners", folder.write("all.yaml", entry).string(), "--env", variables});
  EXPECT_EQ(migrated.exit_code, 0) << migrated.err;
  EXPECT_THAT(migrated.err, Not(HasSubstr("does not know")));
}

TEST_F(Migrate, AFileThatIsThereIsLeftAlone) {
  folder.write("scanhost.yaml", "mine");
  const Finished migrated =
      migrate({"--scanners", scanners, "--env", variables, "--output", output});
  EXPECT_EQ(migrated.exit_code, 73);
  EXPECT_THAT(migrated.err, HasSubstr("File exists"));
  EXPECT_EQ(std::filesystem::file_size(output), 4u);
}

TEST_F(Migrate, WhatIsWrongHasItsExitCode) {
  EXPECT_EQ(migrate({"--env", variables}).exit_code, 64);
  EXPECT_EQ(migrate({"--scanners", scanners, "--output", "a.txt"}).exit_code, 64);
  EXPECT_EQ(migrate({"--unknown"}).exit_code, 64);
  EXPECT_EQ(migrate({"--scanners", scanners + ".none"}).exit_code, 66);
  EXPECT_EQ(migrate({"--scanners", scanners, "--env", variables + ".none"}).exit_code, 66);
  const Finished wrong =
      migrate({"--scanners", folder.write("b.yaml", "nessus:\n  - {name: x}\n").string()});
  EXPECT_EQ(wrong.exit_code, 78);
  EXPECT_EQ(wrong.out, "");
  EXPECT_THAT(wrong.err, HasSubstr("b.yaml:2: nessus[0].instance_id: is missing"));
}

}  // namespace
}  // namespace scanhost::integration
