// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@
#include "exporter.h"

#include <fcntl.h>
#include <scanhost/json.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace {

int levelOf(const std::string& name) {
  if (name == "debug") return SCANHOST_LEVEL_DEBUG;
  if (name == "info") return SCANHOST_LEVEL_INFO;
  if (name == "error") return SCANHOST_LEVEL_ERROR;
  return SCANHOST_LEVEL_WARNING;
}

/// The trouble is the disk's and not the events': the host offers the same batch again.
[[noreturn]] void fail(const std::string& file, const char* what) {
  throw scanhost::PluginError(scanhost::ErrorClass::transient,
                              file + " cannot be " + what + ": " + std::strerror(errno),
                              scanhost::ErrorSubject::backend);
}

}  // namespace

@CLASS@::@CLASS@(const scanhost::Settings& settings)
    : path_(settings["path"].asString()),
      file_(settings.dataDir() + "/events.jsonl"),
      level_(levelOf(settings["level"].asString())) {}

@CLASS@::~@CLASS@() {
  if (fd_ >= 0) close(fd_);
}

void @CLASS@::start(scanhost::Call&) {
  fd_ = open(file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  if (fd_ < 0) fail(file_, "opened");
}

void @CLASS@::events(const scanhost::EventBatch& batch, scanhost::Call&) {
  std::string lines;
  for (const scanhost_logged_event& event : batch)
    if (event.level >= level_) lines.append(scanhost::toView(event.line)) += '\n';
  // What was half written stands there again with the batch: at least once, never lost.
  for (std::size_t at = 0; at < lines.size();) {
    const ssize_t written = write(fd_, lines.data() + at, lines.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(file_, "written");
    at += static_cast<std::size_t>(written);
  }
}

scanhost::RenderedMetrics @CLASS@::render(const scanhost_metric_snapshot& snapshot,
                                          std::string_view, scanhost::Call&) const {
  using scanhost::Json;
  Json all = Json::object();
  for (const scanhost_metric_family& family : scanhost::familiesOf(snapshot)) {
    Json& values = all[scanhost::toView(family.name)] = Json::array();
    for (const scanhost_metric& metric : scanhost::metricsOf(family)) {
      Json labels = Json::object();
      for (const auto& [name, value] : scanhost::toPairs(metric.labels)) labels[name] = value;
      Json one = Json::object({{"labels", std::move(labels)}});
      if (family.type == SCANHOST_METRIC_HISTOGRAM) {
        one["count"] = metric.count;
        one["sum"] = metric.sum;
      } else {
        one["value"] = metric.value;
      }
      values.push(std::move(one));
    }
  }
  return {"application/json", all.dump()};
}
