// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/program_replay.h"

#include <scanhost/call.h>
#include <scanhost/text.h>

#include <algorithm>
#include <array>
#include <random>

namespace scanhost::conformance {
namespace {

constexpr std::size_t chunk_bytes = 512;
constexpr std::size_t flood_bytes = 256u << 20;

const RecordedRun* mostAlike(const Recording& recording,
                             const std::vector<std::string>& arguments) {
  const RecordedRun* best = nullptr;
  std::ptrdiff_t best_score = 0;
  for (const RecordedRun& run : recording.runs) {
    std::ptrdiff_t shared = 0;
    for (const std::string& argument : arguments)
      shared += std::count(run.arguments.begin(), run.arguments.end(), argument) > 0 ? 1 : 0;
    const auto more = static_cast<std::ptrdiff_t>(run.arguments.size()) - shared;
    const std::ptrdiff_t score = 2 * shared - more;
    if (!best || score > best_score) {
      best = &run;
      best_score = score;
    }
  }
  return best;
}

bool saysTheMost(const Recording& recording, const RecordedRun& run) {
  return std::all_of(recording.runs.begin(), recording.runs.end(), [&](const RecordedRun& other) {
    return other.output.size() <= run.output.size();
  });
}

RecordedRun broken(RecordedRun run, const ProgramFault& fault) {
  std::mt19937_64 random(fault.seed);
  const std::size_t at = run.output.empty() ? 0 : random() % run.output.size();
  switch (fault.kind) {
    case ProgramFault::Kind::exit_code: run.exit_code = 1 + static_cast<int>(random() % 255); break;
    case ProgramFault::Kind::signal:
      run.output.resize(at);
      run.exit_code = -1;
      run.signal = 9;
      break;
    case ProgramFault::Kind::cut: run.output.resize(at); break;
    case ProgramFault::Kind::silent: run.output.clear(); break;
    case ProgramFault::Kind::garbled:
      for (std::size_t i = at; i < std::min(run.output.size(), at + 64); ++i)
        run.output[i] = static_cast<char>(random());
      break;
    case ProgramFault::Kind::flood: break;
  }
  return run;
}

/// Gives `text` to a taker of output by pieces. Not OK: the taker's answer, or the call's end.
scanhost_status give(const scanhost_call* call, const std::string& text, void* context,
                     scanhost_status (*taker)(void*, scanhost_bytes)) {
  for (std::size_t at = 0; taker && at < text.size(); at += chunk_bytes) {
    if (call->is_cancelled(call))
      return detail::report(call, ErrorClass::cancelled, "the program was stopped: cancelled");
    const std::size_t size = std::min(chunk_bytes, text.size() - at);
    const scanhost_status answer =
        taker(context, {reinterpret_cast<const std::uint8_t*>(text.data()) + at, size});
    if (answer != SCANHOST_OK) return answer;
  }
  return SCANHOST_OK;
}

scanhost_status play(const RecordedRun& run, bool floods, const scanhost_call* call,
                     const scanhost_process_spec* spec, scanhost_process_end* end) {
  scanhost_status answer = give(call, run.output, spec->context, spec->output);
  for (std::size_t sent = 0; floods && answer == SCANHOST_OK && sent < flood_bytes;
       sent += run.output.size() + 1)
    answer = give(call, run.output + "\n", spec->context, spec->output);
  if (answer == SCANHOST_OK)
    answer = give(call, run.error_output, spec->context, spec->error_output);
  if (answer != SCANHOST_OK) return answer;
  if (end && SCANHOST_HAS(end, scanhost_process_end, signal)) {
    end->exit_code = run.exit_code;
    end->signal = run.signal;
  }
  return SCANHOST_OK;
}

}  // namespace

ProgramFault ProgramFault::draw(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  return {static_cast<Kind>(random() % 6), random()};
}

std::string ProgramFault::text() const {
  static constexpr std::array<const char*, 6> words = {
      "the program ends with an error",  "the program is killed in the middle",
      "the program's output is cut",     "the program says nothing",
      "the program's output is garbled", "the program never stops writing"};
  return words[static_cast<std::size_t>(kind)];
}

ProgramRunner replayPrograms(const Recording& recording, std::optional<ProgramFault> fault) {
  return [&recording, fault](const scanhost_call* call, const scanhost_process_spec* spec,
                             scanhost_process_end* end) -> scanhost_status {
    const RecordedRun* run = mostAlike(recording, toStrings(spec->arguments));
    if (!run)
      return detail::report(call, ErrorClass::config, "no run of this program was recorded",
                            ErrorSubject::backend);
    const bool is_faulty = fault && saysTheMost(recording, *run);
    const bool floods = is_faulty && fault->kind == ProgramFault::Kind::flood;
    return play(is_faulty ? broken(*run, *fault) : *run, floods, call, spec, end);
  };
}

}  // namespace scanhost::conformance
