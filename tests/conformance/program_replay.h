// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Programs that say what they said when they were recorded, or something worse.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/conformance/check_host.h"
#include "tests/conformance/recording.h"

namespace scanhost::conformance {

/// How one run of a program goes wrong, drawn from a seed.
struct ProgramFault {
  enum class Kind {
    exit_code,  ///< it says everything and ends with an error
    signal,     ///< it is killed in the middle
    cut,        ///< its output ends in the middle, with exit code 0
    silent,     ///< it says nothing, with exit code 0
    garbled,    ///< bytes of its output are others
    flood,      ///< it never stops writing
  };
  Kind kind = Kind::cut;
  std::uint64_t seed = 1;

  static ProgramFault draw(std::uint64_t seed);
  std::string text() const;
};

/// The runs of `recording`, which must outlive it: the one whose arguments are most alike answers.
/// A fault befalls the run that says the most.
ProgramRunner replayPrograms(const Recording& recording, std::optional<ProgramFault> fault = {});

}  // namespace scanhost::conformance
