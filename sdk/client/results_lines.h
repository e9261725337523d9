// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The JSON-NL text of get_scan_results, taken apart.
#pragma once

#include <scanhost/client/answers.h>

#include <string>

namespace scanhost::client {

/// Throws ProtocolError that names the line which cannot be read.
ResultsPage readResultsLines(std::string text);

}  // namespace scanhost::client
