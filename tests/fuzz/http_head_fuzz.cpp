// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The head of a request: found at the same place however it arrives, and strict in what it holds.
#include "host/http/head.h"
#include "tests/fuzz/fuzz_target.h"

namespace scanhost::http {
namespace {

using fuzz::require;

/// Where the head ends when its bytes come a few at a time; the status of a refusal negated.
long endOf(std::string_view bytes, std::size_t step, const Limits& limits) {
  std::size_t scanned = 0;
  for (std::size_t have = std::min(step, bytes.size());;
       have = std::min(have + step, bytes.size())) {
    const auto end = findHeadEnd(bytes.substr(0, have), scanned, limits);
    if (!end) return -end.error().status;
    if (*end > 0 || have == bytes.size()) return static_cast<long>(*end);
  }
}

void checkHead(const RequestHead& head, const Limits& limits) {
  require(!head.path.empty() && (head.path.front() == '/' || head.path == "*"),
          "a path begins at the root");
  const std::string path = head.path + "/";
  for (const std::string_view bad : {"//", "/./", "/../"})
    require(path.substr(0, path.size() - (head.path.back() == '/' ? 1 : 0)).find(bad) ==
                std::string::npos,
            "a path has no dot segments and no empty ones");
  require(path.find('\0') == std::string::npos, "a path has no NUL");
  require(head.headers.size() <= limits.header_fields, "headers are bounded");
  require(!(head.chunked && head.content_length), "a body has one length");
  for (const auto& [name, value] : head.headers) {
    require(!name.empty(), "a header has a name");
    require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
            "a header is one line");
  }
}

}  // namespace
}  // namespace scanhost::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  using namespace scanhost::http;
  const std::string_view text = fuzz::asText(bytes, size);
  const Limits limits;
  const long end = endOf(text, size + 1, limits);
  fuzz::require(endOf(text, 7, limits) == end || end < 0,
                "a head ends where it ends, however it is cut");
  if (end <= 0) return 0;
  fuzz::require(static_cast<std::size_t>(end) <= std::min(size, limits.head_bytes),
                "a head lies within its bytes and its bound");
  const auto head = parseHead(text.substr(0, static_cast<std::size_t>(end)), limits);
  if (head)
    checkHead(*head, limits);
  else
    fuzz::require(head.error().status >= 400 && !head.error().message.empty(),
                  "a refusal has a status and a reason");
  return 0;
}
