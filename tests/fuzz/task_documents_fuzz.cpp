// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The two documents of a task as another version, or a damaged store, may give them: read, written
/// and read again they are the same.
#include "host/tasks/task_documents.h"
#include "tests/fuzz/fuzz_target.h"

namespace scanhost::fuzz {
namespace {

template <class Document>
void readTwice(std::string_view text) {
  const auto document = Document::parse(text, "t-1");
  if (!document) {
    require(!document.error().message.empty(), "a refusal has a reason");
    return;
  }
  const std::string written = document->toText();
  const auto again = Document::parse(written, "t-1");
  require(again.has_value(), "what was written can be read");
  require(again->toText() == written, "what was written means the same");
}

}  // namespace
}  // namespace scanhost::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  const std::string_view text = fuzz::asText(bytes, size);
  fuzz::readTwice<SubmissionDocument>(text);
  fuzz::readTwice<ProgressDocument>(text);
  return 0;
}
