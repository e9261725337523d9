// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The classes of weakness that Wapiti reports, as checks that keep their identity.
#pragma once

#include <string>
#include <string_view>

namespace scanhost::wapiti {

struct Check {
  std::string id;    ///< "wapiti:xss"
  std::string wstg;  ///< its chapter in the OWASP testing guide, "WSTG-INPV-01"; empty: none
  /// What tells two findings of it apart is in the text: the header or the cookie that it names.
  bool key_is_text = false;
};

/// By Wapiti's name of the class ("Cross Site Scripting"). One that is not known here gets an id
/// made of its name.
Check checkOf(std::string_view name);

}  // namespace scanhost::wapiti
