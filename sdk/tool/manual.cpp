// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/tool/manual.h"

namespace scanhost {

pages::PageTexts toolManual() {
  return {
      .program = "scanhost-plugin",
      .section = 1,
      .version = SCANHOST_VERSION,
      .summary = "make, inspect and check plugins for scanhost",
      .description =
          R"(For those who write plugins. A plugin is one shared library, built against the installed SDK alone;
.B new
makes a folder with one that builds, tests and packages itself.)",
      .sections = {
          {"EXIT STATUS", R"(.TP
.B 0
Made, fine, or recorded; every case passed.
.TP
.B 1
Not made; the plugin has problems; a case failed, or a host would refuse the plugin.
.TP
.B 2
It cannot be read, checked or recorded.
.TP
.B 64
The command line is wrong.)"},
          {"FILES", R"(.TP
.I /usr/share/doc/scanhost\-sdk
The ABI, a tutorial and examples.)"},
          {"EXAMPLES", R"(.EX
scanhost\-plugin new scanner\-banner \-\-kind scanner\-local
scanhost\-plugin check build/plugins/scanner\-banner.so
.EE)"},
          {"SEE ALSO", R"(.BR scanhost (8),
.BR scanhost (7))"},
      }};
}

}  // namespace scanhost
