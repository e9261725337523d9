// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/round.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

#include "host/base/time.h"
#include "host/tasks/task_id.h"
#include "tests/faults/clients.h"
#include "tests/faults/cluster.h"
#include "tests/faults/remains.h"

namespace scanhost::faults {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds lease = 2s;
/// What the promise allows beyond the lease and the scan's own time.
constexpr milliseconds allowance = 10s;
constexpr milliseconds tick = 10ms;
constexpr int killed = 128 + SIGKILL;
/// A point that a node does not reach for so long is exchanged for another.
constexpr milliseconds arm_for = 6s;

/// What a node suffers at the moment.
struct Patient {
  Patient(Node& its_node, std::size_t its_index) : node(its_node), index(its_index) {}

  Node& node;
  std::size_t index;
  Clock::time_point start_at{};  ///< while it is dead
  bool dead = false;
  std::string dies_of;  ///< what the driver did; else it died at its armed point
  Clock::time_point armed_since{};
  std::string ailment;  ///< of stop, network or disk
  Clock::time_point heal_at{};
  std::function<void()> heal;
};

class Round {
 public:
  explicit Round(const RoundPlan& plan)
      : plan_(plan),
        random_(plan.seed),
        history_(plan.history.empty() ? std::make_unique<History>()
                                      : std::make_unique<History>(plan.history)),
        cluster_(clusterSettings(plan), [this](const Event& event) { take(event); }),
        clients_(std::make_unique<Clients>(
            cluster_, *history_,
            ClientSettings{.in_flight = plan.tasks,
                           .seed = plan.seed,
                           .scan_name = plan.scan_name,
                           .cancel_one_of = hasRequests(plan) ? 10u : 0u,
                           .pause_one_of = hasRequests(plan) ? 5u : 0u})) {
    for (auto& node : cluster_.nodes()) patients_.emplace_back(*node, patients_.size());
    seer_ = clients_.get();
  }
  ~Round() { seer_ = nullptr; }

  RoundResult run() {
    warmUp();
    while (done_ < plan_.faults) turn();
    quieten();
    settle();
    return judge();
  }

 private:
  static ClusterSettings clusterSettings(const RoundPlan& plan) {
    return {.nodes = plan.nodes,
            .scan_seconds = plan.scan_seconds,
            .seed = plan.seed,
            .small_disks = plan.kind == Kind::disk || plan.kind == Kind::mixed,
            .failover = failsOver(plan.kind),
            .wait_replicas = plan.kind == Kind::failover ? 1 : 0,
            .scans_at_once = plan.tasks,
            .without = plan.without,
            .plugin_dir = plan.plugin_dir};
  }

  static bool failsOver(Kind kind) {
    return kind == Kind::failover || kind == Kind::failover_async;
  }

  /// Whether clients cancel and pause, and the scanner gives up scans, so that steps of these are
  /// reached.
  static bool hasRequests(const RoundPlan& plan) {
    return (plan.kind == Kind::point && plan.points.empty()) || plan.kind == Kind::mixed;
  }

  void take(const Event& event) {
    history_->add(event);
    if (Clients* clients = seer_) clients->seen(event);
  }

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  milliseconds between(milliseconds least, milliseconds most) {
    return least + milliseconds(below(static_cast<std::uint64_t>((most - least).count()) + 1));
  }

  void note(What what, const std::string& node, const std::string& detail) {
    history_->add({.what = what, .node = node, .detail = detail});
    if (what != What::fault) return;
    ++done_;
    ++result_.faults[detail];
  }

  /// Lets tasks come in before anything is done to them.
  void warmUp() {
    turnFor(2s);
    if (plan_.kind == Kind::disk && !cluster_.disk(0).isMounted())
      result_.notes.push_back("no tmpfs could be mounted here: a limit on file sizes stood in");
  }

  void turn() {
    turnNodes();
    if (Clock::now() < next_fault_) return;
    next_fault_ = Clock::now() + (plan_.kind == Kind::swap ? pace() : between(100ms, pace()));
    if (hasRequests(plan_)) abortScan();
    strike(plan_.kind == Kind::mixed ? mixedKind() : plan_.kind);
  }

  milliseconds pace() const {
    switch (plan_.kind) {
      case Kind::swap: return plan_.every;
      case Kind::kill: return 600ms;
      case Kind::redis_restart:
      case Kind::redis_stop: return 4s;
      case Kind::failover:
      case Kind::failover_async: return 3s;
      default: return 1s;
    }
  }

  Kind mixedKind() {
    constexpr std::array<Kind, 10> drawn = {
        Kind::kill, Kind::kill, Kind::kill,  Kind::kill,    Kind::stop,
        Kind::stop, Kind::disk, Kind::drain, Kind::network, Kind::redis_restart};
    return drawn[below(drawn.size())];
  }

  /// Deaths, rebirths, healing, arming.
  void turnNodes() {
    std::this_thread::sleep_for(tick);
    for (Patient& patient : patients_) turnNode(patient);
    cluster_.look();
  }

  void turnNode(Patient& patient) {
    const auto now = Clock::now();
    if (patient.heal && now >= patient.heal_at) heal(patient);
    if (!patient.dead && !patient.node.running()) noteDeath(patient);
    if (patient.dead && now >= patient.start_at) {
      patient.node.start();
      patient.dead = false;
      patient.armed_since = {};
    }
    if (armsPoints() && !patient.dead && now >= patient.armed_since + arm_for) arm(patient);
  }

  bool armsPoints() const {
    return arming_ && (plan_.kind == Kind::point || plan_.kind == Kind::mixed);
  }

  void noteDeath(Patient& patient) {
    const bool by_point = patient.dies_of.empty();
    const int exit_code = patient.node.waitForEnd();
    patient.dead = true;
    patient.start_at = Clock::now() + between(0ms, 400ms);
    // One that finds no queue when it starts says so and ends; whoever supervises it tries again.
    if (by_point && exit_code != killed && !patient.node.wasReady()) return;
    if (by_point && exit_code != killed)
      throw std::runtime_error("node " + patient.node.name() +
                               " ended by itself: " + patient.node.said());
    if (by_point)
      note(What::fault, patient.node.name(),
           "at " + (patient.node.armed().empty() ? "a point just disarmed" : patient.node.armed()));
    patient.dies_of.clear();
    patient.node.arm("", 0);
  }

  /// The points come in turn from a shuffled deck, so that each has its share.
  void arm(Patient& patient) {
    if (deck_.empty()) {
      deck_ = plan_.points.empty() ? killPoints() : plan_.points;
      std::shuffle(deck_.begin(), deck_.end(), random_);
    }
    patient.node.arm(deck_.back(), plan_.points.empty() ? static_cast<int>(1 + below(4)) : 1);
    deck_.pop_back();
    patient.armed_since = Clock::now();
  }

  void strike(Kind kind) {
    if (kind == Kind::point) return;  // the nodes die by themselves
    if (kind == Kind::redis_restart) return restartRedis();
    if (kind == Kind::redis_stop) return stopRedis();
    if (kind == Kind::swap) return swapParts(patients_[next_swap_++ % patients_.size()].node);
    Patient& patient = patients_[below(patients_.size())];
    if (failsOver(kind)) return failOver(patient);
    if (patient.dead || patient.heal) return;
    if (kind == Kind::kill) return endNode(patient, "kill", SIGKILL);
    if (kind == Kind::drain) return endNode(patient, "drain", SIGTERM);
    if (kind == Kind::stop) return stopNode(patient);
    if (kind == Kind::network) return cutNetwork(patient);
    fillDisk(patient);
  }

  void endNode(Patient& patient, const std::string& how, int signal) {
    if (!patient.dies_of.empty()) return;
    patient.dies_of = how;
    note(What::fault, patient.node.name(), how);
    patient.node.signal(signal);
  }

  /// Not noted as done to the node: whatever happens to its tasks then is a breach.
  void swapParts(Node& node) {
    const int reloads = node.reloads();
    node.swap();
    turnUntil([&] { return node.reloads() > reloads || !node.refusedReload().empty(); },
              "a node did not reload");
    if (const std::string refused = node.refusedReload(); !refused.empty())
      throw std::runtime_error(node.name() + ": " + refused);
    note(What::fault, "swap of " + node.name(), "swap");
    note(What::healed, "swap of " + node.name(), "swap");
  }

  /// One that runs, and not the fourth attempt, so that none runs out of attempts.
  static bool mayBeAborted(const Json& scan) {
    const auto marker = findMarker(scan["name"].asString());
    const auto& runs = scan["runs"].items();
    return marker && marker->launch <= 3 && !runs.empty() &&
           runs.back()["status"].asString() == "running";
  }

  /// Some scan that runs is given up by the scanner: no fault of ours, and costs an attempt.
  void abortScan() {
    std::vector<std::int64_t> running;
    const Json state = cluster_.scanner().call("GET", "/simulator/scans");
    for (const Json& scan : state["scans"].items())
      if (mayBeAborted(scan)) running.push_back(scan["id"].asInteger());
    if (running.empty()) return;
    cluster_.scanner().call(
        "POST", "/simulator/scans/" + std::to_string(running[below(running.size())]) + "/abort");
  }

  void ail(Patient& patient, const std::string& ailment, milliseconds time,
           std::function<void()> cure) {
    note(What::fault, patient.node.name(), ailment);
    patient.ailment = ailment;
    patient.heal_at = Clock::now() + time;
    patient.heal = std::move(cure);
  }

  void heal(Patient& patient) {
    std::exchange(patient.heal, nullptr)();
    note(What::healed, patient.node.name(), patient.ailment);
  }

  void stopNode(Patient& patient) {
    patient.node.signal(SIGSTOP);
    ail(patient, "stop", lease + between(300ms, 1500ms),
        [&patient] { patient.node.signal(SIGCONT); });
  }

  void cutNetwork(Patient& patient) {
    constexpr std::array<Network, 4> ways = {Network::late, Network::hole, Network::cut,
                                             Network::reset};
    const Network way = ways[below(ways.size())];
    const bool redis = below(2) == 0;
    TcpProxy& network = redis ? patient.node.toQueue() : patient.node.toScanner();
    network.set(way);
    const std::string queue = failsOver(plan_.kind) ? "sentinel " : "redis ";
    ail(patient, (redis ? queue : "scanner ") + nameOf(way), between(200ms, lease + 1s),
        [&network] { network.set(Network::whole); });
  }

  void fillDisk(Patient& patient) {
    if (!cluster_.hasDisks()) return;
    cluster_.disk(patient.index).fill(patient.node.pid());
    ail(patient, "disk full", between(300ms, 2500ms),
        [this, &patient] { cluster_.disk(patient.index).empty(patient.node.pid()); });
  }

  void restartRedis() {
    note(What::fault, "redis", "redis restart");
    cluster_.redis().end(SIGKILL);
    const auto outage =
        plan_.redis_outage > 0ms ? plan_.redis_outage : between(100ms, lease + 500ms);
    turnFor(outage);
    cluster_.redis().restart();
    note(What::healed, "redis", "redis restart");
  }

  void stopRedis() {
    note(What::fault, "redis", "redis stop");
    cluster_.redis().signal(SIGSTOP);
    turnFor(lease + between(500ms, 1500ms));
    cluster_.redis().signal(SIGCONT);
    note(What::healed, "redis", "redis stop");
  }

  /// The master dies, or stands still; half the time it dies after it went on alone for a while, so
  /// that what it took then is forgotten. Often a node has trouble with its networks at the same
  /// time, or dies.
  void failOver(Patient& patient) {
    constexpr const char* behind = "failover behind";
    constexpr const char* stopped = "stopped master";
    constexpr std::array<const char*, 4> ways = {"failover", behind, behind, stopped};
    const std::string drawn = ways[below(ways.size())];
    const std::string way = plan_.failover_way.empty() ? drawn : plan_.failover_way;
    const bool well = !patient.dead && !patient.heal;
    if (well && below(2) == 0) cutNetwork(patient);
    const std::int64_t alone_since_us = Timestamp::now().micros;
    const std::int64_t offset = cluster_.masterOffset();
    turnUntil([&] { return cluster_.replicaHas(offset); }, "the replica is behind");
    note(What::fault, "redis", way);
    if (way == behind) {
      cluster_.cutReplicaOff();
      turnFor(between(300ms, 1500ms));
    }
    if (well && below(3) == 0) endNode(patient, "kill", SIGKILL);
    if (way == stopped)
      cluster_.redis().signal(SIGSTOP);
    else
      cluster_.redis().end(SIGKILL);
    history_->add({.what = What::forgotten,
                   .node = "redis",
                   .number = static_cast<std::uint64_t>(alone_since_us)});
    turnUntil([this] { return cluster_.hasNewMaster(); }, "the Sentinel chose no new master");
    if (way == stopped) {  // for a while there are two that take writes, one of them unobserved
      turnFor(200ms);
      cluster_.formerMaster().signal(SIGCONT);
      turnFor(between(0ms, 3000ms));
      cluster_.followNewMaster();
    } else {
      cluster_.bringBackKilled();
    }
    note(What::healed, "redis", way);
    turnUntil([this] { return cluster_.replicaFollows(); },
              "the old master does not follow the new one");
  }

  void turnFor(milliseconds time) {
    const auto until = Clock::now() + time;
    while (Clock::now() < until) turnNodes();
  }

  template <class Holds>
  void turnUntil(Holds holds, const char* what) {
    const auto end = Clock::now() + 30s;
    while (!holds()) {
      if (Clock::now() > end)
        throw std::runtime_error(std::string(what) + "\n" + cluster_.replication());
      turnFor(50ms);
    }
  }

  void quieten() {
    arming_ = false;
    for (Patient& patient : patients_) {
      if (patient.heal) heal(patient);
      if (!patient.dead) patient.node.arm("", 0);
      patient.start_at = {};
    }
    clients_->stopSubmitting();
  }

  milliseconds slowestEnd() const {
    return lease + allowance + milliseconds(static_cast<int>(plan_.scan_seconds * 1000));
  }

  void settle() {
    const auto until = Clock::now() + slowestEnd() + 5s;
    while (clients_->open() > 0 && Clock::now() < until) turnNodes();
    while (openRecords(cluster_.redis()) > 0 && Clock::now() < until) turnFor(200ms);
    if (std::all_of(patients_.begin(), patients_.end(),
                    [](const Patient& patient) { return !patient.dead; }))
      cluster_.waitUntilReady();
  }

  RoundResult judge() {
    noteFindings(cluster_, *history_);
    noteRecords(cluster_.redis(), *history_);
    noteScans(cluster_.scanner(), *history_);
    result_.events = history_->events();
    if (plan_.kind == Kind::swap) noteFailedCalls();
    result_.verdict = check(result_.events, {slowestEnd(), usualFindings(result_.events)});
    return std::move(result_);
  }

  void noteFailedCalls() {
    result_.failed_calls = clients_->failedCalls();
    for (const Patient& patient : patients_)
      for (const std::string& line : patient.node.events())
        for (const char* trouble :
             {"poll_failed", "lease_renewal_failed", "lease_lost", "task_taken_over",
              "scan_retry_scheduled", "scanner_connection_failed", "queue_unreachable"})
          if (line.find("\"event\":\"" + std::string(trouble) + "\"") != std::string::npos)
            result_.failed_calls.push_back(patient.node.name() + ": " + line);
  }

  /// All tasks scan the same target, so that most reports are right and tell how long one is.
  static std::uint64_t usualFindings(const std::vector<Event>& events) {
    std::map<std::uint64_t, int> numbers;
    for (const Event& event : events)
      if (event.what == What::counted) ++numbers[event.number];
    const auto most =
        std::max_element(numbers.begin(), numbers.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == numbers.end() ? 0 : most->first;
  }

  const RoundPlan plan_;
  std::mt19937_64 random_;
  std::atomic<Clients*> seer_{nullptr};
  std::unique_ptr<History> history_;
  Cluster cluster_;
  std::unique_ptr<Clients> clients_;
  std::vector<Patient> patients_;
  std::vector<std::string> deck_;
  bool arming_ = true;
  int done_ = 0;
  std::size_t next_swap_ = 0;
  Clock::time_point next_fault_{};
  RoundResult result_;
};

}  // namespace

RoundResult runRound(const RoundPlan& plan) {
  return Round(plan).run();
}

}  // namespace scanhost::faults
