// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Which exposition format a scraper's Accept header asks for (RFC 9110, 12.5.1). Any thread.
#pragma once

#include <string_view>

#include "plugins/exporter/prometheus/exposition.h"

namespace scanhost {

/// The format with the higher weight; text when they are equal or neither is acceptable, since
/// every scraper reads it.
ExpositionFormat chooseFormat(std::string_view accept);

}  // namespace scanhost
