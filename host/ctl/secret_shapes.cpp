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
/// What is longer is no login; looked for further, a hostile text would take ages.
constexpr std::size_t longest_user = 512;

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

bool isQuote(char c) {
  return c == '"' || c == '\'';
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

/// "user:p/w@host", where a '/' ends what would be the authority: no port stands behind its colon.
/// npos where it is none.
std::size_t endOfSlashedUserinfo(std::string_view in, std::size_t begin, std::size_t authority) {
  const std::string_view host = in.substr(begin, authority - begin);
  const std::size_t colon = host.rfind(':');
  if (colon == npos || host.find_first_not_of("0123456789", colon + 1) == npos) return npos;
  const std::size_t word = endOfRun(in.substr(0, begin + longest_user), begin,
                                    [](char c) { return c > ' ' && !isQuote(c); });
  const std::size_t at = in.substr(authority, word - std::min(authority, word)).rfind('@');
  return at == npos ? npos : authority + at;
}

void hideUserinfo(std::string& text) {
  replaceAll(text, [](std::string_view in, std::size_t& begin, std::size_t& end) {
    for (std::size_t at = in.find("://", begin); at != npos; at = in.find("://", at + 3)) {
      begin = at + 3;
      const std::size_t authority =
          endOfRun(in, begin, [](char c) { return c > ' ' && !std::strchr("/?#\"'<>\\", c); });
      const std::size_t sign = in.substr(begin, authority - begin).rfind('@');
      end = sign == npos || sign == 0 ? endOfSlashedUserinfo(in, begin, authority) : begin + sign;
      if (end == npos) continue;
      const std::string_view userinfo = in.substr(begin, end - begin);
      if (!userinfo.starts_with("${") || !userinfo.ends_with("}")) return true;
    }
    return false;
  });
}

/// "user:password@host" without a scheme.
void hideLogins(std::string& text) {
  replaceAll(text, [](std::string_view in, std::size_t& begin, std::size_t& end) {
    const auto is_part = [](char c) { return c > ' ' && !isQuote(c) && c != '<' && c != '>'; };
    for (std::size_t at = begin; at < in.size();) {
      at = endOfRun(in, at, [&](char c) { return !is_part(c); });
      const std::size_t word_end = endOfRun(in, at, is_part);
      const std::string_view word = in.substr(at, word_end - at);
      const std::size_t sign = word.rfind('@');
      if (sign != npos && sign > 0 && sign + 1 < word.size() && word.find("://") == npos &&
          word.substr(0, sign).find(':') != npos && word[sign - 1] != ']') {
        begin = at;
        end = at + sign;
        return true;
      }
      at = word_end;
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

/// By what they begin with: ours, JSON Web Tokens, and those of services that name theirs. Names of
/// metrics begin so, too, but have no capitals.
void hideTokens(std::string& text) {
  for (const std::string_view prefix : {"scanhost_", "eyJ", "whsec_", "ghp_", "gho_", "ghs_",
                                        "github_pat_", "glpat-", "xoxb-", "xoxp-", "sk-", "AKIA"})
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

/// Marks behind a value, not those inside of a password: before a blank, a quote or the end, or
/// before the next name and its sign.
bool endsValue(std::string_view in, std::size_t at) {
  const std::size_t next =
      endOfRun(in, at, [](char c) { return c != '\0' && std::strchr(",;&)}]", c); });
  if (next == at) return false;
  if (next >= in.size() || in[next] <= ' ' || isQuote(in[next]) || in[next] == '\\') return true;
  const std::size_t name_end = endOfRun(in, next, isNameChar);
  return name_end > next && name_end < in.size() && (in[name_end] == '=' || in[name_end] == ':');
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
  const auto ends = [&](std::size_t i) {
    return in[i] <= ' ' || isQuote(in[i]) || endsValue(in, i);
  };
  std::size_t end = at;
  while (end < in.size() && !ends(end)) ++end;
  const std::string scheme = lower(in.substr(at, end - at));
  if (scheme == "digest") return std::min(in.find('\n', end), in.size());
  if (scheme == "bearer" || scheme == "basic" || scheme == "token" || scheme == "negotiate") {
    end = endOfRun(in, end, isSpace);
    while (end < in.size() && !ends(end)) ++end;
  }
  return end;
}

bool isShown(std::string_view value) {
  return value.empty() || value == "true" || value == "false" || value == "null" ||
         value.starts_with("${") || value.starts_with(redacted.substr(0, redacted.size() - 1));
}

/// Behind an option and what parts it from its argument: blanks, or the marks of a list as in
/// `"-u", "x"`. `at` where neither is there.
std::size_t nextArgument(std::string_view in, std::size_t at) {
  const std::size_t quoted = endOfRun(in, at, [](char c) { return c == '\\' || isQuote(c); });
  const std::size_t comma = endOfRun(in, quoted, isSpace);
  if (quoted > at && comma < in.size() && in[comma] == ',') return endOfRun(in, comma + 1, isSpace);
  return endOfRun(in, at, isSpace);
}

/// Behind the sign that assigns to a name: "=", ": ", "=>", where quotes may close before it.
/// `at` where there is none.
std::size_t behindSign(std::string_view in, std::size_t at) {
  std::size_t sign = endOfRun(in, at, [](char c) { return c == '\\' || isQuote(c); });
  sign = endOfRun(in, sign, isSpace);
  if (sign >= in.size() || (in[sign] != '=' && in[sign] != ':')) return at;
  sign = endOfRun(in, sign, [](char c) { return c == '=' || c == ':' || c == '>'; });
  return endOfRun(in, sign, isSpace);
}

/// Around what is given to the name of a secret, which stands from `name_begin` to `at`.
bool findAssigned(std::string_view in, std::size_t name_begin, std::size_t at, std::size_t& begin,
                  std::size_t& end) {
  const std::string_view name = in.substr(name_begin, at - name_begin);
  if (name_begin > 0 && in[name_begin - 1] == '<' && at < in.size() && in[at] == '>') {
    begin = at + 1;
    end = std::min(in.find('<', begin), in.size());
    return !isShown(in.substr(begin, end - begin));
  }
  begin = behindSign(in, at);
  if (begin == at && name.starts_with('-')) begin = nextArgument(in, at);
  if (begin == at) return false;
  const bool quoted = begin < in.size() && (isQuote(in[begin]) || in[begin] == '\\');
  if (!quoted && lower(name).find("cookie") != npos)
    end = endOfRun(in, begin, [](char c) { return c != '\n' && !isQuote(c); });
  else
    end = endOfValue(in, begin);
  return !isShown(in.substr(begin, end - begin));
}

/// "-u user:password", "-uuser:password", "--user=user:password": what has a colon and is no URL.
bool findLogin(std::string_view in, std::size_t name_begin, std::size_t at, std::size_t& begin,
               std::size_t& end) {
  const std::string_view name = in.substr(name_begin, at - name_begin);
  if (isLoginOption(name)) {
    begin = behindSign(in, at);
    if (begin == at) begin = nextArgument(in, at);
  } else if (name.starts_with("-u")) {
    begin = name_begin + 2;
  } else {
    return false;
  }
  const std::size_t colon = in.substr(0, begin + longest_user).find(':', begin);
  if (colon == npos || in.substr(colon).starts_with("://")) return false;
  end = endOfValue(in, begin);
  return colon > begin && colon + 1 < end;
}

void hideAssigned(std::string& text) {
  replaceAll(text, [](std::string_view in, std::size_t& begin, std::size_t& end) {
    for (std::size_t at = begin; at < in.size();) {
      const std::size_t name = at;
      at = endOfRun(in, at, isNameChar);
      if (at == name) {
        ++at;
        continue;
      }
      if (isSecretName(in.substr(name, at - name)) && findAssigned(in, name, at, begin, end))
        return true;
      if (findLogin(in, name, at, begin, end)) return true;
    }
    return false;
  });
}

}  // namespace

bool isLoginOption(std::string_view word) {
  return word == "-u" || word == "-U" || word == "--user" || word == "--proxy-user";
}

bool isSecretName(std::string_view name) {
  const std::string small = lower(name);
  if (small == "instance_key" || small == "key_id") return false;
  for (const char* path : {"_file", "_path", "-file", "-path"})
    if (small.ends_with(path)) return false;
  static constexpr std::array anywhere = {"passw",         "passphrase", "secret",     "token",
                                          "authorization", "cookie",     "credential", "apikey",
                                          "privatekey",    "community"};
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
  hideLogins(text);
  hideAssigned(text);
  hideCredentials(text);
  hideTokens(text);
  return text;
}

}  // namespace scanhost::ctl
