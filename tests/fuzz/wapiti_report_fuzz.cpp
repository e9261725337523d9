// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Wapiti's JSON report, and what it says while it runs: read or refused, always in bounds.
#include "plugins/scanner/wapiti/report_reader.h"
#include "plugins/scanner/wapiti/run_log.h"
#include "tests/fuzz/scan_sink.h"

namespace scanhost::wapiti {
namespace {

std::string read(std::string_view json) {
  fuzz::ScanSink told;
  FindingSink sink(told.abi());
  try {
    readReport(json, {"10.0.0.7", "80", "http", "web.example.org"}, sink);
    sink.flush();
  } catch (const PluginError&) {
    sink.flush();
    fuzz::require(told.told().empty(), "a report that is refused tells nothing");
  }
  return told.told();
}

std::string follow(std::string_view text, std::size_t step) {
  std::string heard;
  RunLog log(3, [&](double share, std::string_view module) {
    fuzz::require(share >= 0 && share <= 1, "progress is a share");
    heard += std::string(module) + "\n";
  });
  for (std::size_t at = 0; at < text.size(); at += step) log.feedOutput(text.substr(at, step));
  log.finish();
  return heard + log.undone() + std::to_string(log.pages());
}

}  // namespace
}  // namespace scanhost::wapiti

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  const std::string_view text = fuzz::asText(bytes, size);
  fuzz::require(wapiti::read(text) == wapiti::read(text), "a report says the same each time");
  fuzz::require(wapiti::follow(text, size + 1) == wapiti::follow(text, 7),
                "lines say the same however they are cut");
  return 0;
}
