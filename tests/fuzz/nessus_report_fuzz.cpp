// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A .nessus report: read or refused, and the same findings however its bytes are cut.
#include "plugins/scanner/nessus/report_reader.h"
#include "tests/fuzz/scan_sink.h"

namespace scanhost::nessus {
namespace {

struct Outcome {
  bool read = false;
  std::string told;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read(std::string_view xml, std::size_t step) {
  fuzz::ScanSink told;
  FindingSink sink(told.abi());
  ReportReader reader(sink, 1u << 20);
  const bool done = fuzz::feed(reader, sink, xml, step);
  return {done, told.told()};
}

}  // namespace
}  // namespace scanhost::nessus

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  const std::string_view xml = fuzz::asText(bytes, size);
  const nessus::Outcome whole = nessus::read(xml, size + 1);
  const nessus::Outcome pieces = nessus::read(xml, 11);
  fuzz::require(whole.read == pieces.read, "a report is read or not, however it is cut");
  if (whole.read) fuzz::require(whole == pieces, "a report says the same however it is cut");
  return 0;
}
