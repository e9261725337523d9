// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// All that a node offers to clients, whoever provides it, as one list; and the door that every
/// request passes.
///
/// What a client is given to hand back later (states of questions, cursors, handles of tasks) is
/// sealed here and opened here, bound to the caller: a provider sees its own words again or the
/// request is refused. What a client cannot be asked, no provider can ask.
///
/// Providers are added while the node starts; after that any thread may list and request.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/keyring.h"
#include "host/operations/change_hub.h"
#include "host/operations/provider.h"
#include "host/telemetry/spans.h"

namespace scanhost {

class Catalogue {
 public:
  static constexpr std::size_t max_watches = 50'000;

  Catalogue();
  ~Catalogue();
  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

  /// Borrowed; set before anything is requested.
  void use(const Keyring& keys) { keys_ = &keys; }
  /// Borrowed; takes a span for each operation that is called. Set before anything is requested.
  void traceWith(SpanLog& spans) { spans_ = &spans; }
  /// Called for each operation that was asked for and is none, or none for this caller, with the
  /// first 64 bytes of what it was called. Set before anything is requested.
  using Unknown = std::function<void(std::string_view operation, const std::string& caller,
                                     const TraceContext& trace)>;
  void tellUnknown(Unknown tell) { tell_unknown_ = std::move(tell); }
  /// Borrowed. Config, when it offers an operation whose name is taken.
  Status add(Provider& provider);

  /// One page. Unsupported for a cursor that this caller was not given.
  Result<ListedPage> list(ListKind what, const Caller& caller, std::string_view cursor) const;

  /// Begins what is asked; answers a handle for cancel().
  std::uint64_t request(const OperationRequest& request, const Caller& caller, TraceContext trace,
                        std::int64_t deadline_ns, std::unique_ptr<ReplySink> sink);
  void cancel(std::uint64_t handle);

  /// 0 when there are too many watches, or one is named that the caller may not see.
  std::uint64_t watch(std::uint32_t kinds, const std::vector<std::string>& resources,
                      const std::vector<std::string>& tasks, const Caller& caller,
                      ChangeHub::Changed changed);
  void unwatch(std::uint64_t id) { changes_.remove(id); }
  /// `provider` names the one whose task it is.
  void changed(std::string_view provider, std::uint32_t kind, std::string_view name);
  /// Any resource and task may have changed.
  void changedAnyResource() { changes_.tellAllResources(); }

 private:
  class Checked;
  class NextProvider;
  struct Asked;
  using Providers = std::vector<Provider*>;
  struct Offer {
    Provider* provider = nullptr;  ///< null: there is no such operation
    std::uint32_t flags = 0;       ///< SCANHOST_OPERATION_*
  };

  Providers providers() const;
  Offer offerOf(const std::string& operation);
  Span beginSpan(const OperationRequest& request, const Offer& offer, const Caller& caller,
                 TraceContext& trace) const;
  void learnOperations();
  void ask(const ProviderCall& call, std::unique_ptr<ReplySink> sink);
  void askTask(const ProviderCall& call, std::unique_ptr<ReplySink> sink);
  struct TaskHandle {
    Provider* provider;
    std::string handle;
  };
  std::optional<TaskHandle> openHandle(std::string_view sealed, const Caller& caller) const;
  void forget(std::uint64_t handle);

  const Keyring* keys_ = nullptr;
  SpanLog* spans_ = nullptr;
  Unknown tell_unknown_ = [](std::string_view, const std::string&, const TraceContext&) {};
  ChangeHub changes_{max_watches};

  mutable std::mutex mutex_;
  Providers providers_;
  std::map<std::string, Offer, std::less<>> by_operation_;

  std::mutex running_mutex_;
  std::map<std::uint64_t, std::shared_ptr<CancelSource>> running_;
  std::atomic<std::uint64_t> last_handle_{0};
};

}  // namespace scanhost
