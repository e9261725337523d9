// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Controls of the simulation: a run is decided by its seed, and each protection that is taken away
/// is missed by the checker. The seeds themselves are run by the program, see CMakeLists.txt.
#include "tests/simulation/simulation.h"

#include <gtest/gtest.h>

#include <string>

namespace scanhost::simulation {
namespace {

Surroundings& around() {
  static Surroundings shared(false);
  return shared;
}

RunOutcome runSeed(std::uint64_t seed, Protection removed = Protection::none) {
  return Simulation({seed, removed, false}, around()).run();
}

TEST(Simulation, TheSameSeedMakesTheSameRun) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const RunOutcome first = runSeed(seed);
    const RunOutcome second = runSeed(seed);
    EXPECT_EQ(first.digest, second.digest) << "seed " << seed;
    EXPECT_EQ(first.events, second.events) << "seed " << seed;
  }
}

TEST(Simulation, AnotherSeedMakesAnotherRun) {
  EXPECT_NE(runSeed(1).digest, runSeed(2).digest);
}

struct Control {
  Protection removed;
  std::string told;  ///< a violation says so
};

std::string nameOf(const Control& control) {
  return "without_" + std::string(protection_names[static_cast<std::size_t>(control.removed)]);
}
void PrintTo(const Control& control, std::ostream* out) {
  *out << nameOf(control);
}

class SimulationControl : public testing::TestWithParam<Control> {};

TEST_P(SimulationControl, IsMissedWhenTakenAway) {
  constexpr std::uint64_t most_seeds = 400;
  std::string told;
  for (std::uint64_t seed = 1; seed <= most_seeds; ++seed)
    for (const std::string& violation : runSeed(seed, GetParam().removed).violations) {
      if (violation.find(GetParam().told) != std::string::npos) return;
      told += violation + "\n";
    }
  FAIL() << "no seed up to " << most_seeds << " told of '" << GetParam().told << "', only\n"
         << told;
}

INSTANTIATE_TEST_SUITE_P(
    Protections, SimulationControl,
    testing::Values(Control{Protection::fencing, "a stale write was taken"},
                    Control{Protection::lease_length, "while the lease of"},
                    Control{Protection::instance_limits, "tasks are active on instance"},
                    Control{Protection::takeover_count, "has not ended"},
                    Control{Protection::kept_submissions, "was accepted and is lost"},
                    Control{Protection::submission_keys, "a second task for key"},
                    Control{Protection::unspent_drain, "an attempt was spent on handing it back"},
                    Control{Protection::find, "was left at the scanner"},
                    Control{Protection::start_once, "started a scan 2 times"},
                    Control{Protection::sealed_results, "results that were never sealed"}),
    [](const auto& control) { return nameOf(control.param); });

}  // namespace
}  // namespace scanhost::simulation
