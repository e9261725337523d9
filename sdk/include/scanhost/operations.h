// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The host's operations, listed and invoked over scanhost.host.operations/1.
#ifndef SCANHOST_OPERATIONS_H
#define SCANHOST_OPERATIONS_H

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abi/draft/operations.h"
#include "host.h"
#include "text.h"

namespace scanhost {
inline namespace v1 {

/// One operation as the host describes it; the schemas are JSON texts.
struct OperationInfo {
  std::string name, title, description, input_schema, output_schema;
  uint32_t flags = 0;  ///< SCANHOST_OPERATION_*

  bool has(uint32_t flag) const noexcept { return (flags & flag) != 0; }
};

/// How an invocation ended.
struct InvocationResult {
  std::optional<std::string> refused;  ///< the reason, when there is no such operation
  std::string text;
  std::string structured;  ///< one JSON object
  bool is_error = false;
};

struct InvocationHandlers {
  /// done, total (0 unknown), message; any thread, never two at once
  std::function<void(double, double, std::string_view)> progress = {};
  /// exactly once, perhaps before invoke() returns
  std::function<void(InvocationResult)> done = {};
};

class OperationsClient {
 public:
  explicit OperationsClient(const Host& host)
      : host_(host.abi()),
        operations_(&host.service<scanhost_operations>(SCANHOST_OPERATIONS_ID,
                                                       SCANHOST_OPERATIONS_REVISION)) {}

  /// What this caller may use, in a stable order.
  std::vector<OperationInfo> list(const scanhost_caller& caller) const {
    std::vector<OperationInfo> out;
    const scanhost_operation_sink sink{sizeof(scanhost_operation_sink), 0, &out,
                                       &OperationsClient::append};
    detail::throwUnlessOk(operations_->list(host_, &caller, &sink));
    return out;
  }

  /// Begins an operation and answers a handle for cancel().
  uint64_t invoke(std::string_view name, std::string_view arguments, const scanhost_caller& caller,
                  const scanhost_trace& trace, int64_t deadline_ns,
                  InvocationHandlers handlers) const {
    auto owned = std::make_unique<InvocationHandlers>(std::move(handlers));
    const scanhost_invocation invocation{
        sizeof(scanhost_invocation),
        0,
        toText(name),
        toText(arguments),
        &caller,
        trace,
        deadline_ns,
        {sizeof(scanhost_reply), 0, owned.release(), &OperationsClient::progress,
         &OperationsClient::result, &OperationsClient::refused}};
    uint64_t handle = 0;
    operations_->invoke(host_, &invocation, &handle);
    return handle;
  }

  /// The caller no longer waits; `done` still comes.
  void cancel(uint64_t handle) const { operations_->cancel(host_, handle); }

 private:
  static scanhost_status append(void* context, const scanhost_operation* operation) noexcept {
    try {
      static_cast<std::vector<OperationInfo>*>(context)->push_back(
          {toString(operation->name), toString(operation->title), toString(operation->description),
           toString(operation->input_schema), toString(operation->output_schema), operation->flags});
      return SCANHOST_OK;
    } catch (...) {
      return SCANHOST_ERROR_INTERNAL;
    }
  }
  static void progress(void* context, double done, double total, scanhost_text message) noexcept {
    const auto& handlers = *static_cast<InvocationHandlers*>(context);
    try {
      if (handlers.progress) handlers.progress(done, total, toView(message));
    } catch (...) {
      // Progress is a courtesy: what goes wrong in telling it must not end the operation.
    }
  }
  static void finish(void* context, InvocationResult result) noexcept {
    const std::unique_ptr<InvocationHandlers> owned(static_cast<InvocationHandlers*>(context));
    try {
      if (owned->done) owned->done(std::move(result));
    } catch (...) {
      // `done` is the plugin's own code; nobody waits for it any more.
    }
  }
  static void result(void* context, scanhost_text text, scanhost_text structured,
                     int32_t is_error) noexcept {
    finish(context, {std::nullopt, toString(text), toString(structured), is_error != 0});
  }
  static void refused(void* context, scanhost_text reason, scanhost_text message) noexcept {
    finish(context, {toString(reason), toString(message), {}, true});
  }

  const scanhost_host* host_;
  const scanhost_operations* operations_;
};

}  // namespace v1
}  // namespace scanhost

#endif
