// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/services/running_requests.h"

namespace scanhost {
namespace {

constexpr std::chrono::milliseconds look_interval{250};

}  // namespace

RunningRequests::Entry::Entry(RunningRequests& list, const http::Request& request)
    : list_(list), request_(&request), cancel_(list.takeSource()) {
  const std::lock_guard lock(list_.mutex_);
  if (list_.stopping_) cancel_->cancel();
  list_.running_.emplace(request_, cancel_);
}

RunningRequests::Entry::~Entry() {
  const std::lock_guard lock(list_.mutex_);
  list_.running_.erase(request_);
  if (cancel_.use_count() == 1 && !cancel_->cancelled())
    list_.unused_.push_back(std::move(cancel_));
}

std::shared_ptr<CancelSource> RunningRequests::takeSource() {
  {
    const std::lock_guard lock(mutex_);
    if (!unused_.empty()) {
      auto source = std::move(unused_.back());
      unused_.pop_back();
      return source;
    }
  }
  return std::make_shared<CancelSource>();
}

void RunningRequests::cancelAbandoned() {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (now < next_look_) return;
  next_look_ = now + look_interval;
  for (const auto& [request, cancel] : running_)
    if (!cancel->cancelled() && request->isPeerGone()) cancel->cancel();
}

void RunningRequests::cancelAll() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  for (const auto& [request, cancel] : running_) cancel->cancel();
}

}  // namespace scanhost
