// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// GET /exports/...: the files of export_results, to the caller who asked for them.
#pragma once

#include <memory>

#include "host/http/route.h"
#include "host/operations/exports.h"

namespace scanhost {

inline constexpr std::string_view exports_path = "/exports/";

/// `exports` outlives the route. A file is sent in pieces, as fast as its client reads; so many at
/// once, more are told to come back.
http::Route exportRoute(const Exports& exports, int downloads_at_once = 4);

}  // namespace scanhost
