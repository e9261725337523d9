// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One exchange as a client meets it: faults applied, the call answered, the journal kept.
///
/// Calls under /simulator/ are the tests' own door: no faults, no journal, no login.
/// Safe to call from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "tests/simulators/nessus/api.h"
#include "tests/simulators/nessus/faults.h"
#include "tests/simulators/nessus/journal.h"
#include "tests/simulators/nessus/message.h"

namespace scanhost::simulator {

/// How much of a reply reaches the client.
enum class Delivery {
  whole,
  nothing,        ///< the connection closes instead
  head_only,      ///< the connection closes before the body
  half_cut_off,   ///< the connection closes in the middle of the body
  half_as_whole,  ///< half the body, as if it were all
};

struct Outcome {
  Reply reply;
  Delivery delivery = Delivery::whole;
};

class Exchange {
 public:
  using Sleep = std::function<void(std::chrono::milliseconds)>;

  Exchange(Api& api, FaultPlan& faults, Journal& journal, Api::Clock clock, Sleep sleep)
      : api_(api),
        faults_(faults),
        journal_(journal),
        clock_(std::move(clock)),
        sleep_(std::move(sleep)) {}

  Outcome answer(const Request& request);

 private:
  Outcome misbehave(const Request& request, const Fault& fault);
  Reply answerTest(const Request& request);
  Reply changeFaults(const Request& request);
  Reply changeScan(const Request& request);
  void note(const Request& request, const Outcome& outcome, const std::optional<Fault>& fault);

  Api& api_;
  FaultPlan& faults_;
  Journal& journal_;
  Api::Clock clock_;
  Sleep sleep_;
};

}  // namespace scanhost::simulator
