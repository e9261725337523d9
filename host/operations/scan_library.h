// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the service has to read besides its operations: scans, findings and reports as resources,
/// prompts that help an agent to work well, and completion of what they are asked for. Everything
/// is read through the operations, so that it obeys what they obey.
#pragma once

#include "host/operations/operations.h"

namespace scanhost {

class ScanLibrary final : public Provider {
 public:
  explicit ScanLibrary(const Operations& operations) : operations_(operations) {}

  std::string_view name() const override { return "scans"; }
  Status list(ListKind what, const Caller& caller, std::string_view cursor,
              ListedPage& page) override;
  void request(const ProviderCall& call, std::unique_ptr<ReplySink> sink) override;
  bool mayWatch(std::string_view uri, const Caller& caller) override;

 private:
  Status listScans(const Caller& caller, std::string_view cursor, ListedPage& page) const;
  void read(const ProviderCall& call, ReplySink& sink) const;
  void complete(const ProviderCall& call, ReplySink& sink) const;
  std::vector<std::string> values(const std::string& argument,
                                  const OperationContext& context) const;

  const Operations& operations_;
};

}  // namespace scanhost
