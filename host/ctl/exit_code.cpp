// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/exit_code.h"

#include <scanhost/client/errors.h>

#include <stdexcept>

#include "host/base/escape.h"

namespace scanhost::ctl {
namespace {

/// By the status in the error's body: a 403 is a 403, whether HTTP says it or the service; what
/// passes by itself (503, 504) is for scripts the same as a service that cannot be reached.
int exitCodeOf(const client::ServiceError& error) {
  switch (error.status_code()) {
    case 401:
    case 403: return exit_no_access;
    case 503:
    case 504: return exit_unreachable;
    default: return exit_refused;
  }
}

std::string describe(const client::ServiceError& error) {
  std::string text = forTerminal(error.what()) + " [" + forTerminal(error.code()) + "]";
  if (!error.hint().empty()) text += "\nhint: " + forTerminal(error.hint());
  if (const auto wait = error.retry_after_s())
    text += "\nhint: try again in " + std::to_string(wait->count()) + " seconds";
  if (!error.trace_id().empty()) text += "\ntrace: " + forTerminal(error.trace_id());
  return text;
}

}  // namespace

Outcome outcomeOf(const std::exception& error) {
  if (const auto* refused = dynamic_cast<const client::ServiceError*>(&error))
    return {exitCodeOf(*refused), describe(*refused)};
  const std::string text = forTerminal(error.what());
  if (dynamic_cast<const client::AccessError*>(&error)) return {exit_no_access, text};
  if (dynamic_cast<const client::UnreachableError*>(&error) ||
      dynamic_cast<const client::TimeoutError*>(&error))
    return {exit_unreachable, text};
  if (dynamic_cast<const UsageError*>(&error) || dynamic_cast<const std::invalid_argument*>(&error))
    return {exit_usage, text};
  return {exit_refused, text};
}

}  // namespace scanhost::ctl
