// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

#include "sdk/pages/command_page.h"
#include "tests/support/child_process.h"

namespace scanhost::pages {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

/// A program with a bit of everything: `tool [--output FORMAT] (show TASK | dlq (list | purge))`.
class Tool : public testing::Test {
 protected:
  CLI::App app{"Looks at things"};
  PageTexts texts{.program = "tool",
                  .section = 1,
                  .version = "1.2.3",
                  .summary = "look at things",
                  .description = "It looks.",
                  .sections = {{"EXIT STATUS", "0 always."}}};
  std::string page, output, file, task;
  bool all = false;

  Tool() {
    app.name("tool");
    app.fallthrough();
    app.require_subcommand(1);
    addPageOption(app, texts, page);
    app.add_option("--output", output, "How it is shown")->check(CLI::IsMember({"table", "json"}));
    app.add_option("--config", file, "What it's told - a file");
    CLI::App* show = app.add_subcommand("show", "One thing");
    show->add_option("task", task, "Which")->required();
    show->add_flag("--all", all, "All of it");
    CLI::App* dlq = app.add_subcommand("dlq", "Dead letters");
    dlq->require_subcommand(1);
    dlq->add_subcommand("list", "List them");
    dlq->add_subcommand("purge", "Delete them");
  }

  void parse(std::vector<std::string> words) {
    std::reverse(words.begin(), words.end());
    app.parse(words);
  }
};

TEST_F(Tool, PrintsAPageInsteadOfDoingAnything) {
  EXPECT_THROW(parse({"--print-page", "man"}), CLI::Success);
  EXPECT_THAT(page, HasSubstr(".TH TOOL 1 "));
}

TEST_F(Tool, PageOptionIsForPackagersAndNotInTheHelp) {
  EXPECT_THAT(app.help(), Not(HasSubstr("print-page")));
  EXPECT_THAT(manPage(app, texts), Not(HasSubstr("print")));
}

TEST_F(Tool, ManPageHasEachCommandAndOptionWithItsHelp) {
  const std::string man = manPage(app, texts);
  EXPECT_THAT(man, HasSubstr(".SH NAME\ntool \\- look at things\n"));
  EXPECT_THAT(man, HasSubstr("\\fB\\-\\-output\\fR \\fItable|json\\fR\nHow it is shown\n"));
  EXPECT_THAT(man, HasSubstr(".SS \"tool dlq purge\"\nDelete them.\n"));
  EXPECT_THAT(man, HasSubstr("\\fBtool\\fR \\fBshow\\fR [\\fIOPTIONS\\fR] \\fItask\\fR\n"));
  EXPECT_THAT(man, HasSubstr(".SH EXIT STATUS\n0 always.\n"));
}

TEST_F(Tool, ManPageShowsWhatRoffWouldTakeForItself) {
  CLI::App odd{"Odd"};
  bool flag = false;
  odd.add_flag("--odd", flag, ".begins with a dot, has a \\ and\n'quotes' a line");
  EXPECT_THAT(manPage(odd, texts),
              HasSubstr("\\&.begins with a dot, has a \\e and\n\\&'quotes' a line"));
}

/// What bash offers for the last of these words.
class BashOffers : public Tool {
 protected:
  std::vector<std::string> offered(const std::vector<std::string>& words,
                                   const std::string& tasks = "") {
    std::string script = bashCompletion(app, "tool") + "tool() { printf 'task_id\\n" + tasks +
                         "'; }\nCOMP_WORDS=(tool";
    for (const std::string& word : words) script += " '" + word + "'";
    script += ")\nCOMP_CWORD=" + std::to_string(words.size()) +
              "\n_tool\n[ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\\n' \"${COMPREPLY[@]}\"\n";
    const testing_support::Finished bash = testing_support::run({{"bash", "-c", script}, {}, {}});
    EXPECT_EQ(bash.exit_code, 0) << bash.err;
    std::vector<std::string> lines;
    std::istringstream out(bash.out);
    for (std::string line; std::getline(out, line);) lines.push_back(line);
    return lines;
  }
};

TEST_F(BashOffers, CommandsAndOptionsAfterTheProgram) {
  EXPECT_THAT(offered({""}),
              UnorderedElementsAre("show", "dlq", "-h", "--help", "--output", "--config"));
}

TEST_F(BashOffers, CommandsBelowACommand) {
  EXPECT_THAT(offered({"dlq", "p"}), ElementsAre("purge"));
}

TEST_F(BashOffers, OptionsOfTheProgramAfterACommandToo) {
  EXPECT_THAT(offered({"show", "--o"}), ElementsAre("--output"));
  EXPECT_THAT(offered({"show", "--a"}), ElementsAre("--all"));
}

TEST_F(BashOffers, TheWordsThatAnOptionKnows) {
  EXPECT_THAT(offered({"show", "--output", "j"}), ElementsAre("json"));
}

TEST_F(BashOffers, IdsOfTasksThatThereAre) {
  EXPECT_THAT(offered({"show", "ne"}, "ne_scan_1\\nnm_scan_2\\nne_scan_3\\n"),
              ElementsAre("ne_scan_1", "ne_scan_3"));
}

TEST_F(BashOffers, NothingAfterAnUnknownWord) {
  EXPECT_THAT(offered({"nonsense", "dl"}), ElementsAre("dlq"));
  EXPECT_THAT(offered({"dlq", "purge", "x"}), IsEmpty());
}

TEST_F(Tool, ZshAndFishKnowTheSameWords) {
  for (const std::string& script : {zshCompletion(app, "tool"), fishCompletion(app, "tool")})
    EXPECT_THAT(script, AllOf(HasSubstr("show"), HasSubstr("purge"), HasSubstr("output"),
                              HasSubstr("table json"), HasSubstr("Delete them")));
}

TEST_F(Tool, FishOffersCommandsAfterAnOptionWithAValue) {
  if (testing_support::run({{"sh", "-c", "command -v fish"}, {}, {}}).exit_code != 0)
    GTEST_SKIP() << "NOT TESTED: no fish";
  const auto offered = [&](const std::string& line) {
    return testing_support::run(
               {{"fish", "-c", fishCompletion(app, "tool") + "complete -C '" + line + "'"}, {}, {}})
        .out;
  };
  EXPECT_THAT(offered("tool --output json sh"), HasSubstr("show\t"));
  EXPECT_THAT(offered("tool --output json show d"), Not(HasSubstr("dlq\t")));
}

TEST_F(Tool, ZshAndFishQuoteTheHelp) {
  EXPECT_THAT(zshCompletion(app, "tool"), HasSubstr("[What it'\\''s told - a file]"));
  EXPECT_THAT(fishCompletion(app, "tool"), HasSubstr("'What it\\'s told - a file'"));
}

}  // namespace
}  // namespace scanhost::pages
