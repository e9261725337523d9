// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One request to the node's operations on behalf of a client's request, from its start to its
/// answer: progress and log on the way, questions to the client and the request repeated with the
/// answers, then the result as the revision has it.
#pragma once

#include <scanhost/host_operations.h>

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "plugins/transport/mcp/content.h"
#include "plugins/transport/mcp/exchange.h"

namespace scanhost::mcp {

/// What the client's request was, which decides how the answer looks.
enum class AnswerForm {
  tool,
  resource,
  prompt,
  completion,
  task,             ///< how a task is
  acknowledgement,  ///< that an update or a cancel of a task was taken
  cancelled_task,   ///< how a task is after its cancel; looked at first, for what has ended cannot
                    ///< be
};

class OperationCall : public std::enable_shared_from_this<OperationCall> {
 public:
  struct Asked {
    RequestKind kind;
    AnswerForm form;
    std::string name;
    std::string arguments = {};
    std::string answers = {};
    std::string state = {};
    bool task_allowed = false;
    bool task_wanted = false;
    std::int64_t task_ttl_ms = -1;
  };

  OperationCall(const OperationsClient& operations, bool errors_as_results, Exchange exchange,
                Asked asked)
      : operations_(operations),
        errors_as_results_(errors_as_results),
        exchange_(std::move(exchange)),
        asked_(std::move(asked)) {}

  /// Begins it; the answer goes to the exchange's outlet.
  void start();

 private:
  class Sink;
  class Questions;

  void request();
  void cancel();
  void end();

  void progress(double done, double total, std::string_view message);
  void log(std::int32_t level, std::string_view logger, std::string_view data);
  void result(const ContentList& contents, std::string_view structured, bool is_error);
  void ask(std::string_view requests, std::string_view state);
  void task(const ContentList& contents, const TaskInfo& task);
  void completion(const std::vector<std::string>& values, std::int64_t total, bool has_more);
  void refused(std::string_view reason, std::string_view message, std::string_view data);
  void askClient(const Json& requests, std::string_view state);
  RpcError errorFor(std::string_view reason, const std::string& message, Json data) const;

  const OperationsClient operations_;  ///< its own: a reply may end after the transport has
  const bool errors_as_results_;
  const Exchange exchange_;
  Asked asked_;
  std::atomic<std::uint64_t> handle_{0};
  std::atomic<bool> cancelled_{false};
  double last_progress_ = -std::numeric_limits<double>::infinity();
};

/// The result of a tool: contents, or the structured value as text where there are none.
std::string toolMembers(const ContentList& contents, std::string_view structured, bool is_error,
                        Revision revision);
/// What of a task clients are told, in the form of the extension or of 2025-11-25.
std::string taskMembers(const TaskInfo& task, Revision revision);
/// The same with open questions, result or error, as the extension tells them.
std::string detailedTaskMembers(const ContentList& contents, const TaskInfo& task,
                                Revision revision);

}  // namespace scanhost::mcp
