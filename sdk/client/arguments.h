// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// From what callers say to the arguments of the tools, and from their answers back.
#pragma once

#include <scanhost/client/client.h>

#include <string>

namespace scanhost::client {

/// 128 random bits in hexadecimal, from the system's source.
std::string randomKey();

Json untrustedScanArguments(const std::string& targets, const std::string& scan_name,
                            const ScanOptions& options);
Json authenticatedScanArguments(const std::string& targets, const std::string& scan_name,
                                const std::string& scan_type, const ScanLogin& login,
                                const ScanOptions& options);
Json resultsArguments(const std::string& task_id, const ResultsQuery& query);
Json planArguments(const std::string& targets, const PlanOptions& options);
Json compareArguments(const std::string& base_task_id, const std::string& task_id,
                      const CompareQuery& query);
Json exportArguments(const std::string& task_id, const std::string& format,
                     const ExportQuery& query);
Json taskListArguments(const std::string& status, const TaskQuery& query);

SubmittedScan readSubmittedScan(Json answer, std::string idempotency_key);
ScanStatus readScanStatus(Json answer);

}  // namespace scanhost::client
