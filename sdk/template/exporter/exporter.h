// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// Keeps events of some weight as lines of a file in the instance's data folder, and serves metrics as
/// one JSON object. What a class does not override, the host does not ask of it.
#pragma once

#include <scanhost/exporter.h>

#include <string>

class @CLASS@ : public scanhost::Exporter {
 public:
  explicit @CLASS@(const scanhost::Settings& settings);
  ~@CLASS@() override;

  void start(scanhost::Call& call) override;
  void events(const scanhost::EventBatch& batch, scanhost::Call& call) override;
  std::string endpoint() const override { return path_; }
  scanhost::RenderedMetrics render(const scanhost_metric_snapshot& snapshot,
                                   std::string_view accept, scanhost::Call& call) const override;

 private:
  const std::string path_, file_;
  const int level_;
  int fd_ = -1;
};
