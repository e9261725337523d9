// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// All that a node offers, listed, requested and watched over scanhost.host.operations/1.
#ifndef SCANHOST_HOST_OPERATIONS_H
#define SCANHOST_HOST_OPERATIONS_H

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abi/host_operations.h"
#include "host.h"
#include "operations.h"

namespace scanhost {
inline namespace v1 {

/// How an operation ended, for a transport that knows results alone.
struct InvocationResult {
  std::optional<std::string> refused;  ///< the reason, when it was not run
  std::string text;                    ///< its text contents, or why it was refused
  std::string structured;              ///< one JSON value, or empty
  bool is_error = false;
};

struct InvocationHandlers {
  /// done, total (0 unknown), message; any thread, never two at once
  std::function<void(double, double, std::string_view)> progress = {};
  /// exactly once, perhaps before invoke() returns
  std::function<void(InvocationResult)> done = {};
};

/// Holds a watch; ends it when destroyed, which must not happen within its own callback.
class OperationsWatch {
 public:
  /// kind (SCANHOST_CHANGED_*), and the address or handle as it was given; any thread, quick.
  using Changed = std::function<void(uint32_t, std::string_view)>;

  OperationsWatch() = default;
  OperationsWatch(OperationsWatch&& other) noexcept { swap(other); }
  OperationsWatch& operator=(OperationsWatch&& other) noexcept {
    swap(other);
    return *this;
  }
  ~OperationsWatch() {
    if (handle_) operations_->unwatch(host_, handle_);
  }
  explicit operator bool() const noexcept { return handle_ != nullptr; }

 private:
  friend class OperationsClient;
  void swap(OperationsWatch& other) noexcept {
    std::swap(host_, other.host_);
    std::swap(operations_, other.operations_);
    std::swap(handle_, other.handle_);
    std::swap(changed_, other.changed_);
  }

  const scanhost_host* host_ = nullptr;
  const scanhost_host_operations* operations_ = nullptr;
  void* handle_ = nullptr;
  std::unique_ptr<Changed> changed_;
};

class OperationsClient {
 public:
  explicit OperationsClient(const Host& host)
      : host_(host.abi()),
        operations_(&host.service<scanhost_host_operations>(SCANHOST_HOST_OPERATIONS_ID,
                                                            SCANHOST_HOST_OPERATIONS_REVISION)) {}

  /// One page of what this caller may use, in a stable order. Nothing for a cursor that is none.
  std::optional<ListedPage> page(ListKind what, const scanhost_caller& caller,
                                 std::string_view cursor = {}) const {
    ListedPage page;
    detail::PageGatherer gathered(page);
    const scanhost_status status = operations_->list(host_, static_cast<int32_t>(what), &caller,
                                                     toText(cursor), gathered.sink());
    if (status == SCANHOST_ERROR_UNSUPPORTED) return std::nullopt;
    detail::throwUnlessOk(status);
    return page;
  }

  /// All of them, over all pages.
  std::vector<OperationInfo> list(const scanhost_caller& caller) const {
    std::vector<OperationInfo> all;
    std::string cursor;
    for (auto next = page(ListKind::operations, caller);;
         next = page(ListKind::operations, caller, cursor)) {
      if (!next) return all;
      for (OperationInfo& operation : next->operations) all.push_back(std::move(operation));
      if (!next->next) return all;
      cursor = *next->next;
    }
  }

  /// Begins what is asked, and answers a handle for cancel(). `sink` hears all of it and is then
  /// gone, perhaps before this returns.
  uint64_t request(const OperationRequest& request, const scanhost_trace& trace,
                   int64_t deadline_ns, std::unique_ptr<ReplySink> sink) const {
    const scanhost_request abi = detail::toAbi(request);
    const scanhost_invocation invocation{
        sizeof(scanhost_invocation),           0, &abi, trace, deadline_ns,
        detail::LentReply::of(std::move(sink))};
    uint64_t handle = 0;
    operations_->request(host_, &invocation, &handle);
    return handle;
  }

  /// Runs an operation for a client that can be asked nothing, and answers a handle for cancel().
  uint64_t invoke(std::string_view name, std::string_view arguments, const scanhost_caller& caller,
                  const scanhost_trace& trace, int64_t deadline_ns,
                  InvocationHandlers handlers) const {
    OperationRequest asked;
    asked.name = name;
    asked.arguments = arguments;
    asked.caller = &caller;
    return request(asked, trace, deadline_ns, std::make_unique<Gathered>(std::move(handlers)));
  }

  /// The caller no longer waits; the reply still ends.
  void cancel(uint64_t handle) const { operations_->cancel(host_, handle); }

  /// Nothing when the node has no room for another watch, or one is named that this caller may not
  /// see.
  std::optional<OperationsWatch> watch(const scanhost_caller& caller, uint32_t kinds,
                                       const std::vector<std::string>& resources,
                                       const std::vector<std::string>& tasks,
                                       OperationsWatch::Changed changed) const {
    OperationsWatch watch;
    watch.host_ = host_;
    watch.operations_ = operations_;
    watch.changed_ = std::make_unique<OperationsWatch::Changed>(std::move(changed));
    const LentTexts lent_resources(resources), lent_tasks(tasks);
    const scanhost_watch abi{sizeof(scanhost_watch),
                             kinds,
                             &caller,
                             lent_resources,
                             lent_tasks,
                             watch.changed_.get(),
                             [](void* user, uint32_t kind, scanhost_text name) {
                               (*static_cast<OperationsWatch::Changed*>(user))(kind, toView(name));
                             }};
    if (operations_->watch(host_, &abi, &watch.handle_) != SCANHOST_OK) return std::nullopt;
    return watch;
  }

  /// For plugins that offer operations: one of SCANHOST_CHANGED_*, and the address or handle.
  void changed(uint32_t kind, std::string_view name = {}) const {
    operations_->changed(host_, kind, toText(name));
  }

 private:
  /// Gathers a reply into an InvocationResult.
  class Gathered final : public ReplySink {
   public:
    explicit Gathered(InvocationHandlers handlers) : handlers_(std::move(handlers)) {}

    void progress(double done, double total, std::string_view message) override {
      if (handlers_.progress) handlers_.progress(done, total, message);
    }
    void log(int32_t, std::string_view, std::string_view) override {}
    bool content(const ContentHead& head, std::string_view piece, bool) override {
      if (head.kind == ContentKind::text) text_ += piece;
      return true;
    }
    void result(std::string_view structured, bool is_error) override {
      finish({std::nullopt, text_.empty() ? std::string(structured) : std::move(text_),
              std::string(structured), is_error});
    }
    void ask(std::string_view, std::string_view) override {
      refused("missing_capability", "the operation asks, and this client cannot answer", {});
    }
    void task(const TaskInfo&) override {
      refused("internal", "the operation made a task, which was not allowed", {});
    }
    void completion(const std::vector<std::string>&, int64_t, bool) override {
      refused("internal", "the operation answered with a completion", {});
    }
    void refused(std::string_view reason, std::string_view message, std::string_view) override {
      finish({std::string(reason), std::string(message), {}, true});
    }

   private:
    void finish(InvocationResult result) {
      if (handlers_.done) handlers_.done(std::move(result));
    }
    InvocationHandlers handlers_;
    std::string text_;
  };

  const scanhost_host* host_;
  const scanhost_host_operations* operations_;
};

}  // namespace v1
}  // namespace scanhost

#endif
