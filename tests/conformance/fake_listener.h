// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanhost.host.http/1 and scanhost.host.operations/1 without a socket: what a transport mounts
/// can be asked from here, and what it asks of the operations is seen. Any thread.
#pragma once

#include <scanhost/abi/host_operations.h>
#include <scanhost/abi/http.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/conformance/transcript.h"

namespace scanhost::conformance {

/// A connection that a handler turned into a stream.
class FakeStream {
 public:
  FakeStream(Transcript& transcript, const scanhost_http_stream_options& options);
  FakeStream(const FakeStream&) = delete;
  FakeStream& operator=(const FakeStream&) = delete;

  const scanhost_http_stream* abi() const { return &abi_; }
  /// The peer goes away, or the listener stops.
  void drop();
  std::string bytes() const;
  bool closed() const;
  bool released() const;

 private:
  static FakeStream& of(void* context, const char* function);

  Transcript& transcript_;
  scanhost_http_stream_options options_;
  scanhost_http_stream abi_{};
  mutable std::mutex mutex_;
  std::string bytes_;
  bool closed_ = false, released_ = false;
};

/// A request whose answer comes after its handler, or never.
class FakeDeferred {
 public:
  struct Answer {
    int code = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::shared_ptr<FakeStream> stream;
  };

  FakeDeferred(Transcript& transcript, const scanhost_http_deferred_options& options);
  FakeDeferred(const FakeDeferred&) = delete;
  FakeDeferred& operator=(const FakeDeferred&) = delete;

  const scanhost_http_deferred* abi() const { return &abi_; }
  /// Waits for the answer; code 0 when none came.
  Answer wait(std::chrono::milliseconds timeout);
  bool released() const;

 private:
  static FakeDeferred& of(void* context, const char* function);
  scanhost_status answer(Answer given);
  bool end(Answer given);

  Transcript& transcript_;
  scanhost_http_deferred_options options_;
  scanhost_http_deferred abi_{};
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  Answer answer_;
  int answers_ = 0;
  bool over_ = false, released_ = false;
};

struct FakeRequest {
  std::string method = "GET", path, query;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::string caller = "checker";
};

struct FakeAnswer : FakeDeferred::Answer {  ///< code 0: the handler gave none
  std::shared_ptr<FakeDeferred> deferred = nullptr;
};

class FakeListener {
 public:
  explicit FakeListener(Transcript& transcript) : transcript_(transcript) {}

  struct Mounted {
    std::string path;
    std::vector<std::string> methods;
    void* user = nullptr;
    void (*handle)(void*, const scanhost_http_request*, const scanhost_http_response*) = nullptr;
    bool is_up = true;
    int handlers = 0;  ///< running now
  };

  scanhost_status mount(const scanhost_call* call, const scanhost_http_route* route, void** handle);
  void unmount(void* handle);
  /// What is up.
  std::vector<std::shared_ptr<Mounted>> routes() const;
  /// Runs the route's handler as a thread of the listener would, and waits for an answer that comes
  /// later.
  FakeAnswer ask(const std::shared_ptr<Mounted>& route, const FakeRequest& request);

  scanhost_status list(std::int32_t what, const scanhost_listing_sink* sink);
  void request(const scanhost_invocation* invocation, std::uint64_t* handle);
  /// Who invoked operations, by the caller that came with it.
  std::vector<std::string> invokers() const;

  static const scanhost_http* httpTable();
  static const scanhost_host_operations* operationsTable();

 private:
  Transcript& transcript_;
  mutable std::mutex mutex_;
  std::condition_variable handler_ended_;
  std::vector<std::shared_ptr<Mounted>> routes_;
  std::vector<std::shared_ptr<FakeStream>> streams_;
  std::vector<std::shared_ptr<FakeDeferred>> deferred_;
  std::vector<std::string> invokers_;
};

}  // namespace scanhost::conformance
