// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Heads of responses, and the body of a refusal. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "host/http/message.h"

namespace scanhost::http {

/// How the end of a response's body is told.
enum class Framing {
  length,        ///< Content-Length
  chunked,       ///< pieces with their sizes
  until_closed,  ///< the end of the connection, for HTTP/1.0
  as_given,      ///< by a Content-Length among the headers
};

/// Status line, headers, defaults that `headers` does not replace, and the empty line. Headers that
/// would break the framing (their names, CR, LF or NUL in them) are left out.
std::string renderHead(int status, const Headers& headers, Framing framing, std::size_t length,
                       bool keep_alive);

/// "5\r\nhello\r\n"; for empty bytes the end of the body.
std::string chunkOf(std::string_view bytes);

std::string errorBody(int status, std::string_view error, std::string_view code,
                      std::string_view message);

/// A refusal by status alone: its usual words.
struct Refusal {
  const char* error;
  const char* code;
};
Refusal refusalOf(int status);

}  // namespace scanhost::http
