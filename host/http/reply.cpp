// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/http/reply.h"

#include <Poco/Net/HTTPResponse.h>
#include <scanhost/json.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "host/http/head.h"

namespace scanhost::http {
namespace {

using Poco::Net::HTTPResponse;

/// For every answer; a route may replace one by its own.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> default_headers{{
    {"X-Content-Type-Options", "nosniff"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cache-Control", "no-store"},
}};

bool isFramingName(std::string_view name) {
  for (const std::string_view own :
       {"Connection", "Transfer-Encoding", "Content-Length", "Date", "Server", "Keep-Alive"})
    if (equalsIgnoringCase(name, own)) return true;
  return false;
}

bool isSafe(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool has(const Headers& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& header) { return equalsIgnoringCase(header.first, name); });
}

/// RFC 9110's date, in English whatever the locale.
std::string httpDate(time_t now) {
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  tm parts{};
  gmtime_r(&now, &parts);
  char buffer[96];
  std::snprintf(buffer, sizeof buffer, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[parts.tm_wday],
                parts.tm_mday, months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour,
                parts.tm_min, parts.tm_sec);
  return buffer;
}

/// The present one, made once a second.
const std::string& httpDate() {
  thread_local time_t made_at = -1;
  thread_local std::string made;
  if (const time_t now = time(nullptr); std::exchange(made_at, now) != now) made = httpDate(now);
  return made;
}

void appendHeader(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

bool mayHaveBody(int status) {
  return status >= 200 && status != 204 && status != 304;
}

}  // namespace

std::string renderHead(int status, const Headers& headers, Framing framing, std::size_t length,
                       bool keep_alive) {
  std::string out;
  out.reserve(512);
  out += "HTTP/1.1 " + std::to_string(status) + ' ' +
         HTTPResponse::getReasonForStatus(static_cast<HTTPResponse::HTTPStatus>(status)) + "\r\n";
  appendHeader(out, "Date", httpDate());
  for (const auto& [name, value] : headers) {
    const bool given_length =
        framing == Framing::as_given && equalsIgnoringCase(name, "Content-Length");
    if (isSafe(name) && isSafe(value) && (!isFramingName(name) || given_length))
      appendHeader(out, name, value);
  }
  for (const auto& [name, value] : default_headers)
    if (!has(headers, name)) appendHeader(out, name, value);
  if (framing == Framing::length && mayHaveBody(status))
    appendHeader(out, "Content-Length", std::to_string(length));
  if (framing == Framing::chunked) appendHeader(out, "Transfer-Encoding", "chunked");
  appendHeader(out, "Connection", keep_alive ? "keep-alive" : "close");
  out += "\r\n";
  return out;
}

std::string chunkOf(std::string_view bytes) {
  char size[24];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  std::string chunk(size);
  chunk.append(bytes).append("\r\n");
  return chunk;
}

std::string errorBody(int status, std::string_view error, std::string_view code,
                      std::string_view message) {
  return Json::object(
             {{"error", error}, {"message", message}, {"code", code}, {"status_code", status}})
      .dump();
}

Refusal refusalOf(int status) {
  switch (status) {
    case 400: return {"Bad request", "bad_request"};
    case 401: return {"Unauthorized", "unauthorized"};
    case 403: return {"Forbidden", "forbidden"};
    case 404: return {"Not found", "not_found"};
    case 405: return {"Method not allowed", "method_not_allowed"};
    case 408: return {"Request timeout", "request_timeout"};
    case 411: return {"Length required", "length_required"};
    case 413: return {"Request too large", "too_large"};
    case 414: return {"URI too long", "uri_too_long"};
    case 417: return {"Expectation failed", "expectation_failed"};
    case 421: return {"Misdirected request", "misdirected_request"};
    case 429: return {"Rate limited", "rate_limited"};
    case 431: return {"Request header fields too large", "headers_too_large"};
    case 501: return {"Not supported", "unsupported"};
    case 503: return {"Unavailable", "unavailable"};
    case 505: return {"HTTP version not supported", "unsupported"};
    default: return {"Internal error", "internal"};
  }
}

void Response::sendError(int status, std::string_view error, std::string_view code,
                         std::string_view message, Headers headers) {
  headers.emplace_back("Content-Type", "application/json");
  send(status, headers, errorBody(status, error, code, message));
}

}  // namespace scanhost::http
