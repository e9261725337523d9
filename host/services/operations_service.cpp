// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/services/operations_service.h"

#include <scanhost/text.h>

#include <algorithm>
#include <exception>

#include "host/abi/plugin_host.h"
#include "host/base/random.h"
#include "host/services/caller_abi.h"

namespace scanhost {
namespace {

/// Tells the page, until the sink wants no more.
scanhost_status tell(const ListedPage& page, const scanhost_listing_sink* sink) {
  ListPage told(sink);
  const auto tell_all = [&](const auto& items) {
    return std::all_of(items.begin(), items.end(),
                       [&](const auto& item) { return told.add(item); });
  };
  if (!tell_all(page.operations) || !tell_all(page.resources) || !tell_all(page.prompts))
    return SCANHOST_ERROR_CANCELLED;
  if (page.next) told.next(*page.next);
  return SCANHOST_OK;
}

}  // namespace

OperationsService::OperationsService(Catalogue& catalogue) {
  table_.base = {sizeof(scanhost_host_operations), SCANHOST_HOST_OPERATIONS_REVISION};
  table_.list = &OperationsService::list;
  table_.request = &OperationsService::request;
  table_.cancel = &OperationsService::cancel;
  table_.watch = &OperationsService::watch;
  table_.unwatch = &OperationsService::unwatch;
  table_.changed = &OperationsService::changed;
  table_.catalogue = &catalogue;
}

void OperationsService::registerIn(ServiceRegistry& services) {
  services.add(SCANHOST_HOST_OPERATIONS_ID, &table_.base);
}

Catalogue& OperationsService::of(const scanhost_host* host) {
  return *PluginHost::service<Table>(host, SCANHOST_HOST_OPERATIONS_ID)->catalogue;
}

scanhost_status OperationsService::list(const scanhost_host* host, int32_t what,
                                        const scanhost_caller* caller, scanhost_text cursor,
                                        const scanhost_listing_sink* sink) {
  try {
    if (what < SCANHOST_LIST_OPERATIONS || what > SCANHOST_LIST_PROMPTS)
      return SCANHOST_ERROR_UNSUPPORTED;
    const auto page =
        of(host).list(static_cast<ListKind>(what), ownCaller(*caller), toView(cursor));
    if (!page) return static_cast<scanhost_status>(page.error().error_class);
    return tell(*page, sink);
  } catch (const std::exception&) {
    return SCANHOST_ERROR_INTERNAL;
  }
}

void OperationsService::request(const scanhost_host* host, const scanhost_invocation* invocation,
                                uint64_t* handle) {
  const OperationRequest request = OperationProvider::fromAbi(*invocation->request);
  auto sink = std::make_unique<detail::AbiReply>(invocation->reply);
  if (invocation->request->kind < SCANHOST_REQUEST_OPERATION ||
      invocation->request->kind > SCANHOST_REQUEST_TASK_CANCEL) {
    sink->refused("unsupported", "this host does not know that kind of request", {});
    return;
  }
  *handle = of(host).request(request, ownCaller(*request.caller),
                             TraceContext::fromAbi(invocation->trace), invocation->deadline_ns,
                             std::move(sink));
}

void OperationsService::cancel(const scanhost_host* host, uint64_t handle) {
  of(host).cancel(handle);
}

scanhost_status OperationsService::watch(const scanhost_host* host, const scanhost_watch* watch,
                                         void** handle) {
  try {
    const std::uint64_t id = of(host).watch(
        watch->kinds, toStrings(watch->resources), toStrings(watch->tasks),
        ownCaller(*watch->caller),
        [user = watch->user, changed = watch->changed](std::uint32_t kind, std::string_view name) {
          changed(user, kind, toText(name));
        });
    if (id == 0) return SCANHOST_ERROR_UNSUPPORTED;
    *handle = reinterpret_cast<void*>(static_cast<std::uintptr_t>(id));
    return SCANHOST_OK;
  } catch (const std::exception&) {
    return SCANHOST_ERROR_INTERNAL;
  }
}

void OperationsService::unwatch(const scanhost_host* host, void* handle) {
  of(host).unwatch(reinterpret_cast<std::uintptr_t>(handle));
}

void OperationsService::changed(const scanhost_host* host, uint32_t kind, scanhost_text name) {
  of(host).changed(PluginHost::of(host).plugin(), kind, toView(name));
}

}  // namespace scanhost
