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

/// The trace a transport passes on, or a new one.
TraceContext traceOf(const scanhost_trace& trace) {
  std::array<std::uint8_t, 16> bytes{};
  std::copy(std::begin(trace.trace_id), std::end(trace.trace_id), bytes.begin());
  std::string hex = toHex(bytes);
  for (const std::size_t at : {8u, 13u, 18u, 23u}) hex.insert(at, 1, '-');
  return TraceContext::fromUuid(hex).value_or(TraceContext::random());
}

void refuse(const scanhost_reply& reply, std::string_view reason, std::string_view message) {
  reply.refused(reply.context, toText(reason), toText(message));
}

}  // namespace

OperationsService::OperationsService(const Operations& operations) : operations_(operations) {
  table_.base = {sizeof(scanhost_operations), SCANHOST_OPERATIONS_REVISION};
  table_.list = &OperationsService::list;
  table_.invoke = &OperationsService::invoke;
  table_.cancel = &OperationsService::cancel;
  table_.owner = this;
}

void OperationsService::registerIn(ServiceRegistry& services) {
  services.add(SCANHOST_OPERATIONS_ID, &table_.base);
}

scanhost_status OperationsService::list(const scanhost_host* host, const scanhost_caller* caller,
                                        const scanhost_operation_sink* sink) {
  const auto& owner = *PluginHost::service<Table>(host, SCANHOST_OPERATIONS_ID)->owner;
  try {
    for (const Operation* operation : owner.operations_.list(ownCaller(*caller))) {
      const std::string input = operation->input_schema.dump();
      const std::string output = operation->output_schema.dump();
      const scanhost_operation abi{sizeof(scanhost_operation),
                                   operation->flags,
                                   toText(operation->name),
                                   toText(operation->title),
                                   toText(operation->description),
                                   toText(input),
                                   toText(output)};
      if (const scanhost_status told = sink->operation(sink->context, &abi); told != SCANHOST_OK)
        return told;
    }
    return SCANHOST_OK;
  } catch (const std::exception&) {
    return SCANHOST_ERROR_INTERNAL;
  }
}

void OperationsService::invoke(const scanhost_host* host, const scanhost_invocation* invocation,
                               uint64_t* handle) {
  auto& owner = *PluginHost::service<Table>(host, SCANHOST_OPERATIONS_ID)->owner;
  const scanhost_reply reply = invocation->reply;
  *handle = ++owner.last_handle_;
  try {
    const std::string_view text = toView(invocation->arguments);
    std::string why;
    const auto arguments = Json::tryParse(text.empty() ? "{}" : text, {}, &why);
    if (!arguments) return refuse(reply, "invalid_arguments", why);
    const Caller caller = ownCaller(*invocation->caller);
    const OperationContext context{caller, traceOf(invocation->trace), invocation->deadline_ns,
                                   [&reply](double done, double total, std::string_view message) {
                                     reply.progress(reply.context, done, total, toText(message));
                                   }};
    const auto outcome = owner.operations_.invoke(toView(invocation->name), *arguments, context);
    if (!outcome) return refuse(reply, "unknown_operation", "there is no such operation");
    const std::string structured = outcome->structured.dump();
    reply.result(reply.context, toText(outcome->text), toText(structured),
                 outcome->is_error ? 1 : 0);
  } catch (const std::exception& error) {
    refuse(reply, "internal", error.what());
  }
}

void OperationsService::cancel(const scanhost_host*, uint64_t) {
  // Operations end on the invoking thread before their handle is known to anyone else.
}

}  // namespace scanhost
