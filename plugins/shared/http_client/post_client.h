// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Posts documents to one place, over one connection that is kept between them. For one thread.
///
/// What an answer means is the caller's to say: nothing is sent again here, and no redirect is
/// followed, for what is posted was meant for that place alone.
#pragma once

#include <scanhost/call.h>
#include <scanhost/json.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plugins/shared/http_client/connection.h"
#include "plugins/shared/http_client/endpoint.h"

namespace scanhost::http_client {

struct PostTarget {
  using Headers = std::vector<std::pair<std::string, std::string>>;

  Endpoint endpoint;
  std::string path = "/";  ///< with its query
  Headers headers;         ///< of every request
};

/// Of the settings `url`, `headers`, `tls`, `allow_plaintext` and `timeout` (10s when absent):
/// https, or http to this machine and wherever `allow_plaintext` is true. Throws PluginError
/// (config) that names the key, what was found unless that may be secret, and the remedy; `plugin`
/// begins the message.
PostTarget readPostTarget(const Json& settings, const std::string& plugin);

class PostClient {
 public:
  static constexpr std::size_t most_body = 64u << 10;

  /// Nothing is connected yet. Throws PluginError (config) for a CA file that cannot be read.
  explicit PostClient(PostTarget target);

  /// Sends once and answers whatever the server does, with no more of a body than most_body. Throws
  /// TransportError when the exchange breaks off or the call ends in it; PluginError (config) when
  /// the certificate is refused or the CA file cannot be read, (cancelled, timeout) when the call
  /// ended before. `headers` are of this request; the `Content-Type` is application/json unless
  /// they give another.
  Answer post(std::string body, const PostTarget::Headers& headers, Call& call);

  /// "https://receiver:443", for people: without a path, which may be secret.
  std::string url() const { return target_.endpoint.url(); }

 private:
  const PostTarget target_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace scanhost::http_client
