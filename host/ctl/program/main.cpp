// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanhostctl: the service from a command line.
#include <signal.h>

#include "host/ctl/verbs.h"

int main(int argc, char** argv) {
  // A connection that closes while we write must be an error to report, not our end.
  ::signal(SIGPIPE, SIG_IGN);
  return scanhost::ctl::run(argc, argv);
}
