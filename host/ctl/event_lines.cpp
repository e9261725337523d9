// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/event_lines.h"

#include <scanhost/json.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

#include "host/ctl/child_program.h"

namespace scanhost::ctl {
namespace {

constexpr std::size_t max_file_bytes = 2u << 20;
constexpr ChildLimits journal_limits = {.time = std::chrono::seconds(20), .output_bytes = 4u << 20};
constexpr const char* use_file = "; where events go to a file, name it by --events";

}  // namespace

std::string messagesOf(std::string_view newest_first) {
  std::vector<std::string> messages;
  for (std::size_t at = 0; at < newest_first.size();) {
    const std::size_t end = std::min(newest_first.find('\n', at), newest_first.size());
    const auto entry = Json::tryParse(newest_first.substr(at, end - at));
    at = end + 1;
    // Bytes that are no UTF-8 come as a list of numbers, which nobody could scrub.
    if (entry && (*entry)["MESSAGE"].isString()) messages.push_back((*entry)["MESSAGE"].asString());
  }
  std::string text;
  for (auto message = messages.rbegin(); message != messages.rend(); ++message)
    text += *message + '\n';
  return text;
}

std::string eventsOfJournal() {
  for (const char* program : {"/usr/bin/journalctl", "/bin/journalctl"}) {
    if (::access(program, X_OK) != 0) continue;
    const ChildOutcome outcome =
        runChild(program,
                 {"-u", "scanhost", "-o", "json", "--output-fields=MESSAGE", "-n", "2000", "-r",
                  "-q", "--no-pager"},
                 journal_limits);
    std::string text = messagesOf(outcome.output);
    if (!text.empty()) return text;
    throw std::runtime_error("the journal shows nothing of the unit scanhost to this user" +
                             std::string(use_file));
  }
  throw std::runtime_error("there is no journalctl" + std::string(use_file));
}

std::string eventsOfFile(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    throw std::runtime_error(file.string() + " is no file of events");
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) throw std::runtime_error(file.string() + ": " + std::strerror(errno));
  const auto size = static_cast<std::size_t>(in.tellg());
  const std::size_t begin = size > max_file_bytes ? size - max_file_bytes : 0;
  in.seekg(static_cast<std::streamoff>(begin));
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return begin == 0 ? text : text.substr(std::min(text.find('\n'), text.size() - 1) + 1);
}

}  // namespace scanhost::ctl
