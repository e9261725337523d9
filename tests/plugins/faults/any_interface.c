// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Answers interface ids that it cannot know.
#define PLUGIN_NAME "exporter-any-interface"
#define GET_INTERFACE get_any_interface
#include "valid_plugin.h"
