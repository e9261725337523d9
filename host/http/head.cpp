// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/http/head.h"

#include <scanhost/json.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace scanhost::http {
namespace {

constexpr std::string_view crlf = "\r\n";

tl::unexpected<HttpError> refuse(int status, std::string message) {
  return tl::unexpected(HttpError{status, std::move(message)});
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool isTokenChar(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool isToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), isTokenChar);
}

bool isFieldChar(char c) {
  return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
}

bool isVisible(char c) {
  return c > 0x20 && c < 0x7F;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Takes the text up to `separator` off the front; nothing when there is none.
std::optional<std::string_view> takeUntil(std::string_view& text, std::string_view separator) {
  const std::size_t at = text.find(separator);
  if (at == text.npos) return std::nullopt;
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at + separator.size());
  return taken;
}

int hexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

Parsed<std::string> percentDecode(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '%') {
      out += raw[i];
      continue;
    }
    const int high = i + 2 < raw.size() ? hexValue(raw[i + 1]) : -1;
    const int low = high >= 0 ? hexValue(raw[i + 2]) : -1;
    if (low < 0) return refuse(400, "The path has a malformed percent escape");
    const char c = static_cast<char>(high << 4 | low);
    if (c == '/' || c == '\\') return refuse(400, "The path has an escaped slash");
    out += c;
    i += 2;
  }
  return out;
}

bool isCleanText(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    if (static_cast<unsigned char>(text[i]) < 0x20 || text[i] == 0x7F) return false;
    std::uint32_t point = 0;
    const std::size_t length = detail::decodeUtf8(text, i, point);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

/// Splits "/path?query" or "http://host/path?query".
struct Target {
  std::string_view authority, path, query;
};

Parsed<Target> splitTarget(std::string_view raw) {
  Target target;
  for (const std::string_view scheme : {"http://", "https://"})
    if (raw.size() > scheme.size() && equalsIgnoringCase(raw.substr(0, scheme.size()), scheme)) {
      raw.remove_prefix(scheme.size());
      const std::size_t end = std::min(raw.size(), raw.find_first_of("/?"));
      target.authority = raw.substr(0, end);
      raw.remove_prefix(end);
      if (raw.empty()) raw = "/";
      break;
    }
  if (raw.empty() || raw.front() != '/') return refuse(400, "The request target is not a path");
  const std::size_t question = raw.find('?');
  target.path = raw.substr(0, question);
  if (question != raw.npos) target.query = raw.substr(question + 1);
  return target;
}

struct RequestLine {
  std::string_view method, target;
  int minor_version;
};

Parsed<RequestLine> parseRequestLine(std::string_view line, const Limits& limits) {
  const auto method = takeUntil(line, " ");
  if (!method || !isToken(*method) || method->size() > 32)
    return refuse(400, "The request line has no method");
  const auto target = takeUntil(line, " ");
  if (!target || target->empty()) return refuse(400, "The request line has no target");
  if (target->size() > limits.target_bytes) return refuse(414, "The request target is too long");
  if (!std::all_of(target->begin(), target->end(), isVisible) || target->find('#') != target->npos)
    return refuse(400, "The request target has a character that must be escaped");
  if (line != "HTTP/1.1" && line != "HTTP/1.0") {
    const bool is_http = line.size() == 8 && line.substr(0, 5) == "HTTP/";
    return is_http ? refuse(505, "Only HTTP/1.1 and HTTP/1.0 are spoken here")
                   : refuse(400, "The request line is malformed");
  }
  return RequestLine{*method, *target, line.back() - '0'};
}

Parsed<std::pair<std::string_view, std::string_view>> parseField(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') return refuse(400, "A header line is folded");
  const std::size_t colon = line.find(':');
  if (colon == line.npos || !isToken(line.substr(0, colon)))
    return refuse(400, "A header has no valid name");
  const std::string_view value = trim(line.substr(colon + 1));
  if (!std::all_of(value.begin(), value.end(), isFieldChar))
    return refuse(400, "A header value has a control character");
  return std::pair(line.substr(0, colon), value);
}

std::size_t countOf(const Headers& headers, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(),
                    [&](const auto& header) { return equalsIgnoringCase(header.first, name); }));
}

Parsed<void> readHost(RequestHead& head, std::string_view authority) {
  const std::size_t count = countOf(head.headers, "Host");
  if (count > 1) return refuse(400, "There is more than one Host");
  if (count == 0 && head.minor_version == 1) return refuse(400, "Host is missing");
  head.host = head.header("Host").value_or("");
  if (!std::all_of(head.host.begin(), head.host.end(), isVisible))
    return refuse(400, "Host is malformed");
  if (!authority.empty() && !equalsIgnoringCase(authority, head.host))
    return refuse(400, "Host differs from the request target");
  return {};
}

Parsed<void> readFraming(RequestHead& head) {
  const std::size_t lengths = countOf(head.headers, "Content-Length");
  const std::size_t encodings = countOf(head.headers, "Transfer-Encoding");
  if (lengths > 0 && encodings > 0)
    return refuse(400, "Content-Length and Transfer-Encoding exclude each other");
  if (lengths > 1 || encodings > 1)
    return refuse(400, "The length of the body is given more than once");
  if (encodings == 1) {
    if (head.minor_version == 0) return refuse(400, "HTTP/1.0 has no Transfer-Encoding");
    if (!equalsIgnoringCase(*head.header("Transfer-Encoding"), "chunked"))
      return refuse(501, "The only Transfer-Encoding known is chunked");
    head.chunked = true;
  }
  if (lengths == 1) {
    const std::string_view text = *head.header("Content-Length");
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() ||
        text.size() > 18)
      return refuse(400, "Content-Length is not a number");
    head.content_length = length;
  }
  return {};
}

Parsed<void> readConnection(RequestHead& head) {
  head.keep_alive = head.minor_version == 1;
  for (const auto& [name, value] : head.headers) {
    if (!equalsIgnoringCase(name, "Connection")) continue;
    for (std::string_view rest = value; !rest.empty();) {
      std::string_view item = rest;
      if (const auto first = takeUntil(rest, ",")) {
        item = *first;
      } else {
        rest = {};
      }
      if (equalsIgnoringCase(trim(item), "close")) {
        head.keep_alive = false;
        return {};
      }
    }
  }
  return {};
}

Parsed<void> readExpectation(RequestHead& head) {
  const auto expect = head.header("Expect");
  if (!expect) return {};
  if (!equalsIgnoringCase(*expect, "100-continue"))
    return refuse(417, "The only expectation known is 100-continue");
  head.expects_continue = head.minor_version == 1 && head.hasBody();
  return {};
}

}  // namespace

bool equalsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> RequestHead::header(std::string_view name) const {
  for (const auto& [known, value] : headers)
    if (equalsIgnoringCase(known, name)) return value;
  return std::nullopt;
}

Parsed<std::size_t> findHeadEnd(std::string_view bytes, std::size_t& scanned,
                                const Limits& limits) {
  const std::size_t end = std::min(bytes.size(), limits.head_bytes);
  for (; scanned < end; ++scanned) {
    if (bytes[scanned] == '\0') return refuse(400, "The head has a NUL");
    if (bytes[scanned] != '\n') continue;
    if (scanned == 0 || bytes[scanned - 1] != '\r')
      return refuse(400, "A line does not end in CRLF");
    if (scanned >= 3 && bytes.substr(scanned - 3, 3) == "\r\n\r") return ++scanned;
  }
  if (bytes.size() >= limits.head_bytes) return refuse(431, "The head of the request is too large");
  return 0;
}

Parsed<std::string> normalisePath(std::string_view raw) {
  auto decoded = percentDecode(raw);
  if (!decoded) return decoded;
  if (!isCleanText(*decoded) || decoded->find('\\') != std::string::npos)
    return refuse(400, "The path is not clean UTF-8 text");
  std::vector<std::string_view> segments;
  std::string_view rest = std::string_view(*decoded).substr(1);
  bool ends_in_slash = rest.empty();
  while (!rest.empty()) {
    std::string_view segment = rest;
    const auto with_slash = takeUntil(rest, "/");
    if (with_slash)
      segment = *with_slash;
    else
      rest = {};
    ends_in_slash = with_slash.has_value() || segment == "." || segment == "..";
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      segments.push_back(segment);
    } else {
      if (segments.empty()) return refuse(400, "The path leads above its root");
      segments.pop_back();
    }
  }
  std::string path;
  for (const std::string_view segment : segments) path.append("/").append(segment);
  if (ends_in_slash) path += '/';
  return path;
}

Parsed<RequestHead> parseHead(std::string_view head, const Limits& limits) {
  const std::string_view first = *takeUntil(head, crlf);
  const auto line = parseRequestLine(first, limits);
  if (!line) return tl::unexpected(line.error());
  const auto target = splitTarget(line->target);
  if (!target) return tl::unexpected(target.error());
  auto path = normalisePath(target->path);
  if (!path) return tl::unexpected(path.error());

  RequestHead result;
  result.method = line->method;
  result.path = std::move(*path);
  result.query = target->query;
  result.minor_version = line->minor_version;
  for (auto field_line = takeUntil(head, crlf); field_line && !field_line->empty();
       field_line = takeUntil(head, crlf)) {
    const auto field = parseField(*field_line);
    if (!field) return tl::unexpected(field.error());
    if (result.headers.size() >= limits.header_fields)
      return refuse(431, "There are too many headers");
    result.headers.emplace_back(field->first, field->second);
  }
  if (auto host = readHost(result, target->authority); !host) return tl::unexpected(host.error());
  for (auto* read : {&readFraming, &readConnection, &readExpectation})
    if (auto done = read(result); !done) return tl::unexpected(done.error());
  return result;
}

}  // namespace scanhost::http
