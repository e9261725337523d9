// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/secret_shapes.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

namespace scanhost::ctl {
namespace {

constexpr auto npos = std::string_view::npos;
/// Words after "Bearer" that are shorter are prose.
constexpr std::size_t shortest_credential = 8;
constexpr std::size_t shortest_token = 16;

bool isAlnum(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}
bool isSpace(char c) {
  return c == ' ' || c == '\t';
}
/// Of base64, base64url and tokens (RFC 6750).
bool isTokenChar(char c) {
  return isAlnum(c) || std::string_view("-._~+/=").find(c) != npos;
}
bool isNameChar(char c) {
  return isAlnum(c) || c == '_' || c == '-';
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

template <class IsPart>
std::size_t endOfRun(std::string_view text, std::size_t at, IsPart is_part) {
  while (at < text.size() && is_part(text[at])) ++at;
  return at;
}

/// "access_key" and "accessKey" hold the word key, "monkey" does not.
bool hasWord(std::string_view name, std::string_view word) {
  const std::string small = lower(name);
  for (std::size_t at = small.find(word); at != npos; at = small.find(word, at + 1)) {
    const auto begins_word = [&](std::size_t i) {
      return i == 0 || i >= name.size() || !isAlnum(name[i - 1]) || !isAlnum(name[i]) ||
             (std::islower(static_cast<unsigned char>(name[i - 1])) &&
              std::isupper(static_cast<unsigned char>(name[i])));
    };
    const std::size_t end = at + word.size();
    if (begins_word(at) && begins_word(end)) return true;
  }
  return false;
}

/// Replaces what `find` finds: given a place to begin, it moves `begin` and `end` around the next
/// secret, or answers false.
template <class Find>
void replaceAll(std::string& text, Find find) {
  std::string out;
  std::size_t done = 0;
  for (std::size_t begin = 0, end = 0; find(std::string_view(text), begin, end);) {
    out.append(text, done, begin - done);
    out += redacted;
    done = begin = end;
  }
  if (done == 0) return;
  out.append(text, done);
  text = std::move(out);
}

void hideUserinfo(std::string& text) {
  replaceAll(text, [](std::string_view in, std::size_t& begin, std::size_t& end) {
    for (std::size_t at = in.find("://", begin); at != npos; at = in.find("://", at + 3)) {
      begin = at + 3;
      const std::size_t authority =
          endOfRun(in, begin, [](char c) { return c > ' ' && !std::strchr("/?#\"'<>\\", c); });
      end = in.substr(0, authority).rfind('@');
      if (end == npos || end <= begin) continue;
      const std::string_view userinfo = in.substr(begin, end - begin);
      if (!userinfo.starts_with("${") || !userinfo.ends_with("}")) return true;
    }
    return false;
  });
}

void hideCredentials(std::string& text) {
  for (const std::string_view scheme : {"bearer ", "basic "}) {
    const std::string small = lower(text);
    replaceAll(text, [&](std::string_view in, std::size_t& begin, std::size_t& end) {
      for (std::size_t at = small.find(scheme, begin); at != npos;
           at = small.find(scheme, at + 1)) {
        begin = endOfRun(in, at + scheme.size(), isSpace);
        end = endOfRun(in, begin, isTokenChar);
        if (end - begin >= shortest_credential) return true;
      }
      return false;
    });
  }
}

/// By what they begin with: ours and JSON Web Tokens. Names of metrics begin so, too, but have no
/// capitals.
void hideTokens(std::string& text) {
  for (const std::string_view prefix : {"scanhost_", "eyJ"})
    replaceAll(text, [&](std::string_view in, std::size_t& begin, std::size_t& end) {
      for (std::size_t at = in.find(prefix, begin); at != npos; at = in.find(prefix, at + 1)) {
        if (at > 0 && isAlnum(in[at - 1])) continue;
        begin = at;
        end = endOfRun(in, at, isTokenChar);
        const std::string_view rest = in.substr(at + prefix.size(), end - at - prefix.size());
        const bool capital = std::any_of(rest.begin(), rest.end(),
                                         [](unsigned char c) { return std::isupper(c) != 0; });
        if (capital && rest.size() >= shortest_token) return true;
      }
      return false;
    });
}

/// To the end of the text where the last line is missing.
void hidePrivateKeys(std::string& text) {
  replaceAll(text, [](std::string_view in, std::size_t& begin, std::size_t& end) {
    constexpr std::string_view last = "PRIVATE KEY-----";
    for (std::size_t at = in.find("-----BEGIN ", begin); at != npos;
         at = in.find("-----BEGIN ", at + 1)) {
      const std::size_t opened = in.find(last, at);
      if (opened == npos || opened - at > 40) continue;
      const std::size_t closed = in.find(last, opened + last.size());
      begin = at;
      end = closed == npos ? in.size() : closed + last.size();
      return true;
    }
    return false;
  });
}

/// A value that begins at `at`: in quotes, which may be escaped, or up to the next delimiter.
/// Leaves `at` at its first byte and answers its end.
std::size_t endOfValue(std::string_view in, std::size_t& at) {
  const std::size_t quote_at = endOfRun(in, at, [](char c) { return c == '\\'; });
  if (quote_at < in.size() && (in[quote_at] == '"' || in[quote_at] == '\'')) {
    const std::string_view quote = in.substr(at, quote_at + 1 - at);  // as escaped as it began
    at = quote_at + 1;
    std::size_t end = in.find(quote, at);
    while (quote.size() == 1 && end != npos && in[end - 1] == '\\' && end > at)
      end = in.find(quote, end + 1);
    return end == npos ? in.size() : end;
  }
  const auto is_part = [](char c) { return c > ' ' && !std::strchr(",;&)}]\"'", c); };
  std::size_t end = endOfRun(in, at, is_part);
  const std::string scheme = lower(in.substr(at, end - at));
  if (scheme == "bearer" || scheme == "basic" || scheme == "token" || scheme == "digest")
    end = endOfRun(in, endOfRun(in, end, isSpace), is_part);
  return end;
}

bool isShown(std::string_view value) {
  return value.empty() || value == "true" || value == "false" || value == "null" ||
         value.starts_with("${") || value.starts_with(redacted.substr(0, redacted.size() - 1));
}

void hideAssigned(std::string& text) {
  replaceAll(text, [](std::string_view in, std::size_t& begin, std::size_t& end) {
    for (std::size_t at = begin; at < in.size();) {
      if (!isNameChar(in[at])) {
        ++at;
        continue;
      }
      const std::size_t name_end = endOfRun(in, at, isNameChar);
      const bool secret = isSecretName(in.substr(at, name_end - at));
      at = name_end;
      if (!secret) continue;
      std::size_t sign =
          endOfRun(in, at, [](char c) { return c == '\\' || c == '"' || c == '\''; });
      sign = endOfRun(in, sign, isSpace);
      if (sign >= in.size() || (in[sign] != '=' && in[sign] != ':')) continue;
      begin = endOfRun(in, sign + 1, isSpace);
      end = endOfValue(in, begin);
      if (!isShown(in.substr(begin, end - begin))) return true;
    }
    return false;
  });
}

}  // namespace

bool isSecretName(std::string_view name) {
  const std::string small = lower(name);
  if (small == "instance_key" || small == "key_id" || small.ends_with("_file") ||
      small.ends_with("_path"))
    return false;
  static constexpr std::array anywhere = {"passw",      "passphrase",    "secret",
                                          "token",      "authorization", "cookie",
                                          "credential", "apikey",        "privatekey"};
  static constexpr std::array words = {"key", "keys", "pass", "pwd", "pw", "auth", "bearer", "dsn"};
  return std::any_of(anywhere.begin(), anywhere.end(),
                     [&](const char* part) { return small.find(part) != npos; }) ||
         std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return hasWord(name, word); });
}

std::string_view userinfoOf(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t end = url.rfind('@');
  if (scheme == npos || end == npos || end < scheme + 3) return {};
  return url.substr(scheme + 3, end - scheme - 3);
}

std::string withoutSecretShapes(std::string text) {
  hidePrivateKeys(text);
  hideUserinfo(text);
  hideCredentials(text);
  hideTokens(text);
  hideAssigned(text);
  return text;
}

}  // namespace scanhost::ctl
