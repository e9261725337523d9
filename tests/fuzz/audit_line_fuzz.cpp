// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Lines of an audit ledger: any bytes may be met where one is read; an entry that holds any bytes
/// is one line, is read as it was written, and is no longer read once a byte of it is another.
#include "host/policy/audit_entry.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  using fuzz::require;
  const std::string_view text = fuzz::asText(bytes, size);

  if (const auto read = readAuditLine(text)) {
    require(read->sequence > 0, "an entry has a sequence");
    require(read->entry.isObject(), "an entry is an object");
  } else {
    require(!read.error().message.empty(), "a refusal has a reason");
  }

  AuditEntry entry;
  entry.caller = entry.task_id = text.substr(0, size / 2);
  entry.facts["targets"] = std::string(text);
  ChainEnd end;
  std::string line = makeAuditLine(entry, "node", end);
  require(line.size() <= max_audit_line, "a line is bounded");
  require(line.find('\n') == line.size() - 1, "an entry is one line");
  line.pop_back();
  const auto written = readAuditLine(line);
  require(written && written->end() == end, "what was written can be read");
  if (size == 0) return 0;
  line[(bytes[0] * std::size_t{251} + size) % line.size()] ^= 1;
  require(!readAuditLine(line), "an altered line is refused");
  return 0;
}
