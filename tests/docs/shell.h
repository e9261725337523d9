// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a reader types: the commands in a block, as words. As much of the shell's grammar as the
/// documents use; that bash takes the rest is for bash to say.
#pragma once

#include <string>
#include <vector>

#include "tests/docs/documents.h"

namespace scanhost::docs {

/// One simple command, without redirections.
struct Call {
  int line = 0;  ///< in the block's text, from 1
  std::vector<std::string> words;
  std::vector<std::string> variables;  ///< "NAME=VALUE" before the first word
  std::vector<std::string> read;       ///< files behind "<"
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

/// Those of a block of `sh` or `console`.
std::vector<Call> callsOf(const Block& block);

/// The command that one makes another program run, as `sudo -u NAME` does; itself where it makes
/// none.
std::vector<std::string> innermost(std::vector<std::string> words);

}  // namespace scanhost::docs
