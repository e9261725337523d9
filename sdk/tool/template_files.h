// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The files of sdk/template as the build put them into the program.
#pragma once

#include <string_view>
#include <vector>

namespace scanhost {

struct TemplateFile {
  std::string_view kind;  ///< the folder below sdk/template
  std::string_view path;  ///< within it
  std::string_view content;
};

const std::vector<TemplateFile>& templateFiles();

}  // namespace scanhost
