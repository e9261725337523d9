// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/next_step.h"

namespace scanhost {
namespace {

/// Whether a request may be sent: not yet, or so long ago that it had no effect.
bool maySend(const std::optional<Run::Clock::time_point>& sent, Run::Clock::time_point now) {
  return !sent || now - *sent >= ask_again_after;
}

bool wantsPause(const Run& run, Run::Clock::time_point now) {
  return run.task.flags.pause_requested && run.task.state == TaskState::running &&
         maySend(run.pause_sent, now) && run.instance->can(SCANHOST_SCANNER_PAUSES);
}

/// A scan that stands still although nobody asks for it any more, whenever the pause arrived there.
/// One that was paused at the scanner itself stays so.
bool wantsResume(const Run& run, Run::Clock::time_point now) {
  return run.progress.pause_asked && !run.task.flags.pause_requested &&
         run.task.state == TaskState::paused && maySend(run.resume_sent, now);
}

Step nextRemoteStep(const Run& run, Run::Clock::time_point now) {
  if (!run.launched()) {
    if (!run.ending) return Step::launch;
    if (!run.maybeLaunched()) return Step::end;
    return now < run.next_request ? Step::wait : Step::settle;
  }
  if (run.ended) return Step::collect;
  if (run.confirmed_state) return Step::write_state;
  if (now < run.next_request) return Step::wait;
  if (run.ending) return maySend(run.stop_sent, now) ? Step::stop : Step::wait;
  if (wantsPause(run, now)) return Step::pause;
  if (wantsResume(run, now)) return Step::resume;
  return Step::wait;
}

}  // namespace

Step nextStep(const Run& run, bool draining, Run::Clock::time_point now) {
  if (run.busy) return Step::wait;
  if (run.finish) return now >= run.next_write ? Step::write_finish : Step::wait;
  if (run.release) return now >= run.next_write ? Step::write_release : Step::wait;
  if (draining) return Step::hand_back;
  if (run.mustLeave()) return Step::leave;
  if (run.isRemote()) return nextRemoteStep(run, now);
  return run.ending ? Step::end : Step::scan;
}

}  // namespace scanhost
