// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The head of an HTTP/1.1 request: found in bytes, read strictly.
///
/// Two readers that disagree on where a request ends are how requests are smuggled, so nothing
/// lenient passes here: bare LF, folded lines, space before a colon, NUL, repeated or conflicting
/// lengths are all refused, whatever other servers make of them. Pure functions; no I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "host/http/message.h"
#include "host/http/options.h"

namespace scanhost::http {

/// A refusal that the protocol has a number for.
struct HttpError {
  int status;
  std::string message;
};

template <class T>
using Parsed = tl::expected<T, HttpError>;

struct RequestHead {
  std::string method;
  std::string path;   ///< decoded and normalised
  std::string query;  ///< as sent
  int minor_version = 1;
  Headers headers;
  std::string host;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = true;
  bool expects_continue = false;

  std::optional<std::string_view> header(std::string_view name) const;
  bool hasBody() const { return chunked || content_length.value_or(0) > 0; }
};

/// The length of the head at the front of `bytes`, with its empty line; 0 when more must come.
/// `scanned` remembers how far an earlier call looked; begin with 0.
Parsed<std::size_t> findHeadEnd(std::string_view bytes, std::size_t& scanned, const Limits& limits);

/// `head` as found by findHeadEnd.
Parsed<RequestHead> parseHead(std::string_view head, const Limits& limits);

/// A path from a request target: percent-decoded, dot segments and empty ones resolved.
Parsed<std::string> normalisePath(std::string_view raw);

bool equalsIgnoringCase(std::string_view a, std::string_view b);

}  // namespace scanhost::http
