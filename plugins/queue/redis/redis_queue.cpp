// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/redis/redis_queue.h"

#include <algorithm>

#include "plugins/queue/redis/random.h"
#include "plugins/queue/redis/record.h"

namespace scanhost::queue_redis {
namespace {

constexpr std::size_t renewals_at_once = 64;  ///< one script's worth
constexpr std::uint32_t most_leases = 256;    ///< of one call
constexpr std::uint32_t most_expired = 256;
constexpr std::chrono::nanoseconds longest_patience = std::chrono::hours(24);

std::int64_t micros(std::chrono::nanoseconds time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

std::int64_t steadyMicros() {
  return micros(std::chrono::steady_clock::now().time_since_epoch());
}

std::string bytesOf(const LeaseToken& token) {
  return {reinterpret_cast<const char*>(token.data()), token.size()};
}

ScriptCall& operator<<(ScriptCall& script, const Lease& lease) {
  return script << lease.id << lease.epoch << bytesOf(lease.token);
}

}  // namespace

TaskAnswer RedisQueue::submit(const Submission& submission, Call& call) {
  ScriptCall script = client_.script(Script::submit);
  script << submission.id << submission.trace_id << submission.owner << submission.pool
         << submission.wanted_instance << submission.submission << submission.created_us
         << submission.cap << submission.key << submission.key_hash
         << static_cast<std::int64_t>(
                std::chrono::ceil<std::chrono::milliseconds>(submission.key_ttl).count());
  return ask(script, Repeat::no, Wait::yes, call, [&](const Reply& reply) {
    const auto parts = itemsOf(reply);
    if (parts.empty() || outcomeOf(parts[0]) != QueueOutcome::created) return answerOf(reply);
    if (parts.size() != 2) throw ProtocolError("an accepted task has no position");
    QueuedTask task;
    task.id = submission.id;
    task.trace_id = submission.trace_id;
    task.owner = submission.owner;
    task.pool = submission.pool;
    task.wanted_instance = submission.wanted_instance;
    task.submission = submission.submission;
    task.created_us = task.queued_us = submission.created_us;
    task.position = static_cast<std::uint64_t>(integerOf(parts[1]));
    return TaskAnswer{QueueOutcome::created, std::move(task)};
  });
}

std::vector<QueuedTask> RedisQueue::lease(const LeaseRequest& request, Call& call) {
  const std::uint32_t most = std::min(request.max_tasks, most_leases);
  const std::string tokens = randomBytes(std::size_t{16} * most);
  ScriptCall script = client_.script(Script::lease);
  const std::int64_t ahead_us = server_ahead_us_;
  script << request.worker << micros(request.lease) << request.now_us
         << micros(request.takeover_grace) << std::uint64_t{most} << tokens
         << (ahead_us == 0 ? std::int64_t{0} : steadyMicros() + ahead_us)
         << micros(std::min(call.timeLeft(), longest_patience));
  for (const LeaseInstance& instance : request.instances)
    script << instance.pool << instance.name << std::uint64_t{instance.limit};
  // Not waited for: a grant that is lost is fenced, and the intent that comes before any launch
  // waits.
  return ask(script, Repeat::no, Wait::no, call, [&](const Reply& reply) {
    const auto parts = itemsOf(reply);
    if (parts.size() != 3) throw ProtocolError("an answer about leases makes no sense");
    tellDamaged(parts[1], call);
    server_ahead_us_ = std::strtoll(textOf(parts[2]).c_str(), nullptr, 10) - steadyMicros();
    std::vector<QueuedTask> tasks = tasksOf(parts[0]);
    if (tasks.size() > most) throw ProtocolError("it grants more leases than asked for");
    for (std::size_t i = 0; i < tasks.size(); ++i)
      std::copy_n(tokens.begin() + static_cast<std::ptrdiff_t>(16 * i), 16, tasks[i].token.begin());
    return tasks;
  });
}

std::vector<RenewalOutcome> RedisQueue::renew(const std::vector<Renewal>& renewals,
                                              std::chrono::nanoseconds lease, Call& call) {
  std::vector<ScriptCall> scripts;
  for (std::size_t i = 0; i < renewals.size(); ++i) {
    if (i % renewals_at_once == 0)
      scripts.emplace_back(client_.script(Script::renew)) << micros(lease);
    scripts.back() << renewals[i].lease << renewals[i].good_poll << renewals[i].progress;
  }
  std::vector<RenewalOutcome> outcomes;
  if (scripts.empty()) return outcomes;
  for (const Reply& reply : client_.run(scripts, Repeat::yes, call))
    readRenewals(reply, outcomes, call);
  if (outcomes.size() != renewals.size()) failAnswer("it renewed another number of leases");
  return outcomes;
}

TaskAnswer RedisQueue::advance(const Lease& lease, const Change& change, Call& call) {
  const scanhost_change abi = detail::lend(change);
  ScriptCall script = client_.script(Script::advance);
  script << lease << std::uint64_t{abi.fields} << static_cast<int>(abi.state) << abi.launch
         << toString(abi.reference) << toString(abi.run_id) << toString(abi.progress);
  return ask(script, Repeat::no, Wait::yes, call, &answerOf);
}

QueueOutcome RedisQueue::finish(const Lease& lease, const Finish& finish, Call& call) {
  ScriptCall script = client_.script(Script::finish);
  script << lease << static_cast<int>(finish.state)
         << static_cast<int>(detail::fromErrorClass(finish.error_class)) << finish.dead_letter
         << finish.completed_us << finish.error_message << finish.generation << finish.progress;
  return ask(script, Repeat::no, Wait::yes, call, &outcomeOf);
}

QueueOutcome RedisQueue::release(const Lease& lease, const Release& release, Call& call) {
  ScriptCall script = client_.script(Script::release);
  script << lease << release.stay_running << release.spend_attempt
         << static_cast<int>(detail::fromErrorClass(release.error_class)) << micros(release.delay)
         << release.error_message;
  return ask(script, Repeat::no, Wait::yes, call, &outcomeOf);
}

TaskAnswer RedisQueue::redrive(const std::string& id, bool relaunch, Call& call) {
  ScriptCall script = client_.script(Script::redrive);
  script << id << relaunch;
  return ask(script, Repeat::no, Wait::yes, call, &answerOf);
}

TaskAnswer RedisQueue::request(const std::string& id, TaskRequest what, std::int64_t now_us,
                               Call& call) {
  ScriptCall script = client_.script(Script::request);
  script << id << static_cast<int>(what) << now_us;
  return ask(script, Repeat::yes, Wait::yes, call, &answerOf);
}

QueueOutcome RedisQueue::remove(const std::string& id, Call& call) {
  ScriptCall script = client_.script(Script::remove);
  script << id;
  return ask(script, Repeat::no, Wait::yes, call, &outcomeOf);
}

std::vector<QueuedTask> RedisQueue::expire(std::int64_t completed_before_us,
                                           std::int64_t failed_before_us, std::uint32_t limit,
                                           Call& call) {
  ScriptCall script = client_.script(Script::expire);
  script << completed_before_us << failed_before_us << std::uint64_t{std::min(limit, most_expired)};
  return ask(script, Repeat::no, Wait::yes, call, [&](const Reply& reply) {
    const auto parts = itemsOf(reply);
    if (parts.size() != 2) throw ProtocolError("an answer about expired tasks makes no sense");
    tellDamaged(parts[1], call);
    return tasksOf(parts[0]);
  });
}

QueueOutcome RedisQueue::timeOut(const std::string& id, std::uint64_t epoch, std::int64_t now_us,
                                 const std::string& error_message, Call& call) {
  ScriptCall script = client_.script(Script::time_out);
  script << id << epoch << now_us << static_cast<int>(detail::fromErrorClass(ErrorClass::timeout))
         << error_message;
  return ask(script, Repeat::no, Wait::yes, call, &outcomeOf);
}

void RedisQueue::readRenewals(const Reply& reply, std::vector<RenewalOutcome>& outcomes,
                              const Call& call) const {
  try {
    const auto parts = itemsOf(reply);
    if (parts.size() != 2) throw ProtocolError("an answer about renewals makes no sense");
    tellDamaged(parts[1], call);
    const auto answers = itemsOf(parts[0]);
    for (std::size_t i = 0; i + 2 < answers.size(); i += 3)
      outcomes.push_back(
          {outcomeOf(answers[i]),
           TaskFlags::fromBits(static_cast<std::uint32_t>(integerOf(answers[i + 1]))),
           static_cast<std::uint64_t>(std::strtoull(textOf(answers[i + 2]).c_str(), nullptr, 10))});
  } catch (const ProtocolError& error) {
    failAnswer(error.what());
  }
}

}  // namespace scanhost::queue_redis
