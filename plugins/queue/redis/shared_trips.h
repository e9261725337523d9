// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Round trips that callers share: what comes while one is under way goes out together with the
/// next, so that a busy node costs the server a read and a write for many scripts instead of for
/// each.
///
/// Two threads of its own, begun with the first caller, do the trips, so that the server works for
/// one while the callers of the other go on; a caller whose call ends leaves without it, and what
/// was not sent then is not sent. Safe from any thread.
#pragma once

#include <scanhost/call.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "plugins/queue/redis/own_call.h"
#include "plugins/queue/redis/reply.h"
#include "plugins/queue/redis/script.h"

namespace scanhost::queue_redis {

class SharedTrips {
 public:
  /// Runs scripts in one round trip, waiting for replicas after it when told; answers, errors
  /// included, in order. No script that waits shares a trip with one that does not.
  using Trip = std::function<std::vector<Reply>(std::span<const ScriptCall> calls, bool wait,
                                                Call& context)>;

  explicit SharedTrips(Trip trip) : trip_(std::move(trip)) {}
  ~SharedTrips() { close(); }
  SharedTrips(const SharedTrips&) = delete;
  SharedTrips& operator=(const SharedTrips&) = delete;

  /// The answer, or what the trip threw; PluginError (cancelled, timeout) when the call ends first.
  Reply run(const ScriptCall& script, bool wait, const Call& context);
  /// Ends the threads; those that wait fail.
  void close();

 private:
  /// Woken alone: many that wait for one signal would all wake for each trip.
  class Passenger {
   public:
    Passenger(const ScriptCall& asked, bool waits) : script(asked), wait(waits) {}

    ScriptCall script;  ///< until it is sent
    const bool wait;

    void arrive(Reply reply, std::exception_ptr failure);
    Reply await(const Call& context);
    /// Nobody waits for it any more.
    bool hasLeft() const { return left_; }

   private:
    std::mutex mutex_;
    std::condition_variable changed_;
    Reply reply_{};
    std::exception_ptr failure_{};
    bool arrived_ = false;
    std::atomic<bool> left_{false};
  };
  using Passengers = std::vector<std::shared_ptr<Passenger>>;

  void drive();
  void carry(const Passengers& passengers);

  const Trip trip_;
  OwnCall own_call_;
  std::mutex mutex_;
  std::condition_variable came_;
  Passengers waiting_;
  bool closed_ = false;
  std::array<std::thread, 2> drivers_;
};

}  // namespace scanhost::queue_redis
