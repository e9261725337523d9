// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A server on loopback that others POST to, as well or as badly behaved as a test wants it: it
/// keeps what it is sent, and answers what the script says. Any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/certificate.h"

namespace Poco::Net {
class ServerSocket;
class StreamSocket;
}  // namespace Poco::Net

namespace scanhost::testing_support {

struct ReceivedPost {
  std::string line;                            ///< "POST /hook HTTP/1.1"
  std::map<std::string, std::string> headers;  ///< by name in lower case
  std::string body;
  int connection = 0;  ///< the how manieth that was opened
  std::chrono::steady_clock::time_point at;
};

struct PostAnswer {
  enum class Manner {
    whole,
    closing,   ///< and then closes the connection, without having announced that
    dripping,  ///< a byte every 100 ms, for as long as the other side listens
    silent,    ///< says nothing, and keeps the connection
  };
  std::string text;
  Manner manner = Manner::whole;
};

/// "HTTP/1.1 503 -\r\n...", with a Content-Length.
std::string httpAnswer(int status, const std::string& headers = {}, const std::string& body = {});

class PostReceiver {
 public:
  /// With a certificate: by TLS. Port 0: a free one. Throws when it cannot listen.
  explicit PostReceiver(std::optional<Certificate> certificate = {}, std::uint16_t port = 0);
  ~PostReceiver();
  PostReceiver(const PostReceiver&) = delete;
  PostReceiver& operator=(const PostReceiver&) = delete;

  std::uint16_t port() const;
  /// "http://127.0.0.1:4711/hook"
  std::string url() const;

  /// Answers the next request so, after those that were scripted before it; all others get
  /// `always()`, a 204 unless told otherwise.
  void next(PostAnswer answer);
  void always(PostAnswer answer);

  std::vector<ReceivedPost> received() const;
  /// Until so many came; false when they do not come in time.
  bool waitFor(std::size_t count,
               std::chrono::milliseconds most = std::chrono::milliseconds(10'000)) const;

 private:
  void run();
  void serve(Poco::Net::StreamSocket& socket, int connection);
  PostAnswer take(ReceivedPost post);
  bool tell(Poco::Net::StreamSocket& socket, const PostAnswer& answer);

  const bool secure_;
  std::unique_ptr<Poco::Net::ServerSocket> listener_;
  std::atomic<bool> ending_{false};
  mutable std::mutex mutex_;
  mutable std::condition_variable came_;
  std::deque<PostAnswer> script_;
  PostAnswer always_{httpAnswer(204)};
  std::vector<ReceivedPost> received_;
  std::vector<std::thread> serving_;  ///< of run()
  std::thread thread_;
};

}  // namespace scanhost::testing_support
