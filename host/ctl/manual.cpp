// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/manual.h"

namespace scanhost::ctl {

pages::PageTexts manual() {
  return {.program = "scanhostctl",
          .section = 1,
          .version = SCANHOST_VERSION,
          .summary = "ask a scanhost for vulnerability scans, and see what they found",
          .description =
              R"(.B scanhostctl
talks to a running
.BR scanhost (8),
on this machine or another. Results go to standard output, everything else to standard error. On a
terminal it writes tables;
.B \-\-output json
and its fellows are for programs.
.PP
Options of the program may stand before or after the command. Ctrl\-C ends the watching, never the scan.
Tokens and passwords are never arguments, for everybody on a machine can read those.
.PP
The commands
.BR dlq ", " reload ", " audit " and " kill\-switch
are for operators: they look for the control socket of the service on this machine first. So do
.BR doctor " and " support\-bundle ,
where no variable names the service and the user may use that socket.)",
          .sections = {
              {"ENVIRONMENT", R"(.TP
.BR SCANHOST_URL ", " MCP_SERVER_URL
The service, where
.B \-\-url
names none.
.TP
.B SCANHOST_TOKEN
The bearer token, where
.B \-\-token\-file
names none.
.TP
.B SCANHOST_SOCKET
The control socket, for commands of operators,
.BR doctor " and " support\-bundle .
.TP
.B NO_COLOR
Not empty: no colours.)"},
              {"FILES", R"(.TP
.I /run/scanhost/control.sock
The control socket of the packaged service; root and its own user may use it.)"},
              {"EXIT STATUS", R"(.TP
.B 0
Done.
.TP
.B 1
The service refused, or a check of
.B doctor
failed.
.TP
.B 2
The command line is wrong.
.TP
.B 3
Nobody answered, or not in time.
.TP
.B 4
Refused with 401 or 403, policy included.
.TP
.B 5
The watched scan ended other than completed.)"},
              {"EXAMPLES", R"(.EX
scanhostctl submit \-\-pool nmap \-\-watch 127.0.0.1
scanhostctl results nm_loca_20261124_105453_a1be4dca \-\-sort=\-severity \-\-output csv
scanhostctl dlq redrive \-\-class transient \-\-rate 2
.EE)"},
              {"SEE ALSO", R"(.BR scanhost (8),
.BR scanhost.yaml (5),
.BR scanhost (7))"},
          }};
}

}  // namespace scanhost::ctl
