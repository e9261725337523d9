// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Fails file.load-effects: its constructor opens a file and keeps it.
#define PLUGIN_NAME "exporter-load-opens"
#include <fcntl.h>
#include <stdlib.h>

__attribute__((constructor)) static void open_early(void) {
  if (open("/dev/null", O_RDONLY) < 0) abort();
}
#include "../faults/valid_plugin.h"
