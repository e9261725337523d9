// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Where one request is answered, however its client is reached. Any thread.
#pragma once

#include <scanhost/text.h>

#include <functional>
#include <string>

namespace scanhost::mcp {

class Outlet {
 public:
  Outlet() = default;
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;
  virtual ~Outlet() = default;

  /// Whether the client can be sent more than the answer.
  virtual bool canNotify() const = 0;
  /// A message that belongs to the request, before its answer. Dropped where there is no way.
  virtual void notify(const std::string& message) = 0;
  /// The answer. Once; not after drop().
  virtual void respond(int status, const std::string& body, Pairs headers) = 0;
  void respond(int status, const std::string& body) { respond(status, body, {}); }
  /// The answer to a caller who may not do this: where there is a way to say so, with the scopes
  /// that would be needed.
  virtual void forbid(const std::string& /*scope*/, const std::string& body) { respond(403, body); }
  /// Ends without an answer: the client has cancelled the request.
  virtual void drop() = 0;
  /// `cancel` is called once if the client goes away before the answer, where its revision takes
  /// that for cancelling; at once if it has.
  virtual void onGone(std::function<void()> cancel) = 0;
};

}  // namespace scanhost::mcp
