// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/webhook/courier.h"

#include <scanhost/error.h>

namespace scanhost::webhook {
namespace {

using Result = Attempt::Result;

Result judge(int status) {
  if (status >= 200 && status < 300) return Result::delivered;
  if (status == 410) return Result::gone;
  const bool may_pass = status == 408 || status == 425 || status == 429;
  return status >= 400 && status < 500 && !may_pass ? Result::refused : Result::failed;
}

}  // namespace

Attempt Courier::bring(const Notice& notice, Call& call) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  const http_client::PostTarget::Headers headers = {
      {"User-Agent", "scanhost"},
      {"webhook-id", notice.id},
      {"webhook-timestamp", std::to_string(seconds)},
      {"webhook-signature", key_.sign(notice.id, seconds, notice.body)}};
  try {
    const http_client::Answer answer = client_.post(notice.body, headers, call);
    std::string why = receiver() + " answers " + std::to_string(answer.status);
    if (answer.status >= 300 && answer.status < 400) why += ", and redirects are not followed";
    return {judge(answer.status), std::move(why),
            answer.retry_after.value_or(std::chrono::seconds(0))};
  } catch (const std::exception& error) {  // unreachable, broken off, not trusted
    return {Result::failed, error.what(), {}};
  }
}

}  // namespace scanhost::webhook
