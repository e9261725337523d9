// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A chunked body: read the same whole and in pieces, and never more than was sent.
#include <array>

#include "host/http/body.h"
#include "tests/fuzz/fuzz_target.h"

namespace scanhost::http {
namespace {

struct Outcome {
  std::string body, rest;
  bool done = false;
  bool refused = false;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome decode(std::string_view wire, std::size_t step) {
  RequestHead head;
  head.chunked = true;
  BodyDecoder decoder(head);
  Outcome outcome;
  std::array<char, 61> buffer;
  while (!decoder.done()) {
    outcome.rest += wire.substr(0, step);
    wire.remove_prefix(std::min(step, wire.size()));
    std::string_view input(outcome.rest);
    for (;;) {
      const auto taken = decoder.take(input, buffer);
      if (!taken) return {std::move(outcome.body), {}, false, true};
      if (*taken == 0) break;
      fuzz::require(*taken <= buffer.size(), "a piece fits where it is put");
      outcome.body.append(buffer.data(), *taken);
    }
    outcome.rest.erase(0, outcome.rest.size() - input.size());
    if (wire.empty()) break;
  }
  outcome.rest += wire;
  outcome.done = decoder.done();
  return outcome;
}

}  // namespace
}  // namespace scanhost::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  using namespace scanhost::http;
  const std::string_view wire = fuzz::asText(bytes, size);
  const Outcome whole = decode(wire, size + 1);
  fuzz::require(whole.body.size() + whole.rest.size() <= size, "no more comes out than went in");
  for (const std::size_t step : {1u, 13u})
    fuzz::require(decode(wire, step) == whole, "a body is the same however it is cut");
  return 0;
}
