// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/filters.h"

#include "host/ctl/exit_code.h"

namespace scanhost::ctl {

Json readFilters(const std::vector<std::string>& texts) {
  Json filters = Json::object();
  for (const std::string& text : texts) {
    const auto equals = text.find('=');
    if (equals == 0 || equals == std::string::npos)
      throw UsageError("--filter '" + text + "': write it as key=value, such as 'severity=>=3'");
    const std::string key = text.substr(0, equals);
    const Json value = text.substr(equals + 1);
    Json& slot = filters[key];
    if (slot.isNull())
      slot = value;
    else if (slot.isArray())
      slot.push(value);
    else
      slot = Json::array({slot, value});
  }
  return filters;
}

}  // namespace scanhost::ctl
