// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails file.runtime: it is linked with two C++ standard libraries.
#define PLUGIN_NAME "exporter-two-runtimes"
#include "../faults/valid_plugin.h"
