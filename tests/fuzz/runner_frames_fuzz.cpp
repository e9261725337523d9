// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Bodies of frames as the daemon reads them from a runner. The first byte says as what.
#include "host/runner/messages.h"
#include "tests/fuzz/fuzz_target.h"

namespace scanhost::fuzz {
namespace {

using namespace runner;

std::uint64_t touched = 0;

void touch(scanhost_text text) {
  for (std::uint64_t i = 0; i < text.size; ++i) touched += static_cast<unsigned char>(text.data[i]);
}

template <class Record>
void readRecords(Decoder& in, scanhost_text Record::*text) {
  const Record* const* records = nullptr;
  std::uint64_t count = 0;
  in.records(records, count);
  for (std::uint64_t i = 0; i < count; ++i) touch(records[i]->*text);
  require(!in.failed() || count == 0, "what cannot be read is not handed on");
}

template <class Message>
void readMessage(Decoder& in, scanhost_text Message::*text) {
  Message message{};
  members(in, message);
  touch(message.*text);
}

}  // namespace
}  // namespace scanhost::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost::fuzz;
  if (size == 0) return 0;
  Decoder in(asText(bytes + 1, size - 1));
  switch (bytes[0] % 8) {
    case 0: readRecords(in, &scanhost_finding::output); break;
    case 1: readRecords(in, &scanhost_host_report::host); break;
    case 2: readRecords(in, &scanhost_remote_state::name); break;
    case 3: readMessage(in, &scanhost_scan_summary::reason); break;
    case 4: readMessage(in, &scanhost_scanner_health::reason); break;
    case 5: readMessage(in, &scanhost_scanner_description::family); break;
    case 6: readMessage(in, &SeriesRequest::name); break;
    case 7: readMessage(in, &LoggedEvent::fields); break;
  }
  return 0;
}
