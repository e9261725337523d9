// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/pages/command_page.h"

namespace scanhost::pages {
namespace {

std::string pageOf(const CLI::App& app, const PageTexts& texts, const std::string& kind) {
  if (kind == "man") return manPage(app, texts);
  if (kind == "bash") return bashCompletion(app, texts.program);
  if (kind == "zsh") return zshCompletion(app, texts.program);
  return fishCompletion(app, texts.program);
}

}  // namespace

void addPageOption(CLI::App& app, const PageTexts& texts, std::string& page) {
  app.add_option_function<std::string>("--print-page",
                                       [&app, &texts, &page](const std::string& kind) {
                                         page = pageOf(app, texts, kind);
                                         throw CLI::Success();
                                       })
      ->check(CLI::IsMember({"man", "bash", "zsh", "fish"}))
      ->trigger_on_parse()
      ->group("");
}

}  // namespace scanhost::pages
