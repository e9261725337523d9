// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A small MCP server for tests: sessions, answers in JSON or as an event stream, and the faults
/// that clients meet. Listens on a free port of the loopback address.
///
/// Thread-safe: tests change its behaviour while clients call it.
#pragma once

#include <Poco/Net/HTTPServer.h>
#include <Poco/ThreadPool.h>
#include <scanhost/json.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "sdk/client/testing/certificate.h"

namespace scanhost::client::testing {

enum class Fault {
  none,
  drop_before_answer,  ///< the tool runs, the connection closes without an answer
  cut_answer,          ///< half of the answer, then the end
  forget_session,      ///< HTTP 404, once
  unauthorized,        ///< HTTP 401
  forbidden,           ///< HTTP 403
  unavailable,         ///< HTTP 503 with Retry-After
  huge_answer,         ///< more than any client should take
  silent,              ///< no answer for a second
  not_json,            ///< a web page
  unfinished_stream,   ///< an event stream that ends before the answer, to be resumed
  rpc_error,           ///< a JSON-RPC error
};

class FakeMcpServer {
 public:
  /// The answer of a tool: an object, a string for text tools, or an error object (with "code").
  using Tool = std::function<Json(const Json& arguments)>;

  /// `port` 0: any free one.
  explicit FakeMcpServer(unsigned short port = 0);
  /// Over TLS.
  explicit FakeMcpServer(const CertificateFiles& certificate);
  ~FakeMcpServer();

  std::string url() const;
  unsigned short port() const;

  void setTool(const std::string& name, Tool tool);
  /// Answers as event streams, with two progress notifications and a log message before each.
  void answerAsEvents(bool on);
  /// Refusals come as successful results, which a service may be set to do.
  void errorsAsResults(bool on);
  /// For the next `times` requests of that method ("tools/call", "initialize", ...).
  void failNext(const std::string& method, Fault fault, int times = 1);
  /// A plain path such as /health.
  void setPath(const std::string& path, int status, const std::string& body);
  void requireToken(const std::string& token);

  /// How often a JSON-RPC method arrived.
  int count(const std::string& method) const;
  /// The arguments of each tools/call, in order.
  std::vector<Json> calls(const std::string& tool) const;
  std::size_t openSessions() const;

 private:
  friend class FakeMcpHandler;
  struct Behaviour;

  FakeMcpServer(const Poco::Net::ServerSocket& socket, std::string scheme);

  std::shared_ptr<Behaviour> behaviour_;
  std::string scheme_;
  Poco::ThreadPool threads_;  // its own, so that none outlives it
  std::unique_ptr<Poco::Net::HTTPServer> server_;
};

}  // namespace scanhost::client::testing
