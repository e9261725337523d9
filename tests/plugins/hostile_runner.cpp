// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Stands in for scanhost-runner and attacks the daemon as its file's name says: what a plugin
/// could do that took its runner over.
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "host/runner/frame.h"
#include "host/runner/messages.h"

namespace {

using namespace scanhost;
using namespace scanhost::runner;

class Attack {
 public:
  explicit Attack(std::string name) : name_(std::move(name)) {}

  int run() {
    receive();  // the greeting
    if (name_ == "garbage") return raw(std::string(100'000, '\xa5'));
    if (name_ == "vast-frame") return header({0xffffffff, FrameKind::ready, 0, 0});
    if (name_ == "half-frame") return header({1'000'000, FrameKind::ready, 0, 0});
    if (name_ == "other-protocol") return ready(protocol + 1);
    if (name_ == "torn-ready") return send(FrameKind::ready, 0, 0, "x");
    ready(protocol);
    if (name_ == "second-ready") return ready(protocol);
    const Frame call = receive();
    const std::uint64_t number = call.header.call;
    if (name_ == "result-of-no-call") return send(FrameKind::result, 1, number + 77, {});
    if (name_ == "torn-result") return send(FrameKind::result, 1, number, "x");
    if (name_ == "sink-that-is-not") return send(FrameKind::sink, 999, number, {});
    if (name_ == "unknown-kind") return send(static_cast<FrameKind>(99), 1, number, {});
    if (name_ == "call-from-below") return send(FrameKind::call, 1, number, {});
    if (name_ == "two-sinks-at-once") {
      send(FrameKind::sink, 1, number, {});
      return send(FrameKind::sink, 1, number, {});
    }
    if (name_ == "series-that-is-not")
      return send(FrameKind::service, 2, 0, encoded(SeriesChange{12345, 1}));
    if (name_ == "endless-list") {
      Encoder body;
      body.value(std::uint64_t{1} << 60);
      return send(FrameKind::service, 1, 1, body.view());
    }
    return 1;
  }

 private:
  Frame receive() {
    Frame frame;
    while (channel_.receive(frame, true) == FrameChannel::Received::nothing) {
    }
    return frame;
  }
  int send(FrameKind kind, std::uint16_t function, std::uint64_t call, std::string_view body) {
    channel_.send(kind, function, call, body);
    return waitForTheEnd();
  }
  int ready(std::uint32_t version) {
    Ready message;
    message.protocol = version;
    channel_.send(FrameKind::ready, 0, 0, encoded(message));
    return version == protocol && name_ != "second-ready" ? 0 : waitForTheEnd();
  }
  int raw(const std::string& bytes) {
    (void)!write(socket_fd, bytes.data(), bytes.size());
    return waitForTheEnd();
  }
  int header(const FrameHeader& wanted) {
    return raw(std::string(reinterpret_cast<const char*>(&wanted), sizeof wanted));
  }
  /// A second try follows only where one frame alone proves nothing.
  int waitForTheEnd() {
    if (sent_++ == 0 && (name_ == "two-sinks-at-once" || name_ == "second-ready")) return 0;
    pause();
    return 0;
  }

  const std::string name_;
  int sent_ = 0;
  FrameChannel channel_{UniqueFd(socket_fd), std::chrono::seconds(1)};
};

}  // namespace

int main(int, char** words) {
  const std::string path = words[0];
  return Attack(path.substr(path.rfind("hostile-") + std::strlen("hostile-"))).run();
}
