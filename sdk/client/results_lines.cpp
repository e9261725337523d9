// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/client/results_lines.h"

#include <scanhost/client/errors.h>

#include <string_view>

namespace scanhost::client {
namespace {

void takeLine(ResultsPage& page, std::string_view line, std::size_t number) {
  std::string why;
  auto json = Json::tryParse(line, {}, &why);
  if (!json)
    throw ProtocolError("scan results, line " + std::to_string(number) + " is not JSON: " + why);
  const std::string& type = (*json)["type"].asString();
  if (type == "schema")
    page.schema = std::move(*json);
  else if (type == "scan_metadata")
    page.scan_metadata = std::move(*json);
  else if (type == "pagination")
    page.pagination = std::move(*json);
  else
    page.findings.push_back(std::move(*json));
}

}  // namespace

ResultsPage readResultsLines(std::string text) {
  ResultsPage page;
  page.text = std::move(text);
  const std::string_view all = page.text;
  std::size_t number = 0;
  for (std::size_t start = 0; start < all.size();) {
    const std::size_t end = std::min(all.find('\n', start), all.size());
    ++number;
    if (end > start) takeLine(page, all.substr(start, end - start), number);
    start = end + 1;
  }
  if (page.schema.isNull())
    throw ProtocolError("scan results: the answer has no line of type 'schema'");
  return page;
}

}  // namespace scanhost::client
