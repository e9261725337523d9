// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// nmap's XML, with what its scripts say: read or refused, the same however its bytes are cut.
#include "plugins/scanner/nmap/report_reader.h"
#include "tests/fuzz/scan_sink.h"

namespace scanhost::nmap {
namespace {

struct Outcome {
  bool read = false;
  bool succeeded = false;
  std::string told;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read(std::string_view xml, std::size_t step) {
  fuzz::ScanSink told;
  FindingSink sink(told.abi());
  const GivenNames names{{"10.0.0.7", "gw.lan"}};
  Progress progress(sink, 4);
  ReportReader reader(sink, names, progress);
  const bool done = fuzz::feed(reader, sink, xml, step);
  return {done, reader.totals().succeeded, told.told()};
}

}  // namespace
}  // namespace scanhost::nmap

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  const std::string_view xml = fuzz::asText(bytes, size);
  const nmap::Outcome whole = nmap::read(xml, size + 1);
  const nmap::Outcome pieces = nmap::read(xml, 11);
  fuzz::require(whole.read == pieces.read, "a report is read or not, however it is cut");
  if (whole.read) fuzz::require(whole == pieces, "a report says the same however it is cut");
  return 0;
}
