#!/usr/bin/perl
# SPDX-FileCopyrightText: scanhost contributors
# SPDX-License-Identifier: Apache-2.0
#
# A full cycle with Net::Nessus::REST, a client written by others for the real product: what the
# simulator says is understood by someone who never saw it. Usage: perl_client_test.pl PROGRAM

use strict;
use warnings;
use Net::Nessus::REST;
use Test::More;

my ($program) = @ARGV or die "usage: $0 PROGRAM\n";

my $pid = open(my $output, '-|', $program, '--listen', '127.0.0.1:0', '--no-tls',
    '--access-key', 'AK', '--secret-key', 'SK', '--username', 'auditor', '--password', 'pw',
    '--scan-seconds', '1') or die "cannot start $program: $!\n";
END { kill 'TERM', $pid if $pid }
my $banner = <$output>;
my ($url) = <$output> =~ m{^listening on (\S+)} or die "$program did not say where it listens\n";

my $nessus = Net::Nessus::REST->new(url => $url, timeout => 20);

ok(!eval { $nessus->create_session(username => 'auditor', password => 'no'); 1 },
    'a wrong password is refused');
like($@, qr/Invalid Credentials/, 'and the refusal is understood');
ok(eval { $nessus->create_session(username => 'auditor', password => 'pw'); 1 },
    'a session opens');

my $template = $nessus->get_template_id(name => 'basic', type => 'scan');
like($template, qr/^731a8e52-/, 'the basic template is found by name');
is($nessus->get_scanner_id(name => 'Local Scanner'), 1, 'the local scanner is found by name');
is($nessus->get_folder_id(name => 'My Scans'), 3, 'the folder is found by name');
is(scalar $nessus->list_policies(), undef, 'there is no policy yet');
ok(scalar(() = $nessus->list_plugin_families()), 'there are plugin families');

my $scan = $nessus->create_scan(uuid => $template,
    settings => {name => 'cycle', text_targets => '10.0.0.0/30'});
is($nessus->get_scan_id(name => 'cycle'), $scan->{id}, 'the scan is found by name');
is($nessus->get_scan_status(scan_id => $scan->{id}), 'empty', 'it has not run');

my $uuid = $nessus->launch_scan(scan_id => $scan->{id});
ok(!eval { $nessus->launch_scan(scan_id => $scan->{id}); 1 }, 'it cannot be launched twice');
for (1 .. 100) {
    last if $nessus->get_scan_status(scan_id => $scan->{id}) eq 'completed';
    select(undef, undef, undef, 0.1);
}
is($nessus->get_scan_status(scan_id => $scan->{id}), 'completed', 'it completes');
my $history = $nessus->get_scan_history_id(scan_id => $scan->{id}, scan_uuid => $uuid);
ok($history, 'the run is in the history');

my $details = $nessus->get_scan_details(scan_id => $scan->{id}, history_id => $history);
is(scalar @{$details->{hosts}}, 4, 'four hosts answered');
ok($nessus->get_scan_plugin_output(scan_id => $scan->{id}, host_id => 1, plugin_id => 19506)
        ->{outputs}[0]{plugin_output}, 'a plugin has an output');
ok($nessus->get_plugin_details(id => 19506)->{attributes}, 'a plugin is described');

my $file = $nessus->export_scan(scan_id => $scan->{id}, format => 'nessus',
    history_id => $history);
for (1 .. 100) {
    last if $nessus->get_scan_export_status(scan_id => $scan->{id}, file_id => $file) eq 'ready';
    select(undef, undef, undef, 0.1);
}
my $report = $nessus->download_scan(scan_id => $scan->{id}, file_id => $file);
is(scalar(() = $report =~ /<ReportHost /g), 4, 'the report holds the four hosts');
like($report, qr{</NessusClientData_v2>\s*$}, 'and is whole');

ok($nessus->set_scan_read_status(scan_id => $scan->{id}, status => 'read'), 'it is marked read');
ok($nessus->delete_scan(scan_id => $scan->{id}), 'it is deleted');
is($nessus->get_scan_id(name => 'cycle'), undef, 'and gone');
undef $nessus;

kill 'TERM', $pid;
close $output;
is($?, 0, 'the simulator ends cleanly');
undef $pid;
done_testing();
