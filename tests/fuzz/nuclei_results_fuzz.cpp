// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Nuclei's lines of JSON and its statistics: read or refused, the same however they are cut.
#include "plugins/scanner/nuclei/result_reader.h"
#include "plugins/scanner/nuclei/run_log.h"
#include "tests/fuzz/scan_sink.h"

namespace scanhost::nuclei {
namespace {

struct Outcome {
  bool read = false;
  std::string told;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read(std::string_view text, std::size_t step) {
  fuzz::ScanSink told;
  FindingSink sink(told.abi());
  ResultReader reader(sink, {"127.0.0.1", "::1"});
  RunLog log([](int percent) {
    fuzz::require(percent >= 0 && percent <= 99, "progress is a percentage");
  });
  for (std::size_t at = 0; at < text.size(); at += step) log.feed(text.substr(at, step));
  const bool done = fuzz::feed(reader, sink, text, step);
  return {done, told.told()};
}

}  // namespace
}  // namespace scanhost::nuclei

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  const std::string_view text = fuzz::asText(bytes, size);
  fuzz::require(nuclei::read(text, size + 1) == nuclei::read(text, 11),
                "results are the same however they are cut");
  return 0;
}
