// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The one next thing to do for a task, read off its run: what happened is written there, and this
/// is the only place that draws conclusions from it.
#pragma once

#include "host/tasks/run.h"

namespace scanhost {

enum class Step {
  wait,           ///< nothing but time or the polls will bring it further
  write_finish,   ///< tell the queue how it ended
  write_release,  ///< tell the queue that it is given back
  hand_back,      ///< the node goes; give it to another
  leave,          ///< its instance goes; give it to another
  end,            ///< it is to end, and nothing of it runs
  settle,         ///< it is to end, and a launch was begun: find out what runs
  launch,
  stop,
  pause,
  resume,
  write_state,  ///< tell the queue that the scanner paused or resumed it
  collect,
  scan,  ///< run it here
};

/// A stop, pause or resume that had no effect is asked for again after this long.
inline constexpr std::chrono::seconds ask_again_after{30};

Step nextStep(const Run& run, bool draining, Run::Clock::time_point now);

}  // namespace scanhost
