// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// The host's operations as plain HTTP: GET <path>/operations lists them, POST <path>/operations/NAME
/// runs one with the body as its arguments and answers its result. It knows none of them by name and
/// authenticates nobody: the host did, and hands over the caller.
#pragma once

#include <scanhost/http.h>
#include <scanhost/host_operations.h>
#include <scanhost/transport.h>

#include <atomic>
#include <string>
#include <vector>

class @CLASS@ : public scanhost::Transport {
 public:
  explicit @CLASS@(const scanhost::Settings& settings);

  void start(scanhost::Call& call) override;
  void drain(scanhost::Call& call) override;
  void stop(scanhost::Call& call) override;

 private:
  void list(scanhost::HttpRequest& request, scanhost::HttpResponse& response) const;
  void invoke(scanhost::HttpRequest& request, scanhost::HttpResponse& response) const;

  const scanhost::Host host_;
  const std::string base_;  ///< path of the list
  const scanhost::OperationsClient operations_;
  std::atomic<bool> draining_{false};
  std::vector<scanhost::HttpRoute> routes_;
};
