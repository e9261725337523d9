// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/wapiti/run_log.h"

#include <algorithm>
#include <charconv>

namespace scanhost::wapiti {
namespace {

constexpr std::size_t most_line = 4096;  ///< what is longer is passed over

bool beginsWith(std::string_view text, std::string_view begin) {
  return text.substr(0, begin.size()) == begin;
}

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

void RunLog::feedOutput(std::string_view text) {
  feed(text, output_line_, &RunLog::takeOutput);
}

void RunLog::feedErrors(std::string_view text) {
  feed(text, error_line_, &RunLog::takeErrors);
}

void RunLog::finish() {
  feedOutput("\n");
  feedErrors("\n");
  if (!crawled_) leaveUndone("wapiti did not say what it found to test");
}

std::string RunLog::undone() const {
  return undone_;
}

void RunLog::feed(std::string_view text, std::string& line, Line take) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    line += text.substr(0, std::min({end, text.size(), most_line - line.size()}));
    if (end == std::string_view::npos) return;
    (this->*take)(line);
    line.clear();
    text.remove_prefix(end + 1);
  }
}

void RunLog::takeOutput(std::string_view line) {
  static constexpr std::string_view found = "[*] Wapiti found ";
  static constexpr std::string_view module = "[*] Launching module ";
  if (beginsWith(line, found) && !crawled_) {
    crawled_ = true;
    std::from_chars(line.data() + found.size(), line.data() + line.size(), pages_);
  } else if (beginsWith(line, module)) {
    ++modules_begun_;
    const double share = static_cast<double>(modules_begun_) / static_cast<double>(modules_ + 1);
    progress_(std::min(share, 1.0), line.substr(module.size(), 64));
  } else if (beginsWith(line, "Max scan time was reached")) {
    leaveUndone("crawl_time was over before every page was found");
  } else if (beginsWith(line, "Max attack time was reached")) {
    leaveUndone("module_time was over before a module was done");
  } else if (holds(line, "requests were skipped due to network issues")) {
    leaveUndone("answers did not come, or led to another host");
  } else if (beginsWith(line, "[!] ") && holds(line, " with URL ")) {
    leaveUndone("a page could not be fetched");
  } else if (beginsWith(line, "[!] ") && (holds(line, " with url ") || holds(line, "persister"))) {
    leaveUndone("a page could not be fetched or kept");
  } else if (beginsWith(line, "[!] ") && holds(line, " module")) {
    leaveUndone("a module of wapiti's is missing");
  }
}

void RunLog::takeErrors(std::string_view line) {
  if (beginsWith(line, "  File \"")) leaveUndone("a module of wapiti's failed");
}

void RunLog::leaveUndone(std::string_view why) {
  if (!holds(undone_, why)) undone_ += (undone_.empty() ? "" : "; ") + std::string(why);
}

}  // namespace scanhost::wapiti
