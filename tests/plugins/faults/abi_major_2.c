// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Built for another ABI major, as its manifest says.
#define PLUGIN_NAME "exporter-abi-major-2"
#define ABI_MAJOR "2"
#include "valid_plugin.h"
