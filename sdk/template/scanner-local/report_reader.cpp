// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@
#include "report_reader.h"

#include <algorithm>

namespace {

constexpr std::size_t max_line = 64 * 1024;

[[noreturn]] void refuse(std::string_view line, const char* why) {
  throw scanhost::PluginError(scanhost::ErrorClass::internal,
                              std::string("the report has a line that ") + why + ": '" +
                                  std::string(line.substr(0, 80)) +
                                  "'; is `program` the right one?");
}

std::vector<std::string_view> fieldsOf(std::string_view line) {
  std::vector<std::string_view> fields;
  for (;;) {
    const std::size_t tab = line.find('\t');
    fields.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return fields;
    line.remove_prefix(tab + 1);
  }
}

bool isPort(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

void ReportReader::read(std::string_view chunk) {
  bytes_ += chunk.size();
  for (std::size_t end; (end = chunk.find('\n')) != std::string_view::npos;) {
    rest_ += chunk.substr(0, end);
    if (rest_.size() > max_line) refuse(rest_, "is too long");
    readLine(rest_);
    rest_.clear();
    chunk.remove_prefix(end + 1);
  }
  rest_ += chunk;
  if (rest_.size() > max_line) refuse(rest_, "is too long");
}

void ReportReader::readLine(std::string_view line) {
  const std::vector<std::string_view> fields = fieldsOf(line);
  if (ended_) refuse(line, "comes after its end");
  if (fields[0] == "end" && fields.size() == 1) {
    ended_ = true;
  } else if (fields[0] == "host" && fields.size() == 2) {
    ++hosts_;
    scanhost::HostReport host;
    host.host = fields[1];
    sink_.host(std::move(host));
  } else if (fields[0] == "banner" && fields.size() == 4 && isPort(fields[2])) {
    tellBanner(fields);
  } else {
    refuse(line, "is neither host, banner nor end");
  }
}

void ReportReader::tellBanner(const std::vector<std::string_view>& fields) {
  scanhost::FindingRecord finding;
  finding.host = fields[1];
  finding.port = fields[2];
  finding.output = fields[3];
  finding.family = "Service detection";
  // check_id, host, port and protocol make the fingerprint, by which a finding is known again in the
  // next scan. So never what changes from scan to scan, and a new id for a new meaning.
  if (fields[3].substr(0, 6) == "SSH-1.") {
    finding.check_id = "ssh-protocol-1";
    finding.check_name = "SSH protocol 1 is offered";
    finding.severity = scanhost::Severity::high;
    finding.service = "ssh";
    finding.solution = "Allow protocol 2 only.";
  } else {
    finding.check_id = "banner";
    finding.check_name = "A service introduces itself";
    finding.severity = scanhost::Severity::info;
  }
  sink_.emit(std::move(finding));
}
