// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A metric snapshot as a document: Prometheus text 0.0.4 or OpenMetrics 1.0.0.
///
/// The two differ in more than their media type. OpenMetrics names a counter's family without
/// "_total", escapes quotes in HELP, writes bucket bounds as floating point numbers and ends with
/// "# EOF"; a counter whose name does not end in "_total" has no name there, and is given as of
/// type unknown rather than renamed. Any thread.
#pragma once

#include <scanhost/abi/exporter.h>

#include <string>

namespace scanhost {

enum class ExpositionFormat { text, open_metrics };

const char* contentType(ExpositionFormat format);
std::string renderExposition(const scanhost_metric_snapshot& snapshot, ExpositionFormat format);

}  // namespace scanhost
