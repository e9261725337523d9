// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/auth/bearer.h"

#include <algorithm>

namespace scanhost {
namespace {

bool isLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool equalsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

/// token68 of RFC 9110: letters, digits, a few signs, then '='.
bool isToken68(std::string_view text) {
  const std::size_t padding = text.find('=');
  const std::string_view body = text.substr(0, padding);
  return !body.empty() && std::all_of(body.begin(), body.end(), [](char c) {
    return isLetterOrDigit(c) || std::string_view("-._~+/").find(c) != std::string_view::npos;
  }) && text.substr(body.size()).find_first_not_of('=') == text.npos;
}

}  // namespace

Result<std::string_view> bearerToken(std::string_view authorization) {
  const std::size_t space = authorization.find(' ');
  const std::string_view scheme = authorization.substr(0, space);
  if (scheme.empty() || !std::all_of(scheme.begin(), scheme.end(),
                                     [](char c) { return isLetterOrDigit(c) || c == '-'; }))
    return fail(ErrorClass::config, "the Authorization header names no scheme");
  if (!equalsIgnoringCase(scheme, "bearer"))
    return fail(ErrorClass::auth, "the Authorization header is of another scheme than Bearer");
  std::string_view token = space == authorization.npos ? "" : authorization.substr(space + 1);
  token.remove_prefix(std::min(token.find_first_not_of(' '), token.size()));
  if (token.size() > max_bearer_bytes)
    return fail(ErrorClass::config,
                "the bearer token is over " + std::to_string(max_bearer_bytes / 1024) + " KiB");
  if (!isToken68(token))
    return fail(ErrorClass::config, "the Authorization header holds no bearer token");
  return token;
}

}  // namespace scanhost
