// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A document followed to the letter: its commands are run in order, and what they say is compared
/// with what it shows.
///
/// Every `console` block is run; of other blocks, and of what a reader does between two of them, a
/// comment above the block tells:
///
///     <!-- file: first-scan/scanhost.yaml -->      the block is that file
///     <!-- in: scan_test.cpp, before MAIN -->      the block is put there, before the last line
///     with MAIN
///     <!-- do: sed -i s/a/b/ FILE -->              what the text above asks for, before the block
///     <!-- run: yes -->                            an `sh` block is run, too
///     <!-- said: last -->                          the block is a line of what the last `sh` block
///     said
///     <!-- run: meanwhile -->                      its last command goes on while the rest is done
///     <!-- run: no -->                             shown, but not a part of this story
///
/// `cd`, and what a shell is told to keep (`export`, NAME=, a function), hold for the commands
/// behind.
/// "..." stands for anything. What is another thing each time is not compared: times, durations,
/// ids, digests, versions of others, and the bars of a scan under way.
#pragma once

#include <list>
#include <map>
#include <string>
#include <vector>

#include "tests/docs/documents.h"
#include "tests/support/child_process.h"

namespace scanhost::docs {

class Story {
 public:
  /// `replaced` stands in the run for what the document says: ports and folders. Programs of this
  /// build are found by their names.
  struct Setting {
    std::string folder;  ///< commands run there
    std::map<std::string, std::string> environment;
    std::vector<std::pair<std::string, std::string>>
        replaced;  ///< document's, run's; in this order
  };

  explicit Story(Setting setting);

  /// Fails the test, with the document's line, where it shows something else.
  void follow(const std::string& document);

 private:
  void follow(const Block& block);
  void follow(const Block& block, const std::string& typed, const std::vector<std::string>& shown,
              int line, bool meanwhile);
  testing_support::Command inShell(const std::string& script) const;
  std::string asRun(std::string text) const;
  std::string asDocumented(std::string text) const;
  void learnIds(const std::string& shown, const std::string& said);

  void putInto(const std::string& place, const Block& block) const;

  Setting setting_;
  std::string said_;                        ///< by the last command
  std::string kept_;                        ///< what the shell was told to keep
  std::map<std::string, std::string> ids_;  ///< of tasks: the document's, the run's
  std::list<testing_support::ChildProcess> meanwhile_;
};

}  // namespace scanhost::docs
