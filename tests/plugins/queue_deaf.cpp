// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A queue that takes nothing and knows nothing, so that every suite must find it out.
#include <scanhost/plugin.h>
#include <scanhost/queue.h>

namespace {

using namespace scanhost;

constexpr char manifest[] = R"json({
  "name": "queue-deaf", "version": "1.0.0", "vendor": "scanhost contributors",
  "licence": "Apache-2.0", "abi": {"major": 1}, "store": "local",
  "provides": [{"interface": "scanhost.queue/1"}]
})json";

class DeafQueue : public Queue {
 public:
  explicit DeafQueue(const Settings&) {}

  TaskAnswer submit(const Submission&, Call&) override { return {QueueOutcome::full, {}}; }
  std::vector<QueuedTask> lease(const LeaseRequest&, Call&) override { return {}; }
  std::vector<RenewalOutcome> renew(const std::vector<Renewal>& renewals, std::chrono::nanoseconds,
                                    Call&) override {
    return std::vector<RenewalOutcome>(renewals.size());
  }
  TaskAnswer advance(const Lease&, const Change&, Call&) override { return {}; }
  QueueOutcome finish(const Lease&, const Finish&, Call&) override { return QueueOutcome::done; }
  QueueOutcome release(const Lease&, const Release&, Call&) override { return QueueOutcome::done; }
  TaskAnswer redrive(const std::string&, bool, Call&) override { return {}; }
  TaskAnswer request(const std::string&, TaskRequest, std::int64_t, Call&) override { return {}; }
  QueueOutcome remove(const std::string&, Call&) override { return QueueOutcome::done; }
  std::vector<QueuedTask> expire(std::int64_t, std::int64_t, std::uint32_t, Call&) override {
    return {};
  }
  QueueOutcome timeOut(const std::string&, std::uint64_t, std::int64_t, const std::string&,
                       Call&) override {
    return QueueOutcome::done;
  }
  std::optional<QueuedTask> get(const std::string&, Call&) override { return std::nullopt; }
  TaskPage list(const TaskQuery&, Call&) override { return {}; }
  QueueCounts counts(Call&) override { return {}; }
  void announce(const std::string&, const std::vector<InstanceState>&, Call&) override {}
  std::vector<InstanceState> instances(Call&) override { return {}; }
  QueueChanges changes(std::uint64_t, std::chrono::nanoseconds, Call&) override { return {}; }
  Durability durability(Call&) override { return {}; }
};

}  // namespace

SCANHOST_PLUGIN(manifest, DeafQueue)
