// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// faults: rounds of the driver until so many kills are done, and a table of what came of them.
#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/faults/table.h"

namespace scanhost::faults {
namespace {

struct Options {
  int kills = 1000;
  std::uint64_t seed = 1;
  std::vector<std::string> kinds;
  int faults = 60;
  int every = 30;
  int tasks = 50;
  int nodes = 5;
  std::string histories;
  std::string judge;
  std::vector<std::string> points;
  std::string without;
  std::string plugins;
};

int judgeOne(const std::string& file) {
  const Verdict verdict = check(readHistory(file));
  std::cout << verdict.text() << verdict.accepted << " accepted, " << verdict.completed
            << " completed\n";
  return verdict.isClean() ? 0 : 1;
}

/// Mostly those that kill, so that a thousand kills take no longer than they must.
const std::vector<Kind> usual = {
    Kind::point,   Kind::kill,          Kind::mixed, Kind::failover_async, Kind::point,
    Kind::kill,    Kind::stop,          Kind::point, Kind::failover,       Kind::kill,
    Kind::network, Kind::point,         Kind::kill,  Kind::mixed,          Kind::failover_async,
    Kind::disk,    Kind::redis_restart, Kind::drain, Kind::failover,       Kind::redis_stop};

std::vector<Kind> kindsOf(const Options& options) {
  if (options.kinds.empty()) return usual;
  std::vector<Kind> kinds;
  for (const std::string& name : options.kinds) kinds.push_back(kindOf(name));
  return kinds;
}

RoundPlan planOf(const Options& options, Kind kind, int round) {
  RoundPlan plan;
  plan.kind = kind;
  plan.seed = options.seed + static_cast<std::uint64_t>(round);
  plan.tasks = options.tasks;
  plan.nodes = options.nodes;
  plan.faults = options.faults;
  plan.points = options.points;
  plan.without = options.without;
  plan.every = std::chrono::seconds(options.every);
  plan.plugin_dir = options.plugins;
  if (kind == Kind::redis_restart || kind == Kind::redis_stop)
    plan.faults = std::max(1, options.faults / 5);
  if (kind == Kind::stop || kind == Kind::network || kind == Kind::disk || kind == Kind::drain)
    plan.faults = std::max(1, options.faults / 2);
  if (kind == Kind::failover || kind == Kind::failover_async)
    plan.faults = std::max(1, options.faults / 4);
  if (!options.histories.empty())
    plan.history = std::filesystem::path(options.histories) /
                   (std::to_string(plan.seed) + "-" + nameOf(kind) + ".jsonl");
  return plan;
}

constexpr int most_broken = 5;

int runAll(const Options& options) {
  const auto kinds = kindsOf(options);
  if (!options.histories.empty()) std::filesystem::create_directories(options.histories);
  Table table;
  int broken = 0;  // by what is not under test, such as a Sentinel that starves
  const auto began = std::chrono::steady_clock::now();
  for (int round = 0; round == 0 || table.kills() < options.kills; ++round) {
    const Kind kind = kinds[static_cast<std::size_t>(round) % kinds.size()];
    const RoundPlan plan = planOf(options, kind, round);
    RoundResult result;
    try {
      result = runRound(plan);
    } catch (const std::runtime_error& error) {
      std::cerr << "--seed " << plan.seed << " --kinds " << nameOf(kind)
                << ": could not be run to its end: " << error.what() << "\n";
      if (++broken == most_broken) throw;
      continue;
    }
    table.add(kind, result);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - began;
    std::cerr << static_cast<int>(elapsed.count()) << " s: --seed " << plan.seed << " --kinds "
              << nameOf(kind) << ": " << table.kills() << " kills, "
              << (result.verdict.isClean() ? "clean" : "NOT CLEAN") << "\n"
              << result.verdict.text();
    for (const std::string& note : result.notes) std::cerr << "note: " << note << "\n";
    for (const std::string& call : result.failed_calls)
      std::cerr << "failed call: " << call << "\n";
    if (!options.histories.empty())
      std::ofstream(std::filesystem::path(options.histories) / "table.md") << table.text();
  }
  std::cout << table.text();
  if (broken > 0) std::cout << "\n" << broken << " rounds could not be run to their end.\n";
  return table.isClean() ? 0 : 1;
}

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Kills scanhost nodes by seed and checks what became of their tasks.", "faults");
  app.add_option("--kills", options.kills, "Stop after so many; at least one round")
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Of the first round; each further one adds 1")
      ->capture_default_str();
  app.add_option("--kinds", options.kinds,
                 "Kinds of rounds, in turn; all of them by default, mostly those that kill")
      ->delimiter(',');
  app.add_option("--faults", options.faults, "In one round")->capture_default_str();
  app.add_option("--every", options.every, "Seconds between two swaps")->capture_default_str();
  app.add_option("--tasks", options.tasks, "In flight")->capture_default_str();
  app.add_option("--nodes", options.nodes, "How many")->capture_default_str();
  app.add_option("--histories", options.histories, "Folder for the histories of all rounds");
  app.add_option("--points", options.points, "Die at these alone; all of them by default")
      ->delimiter(',');
  app.add_option("--without", options.without, "Protections to take away, separated by spaces");
  app.add_option("--plugins", options.plugins, "Folder of plugins; the build's own by default");
  app.add_option("--judge", options.judge, "Only check this history");
  CLI11_PARSE(app, argc, argv);
  return options.judge.empty() ? runAll(options) : judgeOne(options.judge);
}

}  // namespace
}  // namespace scanhost::faults

int main(int argc, char** argv) {
  try {
    return scanhost::faults::main(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "faults: " << error.what() << "\n";
    return 2;
  }
}
