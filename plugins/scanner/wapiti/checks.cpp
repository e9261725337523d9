// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/wapiti/checks.h"

namespace scanhost::wapiti {
namespace {

struct KnownCheck {
  std::string_view name, id, wstg;
  bool key_is_text;
};

constexpr KnownCheck known_checks[] = {
    {"Backup file", "backup", "WSTG-CONF-04", false},
    {"Blind SQL Injection", "blind-sql", "WSTG-INPV-05", false},
    {"Weak credentials", "credentials", "WSTG-ATHN-07", false},
    {"CRLF Injection", "crlf", "WSTG-INPV-15", false},
    {"Content Security Policy Configuration", "csp", "WSTG-CONF-12", true},
    {"Cross Site Request Forgery", "csrf", "WSTG-SESS-05", false},
    {"Potentially dangerous file", "dangerous-file", "WSTG-CONF-04", true},
    {"Command execution", "exec", "WSTG-INPV-12", false},
    {"Path Traversal", "path-traversal", "WSTG-ATHZ-01", false},
    {"Fingerprint web technology", "technology", "WSTG-INFO-08", true},
    {"Htaccess Bypass", "htaccess", "WSTG-CONF-06", false},
    {"HTTP Secure Headers", "headers", "WSTG-CONF-07", true},
    {"HttpOnly Flag cookie", "cookie-httponly", "WSTG-SESS-02", true},
    {"Internal Server Error", "server-error", "WSTG-ERRH-01", false},
    {"Open Redirect", "redirect", "WSTG-CLNT-04", false},
    {"Resource consumption", "resource-consumption", "", false},
    {"Secure Flag cookie", "cookie-secure", "WSTG-SESS-02", true},
    {"SQL Injection", "sql", "WSTG-INPV-05", false},
    {"Server Side Request Forgery", "ssrf", "WSTG-INPV-19", false},
    {"Cross Site Scripting", "xss", "WSTG-INPV-01", false},
    {"XML External Entity", "xxe", "WSTG-INPV-07", false},
};

std::string slug(std::string_view name) {
  std::string text;
  for (const char c : name.substr(0, 64)) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool plain = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    if (plain)
      text += lower;
    else if (!text.empty() && text.back() != '-')
      text += '-';
  }
  while (!text.empty() && text.back() == '-') text.pop_back();
  return text.empty() ? "unnamed" : text;
}

}  // namespace

Check checkOf(std::string_view name) {
  for (const KnownCheck& check : known_checks)
    if (check.name == name)
      return {"wapiti:" + std::string(check.id), std::string(check.wstg), check.key_is_text};
  return {"wapiti:" + slug(name), {}, false};
}

}  // namespace scanhost::wapiti
