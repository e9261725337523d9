// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A request and a reply as values, so that everything but the listener works without sockets.
#pragma once

#include <scanhost/json.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scanhost::simulator {

struct Request {
  std::string method;
  std::string path;  ///< decoded, without the query
  std::string query;
  std::map<std::string, std::string> params;  ///< of the query, decoded
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// The value of a header, whatever the case of its name; empty when absent.
  std::string header(std::string_view name) const {
    const auto same = [](char a, char b) {
      return std::tolower(static_cast<unsigned char>(a)) ==
             std::tolower(static_cast<unsigned char>(b));
    };
    for (const auto& [key, value] : headers)
      if (std::equal(key.begin(), key.end(), name.begin(), name.end(), same)) return value;
    return {};
  }
};

struct Reply {
  int status = 200;
  std::string content_type;  ///< empty: no body
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::function<void(std::ostream&)> stream;  ///< set: writes the body instead, in chunks
  bool close = false;                         ///< the connection ends with this reply

  /// What the request did, for the journal.
  std::string effect = "none";
  std::optional<std::int64_t> scan_id;
  std::string name;

  static Reply json(const Json& value, int status = 200) {
    Reply reply;
    reply.status = status;
    reply.content_type = "application/json";
    reply.body = value.dump();
    return reply;
  }
  static Reply error(int status, std::string_view text) {
    return json(Json::object({{"error", text}}), status);
  }
  Reply&& with(std::string what) && {
    effect = std::move(what);
    return std::move(*this);
  }
  Reply&& about(std::int64_t scan, std::string scan_name) && {
    scan_id = scan;
    name = std::move(scan_name);
    return std::move(*this);
  }
};

}  // namespace scanhost::simulator
