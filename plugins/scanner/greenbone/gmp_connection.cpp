// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/greenbone/gmp_connection.h"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Timespan.h>
#include <scanhost/error.h>

#include <algorithm>
#include <chrono>

#include "plugins/shared/tls/client_context.h"

namespace scanhost::greenbone {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds connect_timeout{10'000};
constexpr milliseconds look_around{200};  ///< how often a waiting exchange asks whether to go on
constexpr std::size_t piece_bytes = 65'536;

Poco::Timespan toTimespan(milliseconds time) {
  return {static_cast<Poco::Timespan::TimeDiff>(std::max<std::int64_t>(time.count(), 1) * 1000)};
}

milliseconds atMost(milliseconds time, const Call& call) {
  const auto left = call.timeLeft();
  return left > time ? time : std::chrono::duration_cast<milliseconds>(left);
}

}  // namespace

GmpConnection::GmpConnection(const Config& config, Call& call)
    : config_(config), trust_(config.tls, config.host), buffer_(piece_bytes, '\0') {
  call.check();
  try {
    const Poco::Timespan wait = toTimespan(atMost(connect_timeout, call));
    Poco::Net::StreamSocket plain;
    plain.connect(Poco::Net::SocketAddress(config.host, config.port), wait);
    plain.setReceiveTimeout(wait);
    plain.setSendTimeout(wait);
    plain.setNoDelay(true);
    socket_ = Poco::Net::SecureStreamSocket::attach(
        plain, config.host,
        tls::clientContext(trust_, config.client_certificate, config.client_key));
    socket_->setReceiveTimeout(toTimespan(look_around));
    socket_->setSendTimeout(toTimespan(look_around));
  } catch (const Poco::Exception& error) {
    if (trust_.refused())
      throw PluginError(ErrorClass::config, trust_.refusal(config.url()), ErrorSubject::backend);
    throw PluginError(ErrorClass::transient,
                      config.url() + " cannot be reached: " + error.displayText(),
                      ErrorSubject::backend);
  }
}

void GmpConnection::exchange(std::string_view command, PathReader& reader, Call& call) {
  try {
    send(command, call);
    while (!reader.isDone()) reader.feed(receive(call));
  } catch (const Poco::Exception& error) {
    lost(error.displayText());
  }
}

void GmpConnection::send(std::string_view command, Call& call) {
  auto until = Clock::now() + config_.request_timeout;
  while (!command.empty()) {
    if (call.cancelled()) lost("the call ended");
    if (Clock::now() >= until) lost("it takes no more in time");
    int sent = 0;
    try {
      sent = socket_->sendBytes(command.data(),
                                static_cast<int>(std::min(command.size(), piece_bytes)));
    } catch (const Poco::TimeoutException&) {
      continue;
    }
    if (sent <= 0) continue;
    command.remove_prefix(static_cast<std::size_t>(sent));
    until = Clock::now() + config_.request_timeout;
  }
}

std::string_view GmpConnection::receive(Call& call) {
  const auto until = Clock::now() + config_.request_timeout;
  for (;;) {
    if (call.cancelled()) lost("the call ended");
    if (Clock::now() >= until) lost("it does not answer in time");
    int got = 0;
    try {
      if (socket_->available() <= 0 &&
          !socket_->poll(toTimespan(look_around), Poco::Net::Socket::SELECT_READ))
        continue;
      got = socket_->receiveBytes(buffer_.data(), static_cast<int>(buffer_.size()));
    } catch (const Poco::TimeoutException&) {
      continue;
    }
    if (got == 0) lost("it closed the connection");
    if (got > 0) return {buffer_.data(), static_cast<std::size_t>(got)};
  }
}

void GmpConnection::lost(const std::string& why) const {
  throw LostReply(config_.url() + ": " + why);
}

}  // namespace scanhost::greenbone
