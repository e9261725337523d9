// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a reader types: the commands in a block, as words. As much of the shell's grammar as the
/// documents use; that bash takes the rest is for bash to say.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tests/docs/documents.h"

namespace scanhost::docs {

/// One simple command, without redirections and without NAME=VALUE before it.
struct Call {
  int line = 0;  ///< in the block's text, from 1
  std::vector<std::string> words;
};

/// What is typed at a prompt of a console, and what is shown behind it.
struct Exchange {
  int line = 0;  ///< of the prompt in the block's text, from 1
  std::string typed;
  std::vector<std::string> shown;
};

/// Those of a `console` block. Its first line tells the prompt, "$ " or "# "; lines go on behind a
/// backslash and in a here-document. Empty where the block begins otherwise.
std::vector<Exchange> exchangesOf(const Block& block);

/// The simple commands in that text, also those inside of $(...) and `sh -c`, each where it begins.
/// What stands for another word in the end, as $name and $(...), is left as it is written.
std::vector<Call> callsIn(const std::string& text, int first_line = 1);

/// Each command of every document: where it stands, the folder that those before it in its block
/// went to, and its words.
void forEachCommand(
    const std::function<void(const std::string& place, const std::filesystem::path& folder,
                             const std::vector<std::string>& words)>& visit);

/// The command that one makes another program run, as `sudo -u NAME` does; itself where it makes
/// none.
std::vector<std::string> innermost(std::vector<std::string> words);

}  // namespace scanhost::docs
