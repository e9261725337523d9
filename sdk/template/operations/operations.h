// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// What a client finds beside the service's own: an operation that names the service of a port, the
/// whole list as a resource, and a prompt. The list is read once, at the start.
#pragma once

#include <scanhost/operations.h>

#include <string>

class @CLASS@ : public scanhost::OperationProvider {
 public:
  explicit @CLASS@(const scanhost::Settings& settings);

  void start(scanhost::Call& call) override;
  void list(scanhost::ListPage& page, scanhost::ListKind what, const scanhost_caller& caller,
            std::string_view cursor, scanhost::Call& call) override;
  void request(const scanhost::OperationRequest& request, scanhost::Reply reply,
               const scanhost::Call& call) override;

 private:
  void nameService(const scanhost::OperationRequest& request, scanhost::Reply reply) const;

  const std::string file_;
  std::string services_;  ///< the file's text
};
