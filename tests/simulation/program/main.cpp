// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// simulation: runs seeds and tells the first that breaks a promise.
///
///     simulation --seeds 2000            2,000 runs, seeds 1 to 2,000
///     simulation --seed 17 --trace       one run, with all that happens in it
///     simulation --without fencing       with a protection taken away: it should fail
#include <CLI/CLI.hpp>
#include <cinttypes>
#include <cstdio>
#include <string>

#include "tests/simulation/simulation.h"

namespace {

using namespace scanhost::simulation;

struct Request {
  std::uint64_t first = 1;
  std::uint64_t count = 2000;
  bool tracing = false;
  Protection removed = Protection::none;
};

bool runSeed(const Request& request, std::uint64_t seed, Surroundings& around) {
  Simulation simulation({seed, request.removed, request.tracing}, around);
  const RunOutcome outcome = simulation.run();
  if (request.tracing)
    std::printf("seed %" PRIu64 ": %zu tasks, %zu events, %.1f s simulated, digest %016" PRIx64
                "\n",
                seed, outcome.tasks, outcome.events,
                std::chrono::duration<double>(outcome.lasted).count(), outcome.digest);
  for (const std::string& violation : outcome.violations)
    std::printf("seed %" PRIu64 ": %s\n", seed, violation.c_str());
  return outcome.violations.empty();
}

int runAll(const Request& request, const std::string& program) {
  Surroundings around(request.tracing);
  std::string without;
  if (request.removed != Protection::none)
    without =
        " --without " + std::string(protection_names[static_cast<std::size_t>(request.removed)]);
  std::uint64_t failed = 0;
  for (std::uint64_t seed = request.first; seed < request.first + request.count; ++seed) {
    if (runSeed(request, seed, around)) continue;
    ++failed;
    std::printf("replay it with: %s --seed %" PRIu64 "%s --trace\n", program.c_str(), seed,
                without.c_str());
  }
  std::printf("%" PRIu64 " seeds from %" PRIu64 ", %" PRIu64 " broke a promise\n", request.count,
              request.first, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Request request;
  std::string without = "none";
  CLI::App app{"Runs dispatcher and queue in simulated time, with faults decided by a seed"};
  auto* one = app.add_option("--seed", request.first, "run this seed alone");
  app.add_option("--from", request.first, "the first seed")
      ->envname("SCANHOST_SIMULATION_FROM")
      ->excludes(one);
  auto* count = app.add_option("--seeds", request.count, "how many")
                    ->envname("SCANHOST_SIMULATION_SEEDS")
                    ->excludes(one);
  app.add_flag("--trace", request.tracing, "print all that happens");
  app.add_option("--without", without, "take one protection away: fencing, find, ...");
  CLI11_PARSE(app, argc, argv);
  if (one->count() > 0) request.count = 1;
  if (request.tracing && count->count() == 0 && one->count() == 0) request.count = 1;
  const auto removed = parseProtection(without);
  if (!removed) {
    std::fprintf(stderr, "there is no protection '%s'\n", without.c_str());
    return 64;
  }
  request.removed = *removed;
  return runAll(request, argv[0]);
}
