// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/manual.h"

#include "host/app/version.h"

namespace scanhost {

pages::PageTexts programManual() {
  return {.program = "scanhost",
          .section = 8,
          .version = version_text,
          .summary = "service for vulnerability scans, launched exactly once",
          .description =
              R"(With
.B \-\-config
and no command
.B scanhost
runs the service until SIGTERM or SIGINT. Everything that faces outward is a plugin: scanners, the queue,
the store of results, transports and exporters, all named in one file; see
.BR scanhost.yaml (5).
The commands look at the files of this machine, without a service. To talk to one that runs, use
.BR scanhostctl (1).
.PP
Once it takes requests it says so on standard error and, where a service manager listens, by
.BR sd_notify (3);
then it reports how it is, and feeds the watchdog while its loops go round.)",
          .sections = {
              {"SIGNALS", R"(.TP
.BR SIGTERM ", " SIGINT
Takes nothing new, hands running remote scans back for another node or the next start, queues local ones
again, and exits with 0.
.TP
.B SIGHUP
Reads the configuration again. What cannot change while it runs, or is wrong, is refused as a whole, and
everything stays as it was.)"},
              {"ENVIRONMENT", R"(Every variable may be named in the configuration, as
.BR ${env:NAME} .
.TP
.B CREDENTIALS_DIRECTORY
Where systemd puts what
.B LoadCredential=
names; use
.BR ${file:${env:CREDENTIALS_DIRECTORY}/NAME} .
.TP
.BR NOTIFY_SOCKET ", " WATCHDOG_USEC ", " WATCHDOG_PID
Of the service manager.)"},
              {"FILES", R"(.TP
.IR /etc/scanhost/scanhost.yaml ", " /etc/scanhost/conf.d/*.yaml
The configuration of the packaged service.
.TP
.I /etc/default/scanhost
Environment of the packaged service, where it exists.
.TP
.I /var/lib/scanhost
Everything that a node keeps: queue, findings, keys, the audit ledger, crash reports of plugins.
.TP
.I /run/scanhost/control.sock
Where root and the service's own user are operators.
.TP
.I /usr/lib/scanhost/plugins
The plugins.)"},
              {"EXIT STATUS", R"(.TP
.B 0
Stopped as asked; the check passed.
.TP
.B 1
A plugin is not usable
.RB ( "plugin list" ),
the ledger is broken
.RB ( "audit verify" ).
.TP
.B 64
The command line is wrong.
.TP
.B 66
What was named is not there.
.TP
.B 78
The configuration, a plugin or what they name is wrong; each on a line of standard error.)"},
              {"SEE ALSO", R"(.BR scanhost.yaml (5),
.BR scanhost (7),
.BR scanhostctl (1),
.BR scanhost\-plugin (1),
.BR systemctl (1))"},
          }};
}

}  // namespace scanhost
