// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Which addresses take a TCP connection: what is silent is not handed to a program that could not
/// tell silence from cleanness.
#pragma once

#include <scanhost/call.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace scanhost::local_scan {

struct Endpoint {
  std::string address;
  std::uint16_t port = 0;
};

/// For each of them whether it took a connection within `patience`. Asks at most 256 at a time, and
/// throws when the call ends first. Nothing is sent.
std::vector<bool> whichAnswer(const std::vector<Endpoint>& endpoints,
                              std::chrono::milliseconds patience, Call& call);

}  // namespace scanhost::local_scan
