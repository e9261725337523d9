// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// @NAME@: what it is, what it may be told, and its one class.
#include <scanhost/plugin.h>

#include "memory_results.h"

namespace {

constexpr char manifest[] = R"json({
 "name": "@NAME@", "version": ")json" PLUGIN_VERSION R"json(",
 "vendor": "@VENDOR@", "licence": "@LICENCE@",
 "abi": {"major": @ABI_MAJOR@},
 "provides": [@scanhost.results/1@],
 "max_parallel": 64,
 "store": "local"
})json";

}  // namespace

SCANHOST_PLUGIN(manifest, @CLASS@)
