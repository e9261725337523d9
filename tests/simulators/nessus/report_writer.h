// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Reports in the formats that an export offers, streamed host by host.
///
/// Each writes the first `hosts` hosts of the report and stops early once `out` has failed (the
/// client went away). Safe to call from any thread.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include "tests/simulators/nessus/report.h"

namespace scanhost::simulator {

/// NessusClientData_v2. A report that was given as a file is copied byte for byte when it is whole.
void writeNessus(const Report& report, std::size_t hosts, std::ostream& out);
void writeCsv(const Report& report, std::size_t hosts, std::ostream& out);
void writeHtml(const Report& report, std::size_t hosts, std::ostream& out);

/// `text` for an attribute or an element; characters that XML 1.0 cannot carry are dropped.
std::string escapeXml(std::string_view text);

}  // namespace scanhost::simulator
