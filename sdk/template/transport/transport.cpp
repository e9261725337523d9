// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@
#include "transport.h"

#include <scanhost/json.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

using namespace scanhost;

namespace {

void send(HttpResponse& response, int code, const Json& body) {
  response.send(code, {{"Content-Type", "application/json"}}, body.dump());
}

void sendError(HttpResponse& response, int code, const std::string& message) {
  send(response, code, Json::object({{"error", message}}));
}

/// Where the thread of a request waits for an operation that may end on any other. Shared with the
/// operation, which may outlive the wait.
class Ending {
 public:
  void set(InvocationResult result) {
    const std::lock_guard<std::mutex> lock(mutex_);
    result_ = std::move(result);
    ended_.notify_all();
  }
  /// Nothing when the client went away first, or the node stops.
  std::optional<InvocationResult> wait(const Call& call) {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!result_ && !call.cancelled()) ended_.wait_for(lock, std::chrono::milliseconds(100));
    return result_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  std::optional<InvocationResult> result_;
};

}  // namespace

@CLASS@::@CLASS@(const Settings& settings)
    : host_(settings.host()),
      base_(settings["path"].asString() + "/operations"),
      operations_(host_) {}

void @CLASS@::start(Call& call) {
  draining_ = false;
  routes_.emplace_back(
      host_, call, std::vector<std::string>{"GET"}, base_, SCANHOST_ROUTE_CHECK_ORIGIN,
      [this](HttpRequest& request, HttpResponse& response) { list(request, response); });
  routes_.emplace_back(
      host_, call, std::vector<std::string>{"POST"}, base_ + "/*", SCANHOST_ROUTE_CHECK_ORIGIN,
      [this](HttpRequest& request, HttpResponse& response) { invoke(request, response); });
}

void @CLASS@::drain(Call&) {
  draining_ = true;
}

void @CLASS@::stop(Call&) {
  routes_.clear();  // returns when no handler runs any more
}

void @CLASS@::list(HttpRequest& request, HttpResponse& response) const {
  Json names = Json::array();
  for (const OperationInfo& operation : operations_.list(request.caller()))
    names.push(Json::object({{"name", operation.name}, {"description", operation.description}}));
  send(response, 200, Json::object({{"operations", std::move(names)}}));
}

void @CLASS@::invoke(HttpRequest& request, HttpResponse& response) const {
  if (draining_) return sendError(response, 503, "the node is about to stop");
  const auto body = request.readBody();
  if (!body) return;  // the host has answered
  const Call call = request.call();
  const auto ending = std::make_shared<Ending>();
  InvocationHandlers handlers;
  handlers.done = [ending](InvocationResult result) { ending->set(std::move(result)); };
  const std::uint64_t handle =
      operations_.invoke(request.path().substr(base_.size() + 1), *body, request.caller(),
                         call.trace(), call.abi()->deadline_ns, std::move(handlers));
  const auto result = ending->wait(call);
  if (!result) return operations_.cancel(handle);
  if (result->refused) return sendError(response, 404, *result->refused + ": " + result->text);
  response.send(result->is_error ? 422 : 200, {{"Content-Type", "application/json"}},
                result->structured);
}
