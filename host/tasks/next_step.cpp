// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/next_step.h"

namespace scanhost {
namespace {

bool wantsPause(const Run& run) {
  return run.task.flags.pause_requested && run.task.state == TaskState::running &&
         !run.pause_sent && run.instance->can(SCANHOST_SCANNER_PAUSES);
}

Step nextRemoteStep(const Run& run, Run::Clock::time_point now) {
  if (!run.launched()) {
    if (!run.ending) return Step::launch;
    return run.maybeLaunched() ? Step::settle : Step::end;
  }
  if (run.ended) return Step::collect;
  if (run.confirmed_state) return Step::write_state;
  if (now < run.next_request) return Step::wait;
  if (run.ending)
    return !run.stop_sent || now - *run.stop_sent >= stop_again ? Step::stop : Step::wait;
  if (wantsPause(run)) return Step::pause;
  if (run.resume_wanted) return Step::resume;
  return Step::wait;
}

}  // namespace

Step nextStep(const Run& run, bool draining, Run::Clock::time_point now) {
  if (run.busy) return Step::wait;
  if (run.finish) return now >= run.next_write ? Step::write_finish : Step::wait;
  if (run.release) return now >= run.next_write ? Step::write_release : Step::wait;
  if (draining) return Step::hand_back;
  if (run.isRemote()) return nextRemoteStep(run, now);
  return run.ending ? Step::end : Step::scan;
}

}  // namespace scanhost
