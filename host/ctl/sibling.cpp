// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/sibling.h"

#include <unistd.h>

#include <filesystem>
#include <system_error>

namespace scanhost::ctl {

ChildOutcome runSibling(const std::string& name, const std::vector<std::string>& arguments,
                        const ChildLimits& limits) {
  std::error_code unreadable;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", unreadable);
  const auto program = self.parent_path() / name;
  if (!unreadable && ::access(program.c_str(), X_OK) == 0)
    return runChild(program.string(), arguments, limits);
  ChildOutcome outcome;
  outcome.output = program.string() + " is not there or cannot be run; is it installed?";
  return outcome;
}

}  // namespace scanhost::ctl
