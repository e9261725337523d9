// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The result store of a run: generations and whether they are sealed. The findings themselves are
/// of no interest here.
#pragma once

#include <scanhost/results.h>

#include <map>
#include <string>

#include "tests/simulation/checker.h"
#include "tests/simulation/protections.h"
#include "tests/simulation/wire.h"

namespace scanhost::simulation {

class ResultsServer {
 public:
  ResultsServer(Checker& checker, Protection removed) : checker_(checker), removed_(removed) {}

  std::string open(const Generation& generation) {
    const std::string name = "generation-" + std::to_string(++opened_);
    generations_[name] = generation;
    return name;
  }
  bool seal(const std::string& name) {
    const auto found = generations_.find(name);
    if (found == generations_.end())
      throw PluginError(ErrorClass::lost, "there is no generation " + name);
    if (removed_ != Protection::sealed_results)
      checker_.sealed(name, found->second.task_id, found->second.epoch);
    return true;
  }

 private:
  Checker& checker_;
  const Protection removed_;
  std::map<std::string, Generation> generations_;
  int opened_ = 0;
};

/// A node's way to it.
class ResultsPort : public Results {
 private:
  static constexpr Nanos timeout = std::chrono::seconds(60);

  template <class Effect>
  auto ask(Effect effect) {
    try {
      return wire_.call(way_, timeout, std::move(effect));
    } catch (const Refused&) {
      throw PluginError(ErrorClass::transient, "the result store cannot be reached",
                        ErrorSubject::backend);
    } catch (const Unanswered&) {
      throw PluginError(ErrorClass::transient, "the result store did not answer",
                        ErrorSubject::backend);
    }
  }

  ResultsServer& server_;
  const Way& way_;
  Wire& wire_;

 public:
  using Server = ResultsServer;

  ResultsPort(ResultsServer& server, const Way& way, Wire& wire)
      : server_(server), way_(way), wire_(wire) {}

  std::string openGeneration(const Generation& generation, Call&) override {
    return ask([&server = server_, generation] { return server.open(generation); });
  }
  void append(const std::string&, const std::vector<FindingRecord>&, Call&) override {}
  void seal(const std::string& generation, const std::string&, Call&) override {
    ask([&server = server_, generation] { return server.seal(generation); });
  }
  std::optional<std::string> current(const std::string&, std::uint64_t, Call&) override {
    return std::nullopt;
  }
  std::optional<std::string> summary(const std::string&, Call&) override { return std::nullopt; }
  std::unique_ptr<ResultsCursor> open(const ResultsQuery&, Call&) override { return nullptr; }
  std::uint64_t count(const ResultsQuery&, Call&) override { return 0; }
  std::uint64_t remove(const std::string&, Call&) override { return 0; }
  std::uint64_t sweep(std::int64_t, std::int64_t, std::uint32_t, const Keep&, Call&) override {
    return 0;
  }
  void check(Call&) override {}
};

}  // namespace scanhost::simulation
