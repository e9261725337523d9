// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Does not have the interface that its manifest provides.
#define PLUGIN_NAME "exporter-no-interface"
#define GET_INTERFACE get_no_interface
#include "valid_plugin.h"
