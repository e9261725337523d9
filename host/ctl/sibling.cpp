// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/sibling.h"

#include <Poco/Exception.h>
#include <Poco/Pipe.h>
#include <Poco/PipeStream.h>
#include <Poco/Process.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <system_error>

namespace scanhost::ctl {
namespace {

constexpr std::size_t max_output = 64u << 10;

/// Reads to the end, so that the program never blocks on a full pipe; keeps the first part.
std::string readAll(Poco::Pipe& pipe) {
  std::string text;
  std::array<char, 4096> piece;
  for (;;) {
    const int got = pipe.readBytes(piece.data(), static_cast<int>(piece.size()));
    if (got <= 0) return text;
    if (text.size() < max_output) text.append(piece.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

SiblingOutcome runSibling(const std::string& name, const std::vector<std::string>& arguments) {
  std::error_code unreadable;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", unreadable);
  const auto program = self.parent_path() / name;
  if (unreadable || ::access(program.c_str(), X_OK) != 0)
    return {false, 0, program.string() + " is not there or cannot be run; is it installed?"};
  try {
    Poco::Pipe output;
    const Poco::ProcessHandle handle =
        Poco::Process::launch(program.string(), arguments, nullptr, &output, &output);
    const std::string text = readAll(output);
    return {true, handle.wait(), text};
  } catch (const Poco::Exception& error) {
    return {false, 0, program.string() + ": " + error.displayText()};
  }
}

}  // namespace scanhost::ctl
