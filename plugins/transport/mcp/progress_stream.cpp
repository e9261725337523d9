// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/progress_stream.h"

#include "plugins/transport/mcp/reply.h"

namespace scanhost::mcp {

void ProgressStream::progress(double done, double total, std::string_view message) {
  const bool increases = done > last_;
  if (!increases) return;
  last_ = done;
  Json params = Json::object({{"progressToken", token_}, {"progress", done}});
  if (total > 0) params["total"] = total;
  if (!message.empty()) params["message"] = message;
  stream_.write(eventOf(notificationBody("notifications/progress", params)));
}

void ProgressStream::finish(std::string_view body) {
  stream_.write(eventOf(body));
  stream_.close();
}

}  // namespace scanhost::mcp
