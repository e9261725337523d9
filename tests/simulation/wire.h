// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A node's calls over the network: any may be late, lost on its way, or done without an answer.
///
/// The effect happens at the server at an instant of its own, whatever has become of the caller by
/// then: a node that was stopped or killed meanwhile has still sent what it sent.
#pragma once

#include <scanhost/error.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tests/simulation/simulated_loop.h"

namespace scanhost::simulation {

/// How the way to a server is just now.
struct Way {
  bool cut = false;           ///< nothing goes through
  double lost_requests = 0;   ///< share that never arrives
  double lost_replies = 0;    ///< share that is done and not answered
  Nanos slowest{20'000'000};  ///< of a request, and of a reply
};

/// No answer came: whether it was done is not known.
struct Unanswered {};
/// It was certainly not done.
struct Refused {};

class Wire {
 public:
  explicit Wire(SimulatedLoop& loop) : loop_(loop), world_(loop.process()->world()) {}

  World& world() const { return world_; }

  /// The caller is busy for so long; false when it died of it.
  bool takeTime(Nanos time) { return loop_.sleepUntil(world_.now() + time); }

  /// Has the server do `effect`, which owns all it needs, and answers its result or throws what it
  /// threw. From a job of this node.
  template <class Effect>
  auto call(const Way& way, Nanos timeout, Effect effect) {
    using Value = decltype(effect());
    if (loop_.ending()) throw Unanswered{};
    const Nanos give_up = world_.now() + timeout;
    if (way.cut) return refuse<Value>();
    auto exchange = std::make_shared<Exchange<Value>>();
    const Nanos arrives = world_.now() + world_.between(Nanos(0), way.slowest);
    const Nanos answered = arrives + world_.between(Nanos(0), way.slowest);
    const bool request_lost = world_.chance(way.lost_requests);
    const bool reply_lost = request_lost || world_.chance(way.lost_replies);
    if (!request_lost)
      world_.at(arrives,
                [exchange, effect = std::move(effect)]() mutable { exchange->happen(effect); });
    const bool in_time = !reply_lost && answered <= give_up;
    const Nanos waits = in_time ? answered : noticesSilence(give_up);
    if (!loop_.sleepUntil(waits)) {
      exchange->withdrawn = world_.chance(0.5);  // it died before or after it had sent that
      throw Unanswered{};
    }
    if (!in_time) throw Unanswered{};
    if (exchange->error) throw PluginError(*exchange->error);
    return std::move(*exchange->value);
  }

 private:
  template <class Value>
  struct Exchange {
    template <class Effect>
    void happen(Effect& effect) {
      if (withdrawn) return;
      try {
        value.emplace(effect());
      } catch (const PluginError& thrown) {
        error.emplace(thrown);
      }
    }
    bool withdrawn = false;
    std::optional<Value> value;
    std::optional<PluginError> error;
  };

  template <class Value>
  Value refuse() {
    loop_.sleepUntil(world_.now() + world_.between(Nanos(0), Nanos(5'000'000)));
    throw Refused{};
  }
  /// A connection that broke is noticed soon, one that fell silent by the deadline alone.
  Nanos noticesSilence(Nanos give_up) {
    return world_.chance(0.7)
               ? std::min(give_up, world_.now() + world_.between(Nanos(0), Nanos(500'000'000)))
               : give_up;
  }

  SimulatedLoop& loop_;
  World& world_;
};

}  // namespace scanhost::simulation
