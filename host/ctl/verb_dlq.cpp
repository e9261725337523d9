// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The verbs about dead letters, which only operators may use.
///
/// A redrive of many walks the list and asks for one task after the other. The service queues each
/// at most once, and what was redriven is off the list, so one that was cut short is just run
/// again.
#include <unistd.h>

#include <functional>
#include <iostream>
#include <thread>

#include "host/base/escape.h"
#include "host/base/time.h"
#include "host/ctl/exit_code.h"
#include "host/ctl/operator_call.h"
#include "host/ctl/output.h"
#include "host/ctl/terminal.h"
#include "host/ctl/verbs.h"
#include "host/ctl/watch.h"

namespace scanhost::ctl {
namespace {

const std::vector<Column>& letterColumns() {
  static const std::vector<Column> columns = {
      {"task", "task_id"},       {"name", "name"},
      {"pool", "scanner_pool"},  {"scanner", "scanner_instance"},
      {"attempts", "attempts"},  {"class", "error_class"},
      {"failed", "failed_at"},   {"remote", "remote_ref"},
      {"error", "error_message"}};
  return columns;
}

const std::vector<Column>& redrivenColumns() {
  static const std::vector<Column> columns = {{"task", "task_id"},
                                              {"status", "status"},
                                              {"attempt", "attempt"},
                                              {"message", "message"},
                                              {"trace", "trace_id"}};
  return columns;
}

/// Gives every dead letter of the pool to `take`, newest first, until that answers false. Answers
/// how many there are in all.
Json walkLetters(
    client::Client& client, const CommonOptions& common, int page_size,
    const std::function<bool(const Json&)>& take, const std::function<void()>& end_page = [] {}) {
  Json arguments = Json::object({{"limit", page_size}});
  if (!common.pool.empty()) arguments["scanner_pool"] = common.pool;
  Json total;
  for (;;) {
    const Json page = operatorCall(client, "list_dead_letters", arguments);
    if (total.isNull()) total = page["total"];
    for (const Json& letter : page["dead_letters"].items())
      if (!take(letter)) return total;
    end_page();
    const Json& next = page["next_cursor"];
    if (next.isNull()) return total;
    if (next == arguments["cursor"])
      throw client::ProtocolError("list_dead_letters gives the same cursor for ever");
    arguments["cursor"] = next;
  }
}

/// Redrives what the filters leave, at the rate asked for.
class Redrive {
 public:
  Redrive(client::Client& client, const DlqRedriveCommand& command, const CommonOptions& common)
      : client_(client),
        command_(command),
        common_(common),
        writer_(std::cout, common.format, redrivenColumns(), terminalWidth()) {}

  int run() {
    walkLetters(
        client_, common_, largest_page, [this](const Json& letter) { return take(letter); },
        [this] { writer_.endPage(); });
    writer_.finish();
    std::cerr << redriven_ << " redriven";
    if (gone_ > 0) std::cerr << ", " << gone_ << " no longer failed";
    std::cerr << '\n';
    if (in_doubt_ > 0)
      std::cerr << in_doubt_
                << " left, whose remote scan is lost or in doubt; look on the scanner, then "
                   "--relaunch allows another\n";
    return exit_done;
  }

 private:
  bool isMeant(const Json& letter) const {
    if (!command_.error_class.empty() && letter["error_class"].asString() != command_.error_class)
      return false;
    if (!command_.older_than) return true;
    const auto failed = parseTimestamp(letter["failed_at"].asString());
    const auto age = std::chrono::duration_cast<std::chrono::microseconds>(*command_.older_than);
    return failed && failed->micros <= Timestamp::now().micros - age.count();
  }

  /// False once there are enough.
  bool take(const Json& letter) {
    if (!isMeant(letter)) return true;
    const std::string& error_class = letter["error_class"].asString();
    const bool in_doubt = error_class == "lost" || error_class == "ambiguous";
    if (in_doubt && !command_.relaunch) {
      ++in_doubt_;
      return true;
    }
    keepRate();
    redrive(letter["task_id"].asString(), in_doubt);
    return command_.limit == 0 || redriven_ < command_.limit;
  }

  void redrive(const std::string& task_id, bool relaunch) {
    try {
      writer_.add(operatorCall(client_, "redrive_task",
                               Json::object({{"task_id", task_id}, {"relaunch", relaunch}})));
      ++redriven_;
    } catch (const client::ServiceError& error) {
      // Somebody else was quicker.
      if (error.code() != "invalid_state" && error.code() != "task_not_found") throw;
      ++gone_;
    }
  }

  void keepRate() {
    if (command_.rate <= 0) return;
    std::this_thread::sleep_until(next_);
    next_ = std::chrono::steady_clock::now() +
            std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                std::chrono::duration<double>(1 / command_.rate));
  }

  client::Client& client_;
  const DlqRedriveCommand& command_;
  const CommonOptions& common_;
  RecordWriter writer_;
  std::chrono::steady_clock::time_point next_{};
  int redriven_ = 0, gone_ = 0, in_doubt_ = 0;
};

/// Asks the person at the terminal; throws UsageError where nobody can answer.
bool isConfirmed(const std::string& question) {
  if (::isatty(STDIN_FILENO) != 1)
    throw UsageError("dlq purge: nobody can be asked here; --yes purges without asking");
  std::cerr << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

std::string questionFor(client::Client& client, const DlqPurgeCommand& command,
                        const CommonOptions& common) {
  if (!command.task_id.empty())
    return "Delete the dead letter " + forTerminal(command.task_id) + " for good?";
  const Json total = walkLetters(client, common, 1, [](const Json&) { return false; });
  std::string question = "Delete ";
  question += command.older_than == "0s" ? "all " : "those of the ";
  question += total.isNull() ? std::string("dead letters") : total.dump() + " dead letters";
  if (!common.pool.empty()) question += " of the pool " + forTerminal(common.pool);
  if (command.older_than != "0s") question += " that are older than " + command.older_than;
  return question + " for good?";
}

}  // namespace

int dlqList(const DlqListCommand& command, const CommonOptions& common) {
  client::Client client = connectAsOperator(common);
  RecordWriter writer(std::cout, common.format, letterColumns(), terminalWidth());
  std::int64_t shown = 0;
  const Json total = walkLetters(
      client, common, command.all ? largest_page : command.limit,
      [&](const Json& letter) {
        writer.add(letter);
        return ++shown < command.limit || command.all;
      },
      [&] { writer.endPage(); });
  writer.finish();
  if (common.format == Format::table && shown == 0) std::cerr << "no dead letters\n";
  if (total.isInteger() && total.asInteger() > shown)
    std::cerr << shown << " of " << total.asInteger()
              << " dead letters; the rest with --limit or --all\n";
  return exit_done;
}

int dlqShow(const DlqShowCommand& command, const CommonOptions& common) {
  client::Client client = connectAsOperator(common);
  const Json status = client.get_status(command.task_id).json;
  writeStatus(status, common.format);
  if (!status["dead_letter"].asBool())
    std::cerr << "this is no dead letter; the task is " << forTerminal(status["status"].asString())
              << '\n';
  return exit_done;
}

int dlqRedrive(const DlqRedriveCommand& command, const CommonOptions& common) {
  client::Client client = connectAsOperator(common);
  if (command.task_id.empty()) return Redrive(client, command, common).run();
  writeRecord(
      std::cout, common.format, redrivenColumns(),
      operatorCall(client, "redrive_task",
                   Json::object({{"task_id", command.task_id}, {"relaunch", command.relaunch}})));
  return exit_done;
}

int dlqPurge(const DlqPurgeCommand& command, const CommonOptions& common) {
  client::Client client = connectAsOperator(common);
  if (!command.yes && !isConfirmed(questionFor(client, command, common))) {
    std::cerr << "nothing was deleted\n";
    return exit_refused;
  }
  Json arguments = Json::object({{"older_than", command.older_than}, {"confirm", true}});
  if (!common.pool.empty()) arguments["scanner_pool"] = common.pool;
  if (!command.task_id.empty()) arguments["task_id"] = command.task_id;
  std::int64_t purged = 0;
  for (bool complete = false; !complete;) {
    const Json answer = operatorCall(client, "purge_dead_letters", arguments);
    purged += answer["purged"].asInteger();
    complete = answer["complete"].asBool(true);
  }
  writeRecord(std::cout, common.format, {{"purged", "purged"}}, Json::object({{"purged", purged}}));
  return exit_done;
}

}  // namespace scanhost::ctl
