// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One HTTP connection to the service: requests out, answers in by pieces, everything bounded by
/// a deadline and a size. Poco's exceptions end here and become those of errors.h.
///
/// Owned and used by one thread at a time.
#pragma once

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPClientSession.h>
#include <scanhost/client/errors.h>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "sdk/client/deadline.h"
#include "sdk/client/endpoint.h"

namespace scanhost::client {

struct HttpRequest {
  std::string method;
  std::string path;
  std::map<std::string, std::string> headers;
  std::string body;
};

struct HttpHead {
  int status = 0;
  std::string media_type;  ///< lowercase, without parameters
  std::string session_id;
  std::optional<std::chrono::seconds> retry_after;
};

/// Gets the body piece by piece; false ends the reading, and the connection with it.
using BodyHandler = std::function<bool(const HttpHead&, std::string_view piece)>;

class HttpConnection {
 public:
  /// `ca_file`: empty for the authorities of the system. Nothing is connected yet.
  HttpConnection(Endpoint endpoint, std::string ca_file, std::size_t max_response_bytes);
  ~HttpConnection();

  /// Throws UnreachableError, TimeoutError or ProtocolError (too large).
  HttpHead exchange(const HttpRequest& request, const Deadline& deadline, const BodyHandler& body);

  /// True when the last exchange went over a connection that was open before it: the service may
  /// have closed it for idleness at that very moment, so that a failure says little.
  bool reused() const noexcept { return reused_; }
  /// The next exchange will connect anew.
  void reset();

 private:
  void connectLazily();
  void applyTimeouts(const Deadline& deadline);
  HttpHead sendAndReceive(const HttpRequest& request, const Deadline& deadline,
                          const BodyHandler& body);
  void readBody(std::istream& in, const HttpHead& head, std::streamsize announced,
                const Deadline& deadline, const BodyHandler& body);

  Endpoint endpoint_;
  std::string ca_file_;
  std::size_t max_response_bytes_;
  std::unique_ptr<Poco::Net::HTTPClientSession> session_;
  bool reused_ = false;
};

}  // namespace scanhost::client
