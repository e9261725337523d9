// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Scanners, remote and local.
///
/// A *remote* scanner runs scans elsewhere; any node can pick one up by its reference. The host
/// launches in two steps, so that a crash between them is found and not repeated: `prepare` makes
/// the remote scan without touching a target, under a name that carries the marker; `start` sets it
/// going. A plugin whose backend cannot do that leaves the capability out, and its weaker promise
/// is shown. A plugin stops, changes or removes only scans that carry the marker it is given, and
/// checks this itself.
///
/// A *local* scanner does its work inside one blocking call that ends with it.
#ifndef SCANHOST_ABI_SCANNER_H
#define SCANHOST_ABI_SCANNER_H

#include "plugin.h"
#include "finding.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_SCANNER_REMOTE_ID "scanhost.scanner.remote/1"
#define SCANHOST_SCANNER_LOCAL_ID "scanhost.scanner.local/1"
#define SCANHOST_SCANNER_REVISION 0

/// Can log in to targets with the request's credential.
#define SCANHOST_SCANNER_CREDENTIALS (UINT64_C(1) << 0)
/// Scans exactly the addresses given for a name; one that cannot is refused names.
#define SCANHOST_SCANNER_PINS_NAMES (UINT64_C(1) << 1)
/// Remote: `prepare` touches no target, `start` is separate.
#define SCANHOST_SCANNER_TWO_STEP (UINT64_C(1) << 2)
/// Remote: `find` sees every scan that carries a marker.
#define SCANHOST_SCANNER_FINDS (UINT64_C(1) << 3)
/// Remote: `pause` and `resume` work.
#define SCANHOST_SCANNER_PAUSES (UINT64_C(1) << 4)

/// Whole and able to launch.
#define SCANHOST_SCANNER_READY 0
/// Reads and exports, but its licence or permissions refuse to control scans.
#define SCANHOST_SCANNER_READ_ONLY 1

/// What a scanner is. Given from memory, without asking the backend.
typedef struct scanhost_scanner_description {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t capabilities;  ///< SCANHOST_SCANNER_* bits
  /// Whose checks these are ("nessus"); part of every fingerprint. Empty: the plugin's name without
  /// "scanner-".
  scanhost_text family;
  scanhost_text url;      ///< where it is, for people, without credentials; empty when nowhere
} scanhost_scanner_description;

/// What a self-test found.
typedef struct scanhost_scanner_health {
  uint32_t struct_size;
  int32_t state;          ///< SCANHOST_SCANNER_READY or _READ_ONLY
  scanhost_text reason;   ///< why it is not ready; empty when ready
  scanhost_text version;  ///< of the backend
  /// The backend's own count of scans under way, ours and others'; -1 unknown.
  int64_t active_scans;
} scanhost_scanner_health;

typedef struct scanhost_scanner_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  void (*description)(void* context, const scanhost_scanner_description* description);
  void (*health)(void* context, const scanhost_scanner_health* health);
} scanhost_scanner_sink;

/// A target as given, and the addresses that the launch check passed.
typedef struct scanhost_target {
  uint32_t struct_size;
  uint32_t reserved;
  scanhost_text given;       ///< "web.example.org", "10.0.0.0/24", "10.0.0.1-20", "10.0.0.7"
  scanhost_texts addresses;  ///< canonical addresses and CIDR blocks: scan these and no others
  int32_t is_name;           ///< 1 when `given` is a host name, whose addresses are pinned
  uint32_t reserved2;
} scanhost_target;

/// What to log in to targets with. Valid for the call; a plugin wipes its copies.
typedef struct scanhost_credential {
  uint32_t struct_size;
  uint32_t reserved;
  scanhost_text kind;     ///< "ssh-password"
  /// "username", "password", "elevate_privileges_with", "escalation_account",
  /// "escalation_password"; absent ones are left out.
  scanhost_pairs fields;
} scanhost_credential;

typedef struct scanhost_scan_request {
  uint32_t struct_size;
  int32_t attempt;        ///< from 1
  uint64_t launch;        ///< grows with every launch of the task
  scanhost_text task_id;
  scanhost_text marker;   ///< "[scanhost:<task id>/<launch>]", to be carried in the remote name
  scanhost_text name;     ///< the client's, at most 255 characters
  scanhost_text description;
  scanhost_text scan_type;  ///< "untrusted", "authenticated", "authenticated_privileged"
  scanhost_text settings;   ///< one JSON object, valid by the manifest's scan_schema
  const scanhost_target* const* targets;
  uint64_t target_count;
  const scanhost_credential* credential;  ///< null when none
} scanhost_scan_request;

/// The scanned host did answer.
#define SCANHOST_HOST_ANSWERED 0
#define SCANHOST_HOST_SILENT 1

/// Evidence of how far login went on one host; bits add up.
#define SCANHOST_LOGIN_GOOD (1u << 0)  ///< checks ran with the login
#define SCANHOST_LOGIN_WEAK (1u << 1)  ///< logged in, with too little privilege
#define SCANHOST_LOGIN_BAD (1u << 2)   ///< refused, or local checks did not run

/// What became of one host: coverage, so that silence and cleanness stay apart.
typedef struct scanhost_host_report {
  uint32_t struct_size;
  int32_t state;        ///< SCANHOST_HOST_*
  scanhost_text host;   ///< as in scanhost_finding.host
  uint32_t login;       ///< SCANHOST_LOGIN_* bits; 0 when nothing is known
  uint32_t reserved;
  scanhost_pairs facts;  ///< operating system, MAC address, names, as the scanner calls them
} scanhost_host_report;

/// How a scan ended. Only a result with a summary that says complete is complete.
typedef struct scanhost_scan_summary {
  uint32_t struct_size;
  int32_t complete;       ///< 1 when everything that was asked for was tested and told
  scanhost_text reason;   ///< why not, when not
  uint64_t hosts_answered;
  uint64_t hosts_silent;  ///< asked for and silent, counted even when not reported one by one
  uint64_t report_bytes;  ///< size of the raw report
  /// Findings of checks that show a login on a target, by the scanner's own list; told to people,
  /// decides nothing.
  uint64_t login_findings;
} scanhost_scan_summary;

/// Where a scan's results go, from one thread at a time. Any function may block, which is the
/// backpressure, and an answer other than SCANHOST_OK means: stop and return it.
typedef struct scanhost_scan_sink {
  uint32_t struct_size;
  uint32_t max_batch;  ///< records per call
  /// Bytes of one text. A longer one is cut at a character's boundary and named in `truncated`;
  /// the host cuts what is longer still.
  uint64_t max_text;
  void* context;
  scanhost_status (*findings)(void* context, const scanhost_finding* const* records, uint64_t count);
  scanhost_status (*hosts)(void* context, const scanhost_host_report* const* records,
                           uint64_t count);
  /// 0 to 100, and the scanner's own word for its state.
  scanhost_status (*progress)(void* context, int32_t percent, scanhost_text status);
  /// Once, last.
  scanhost_status (*summary)(void* context, const scanhost_scan_summary* summary);
} scanhost_scan_sink;

/// A remote scan as the host knows it.
typedef struct scanhost_remote_scan {
  uint32_t struct_size;
  uint32_t reserved;
  scanhost_text reference;  ///< what `prepare` gave
  scanhost_text run_id;     ///< what `start` gave; empty before
  scanhost_text marker;     ///< "[scanhost:<task id>/<launch>]"
} scanhost_remote_scan;

/// A word this host or plugin does not know counts as RUNNING: keep polling.
#define SCANHOST_REMOTE_RUNNING 0
#define SCANHOST_REMOTE_CREATED 1    ///< prepared, never started
#define SCANHOST_REMOTE_PENDING 2    ///< started, waiting for a place at the scanner
#define SCANHOST_REMOTE_PAUSED 3
#define SCANHOST_REMOTE_STOPPING 4
#define SCANHOST_REMOTE_COMPLETED 5
#define SCANHOST_REMOTE_STOPPED 6    ///< someone stopped it; partial results stay
#define SCANHOST_REMOTE_ABORTED 7    ///< the scanner gave up; partial results stay
#define SCANHOST_REMOTE_GONE 8       ///< deleted

typedef struct scanhost_remote_state {
  uint32_t struct_size;
  int32_t state;            ///< SCANHOST_REMOTE_*
  scanhost_text reference;
  scanhost_text run_id;     ///< of the newest run; empty when none. Another than stored: a second run
  scanhost_text marker;     ///< as found in the remote name
  scanhost_text status;     ///< the scanner's own word
  int32_t percent;          ///< 0 to 100; -1 when the scanner does not say
  uint32_t reserved;
  int64_t next_poll_ns;     ///< when asking again makes sense; 0: the host's default
  /// From `find`: the remote name without the marker, as `prepare` was given it if nobody changed
  /// it. By it the host tells its scans from copies of them; without it, it leaves both alone.
  scanhost_text name;
} scanhost_remote_state;

/// Takes the states of remote scans, one by one.
typedef struct scanhost_remote_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  scanhost_status (*state)(void* context, const scanhost_remote_state* state);
} scanhost_remote_sink;

/// What both kinds begin with.
typedef struct scanhost_scanner {
  scanhost_interface base;
  /// Calls sink->description once. [any]
  scanhost_status (*describe)(void* self, const scanhost_call* call,
                              const scanhost_scanner_sink* sink);
  /// Asks the backend whether it is there, lets us in and can launch; calls sink->health once on
  /// success. Fails with subject BACKEND: transient (unreachable), auth or config (refused). Serves
  /// start, `doctor` and the circuit breaker's probe. [worker]
  scanhost_status (*self_test)(void* self, const scanhost_call* call,
                               const scanhost_scanner_sink* sink);
} scanhost_scanner;

typedef struct scanhost_scanner_local {
  scanhost_scanner scanner;
  /// Scans, tells findings, hosts and progress as they come, and ends with the summary. [worker]
  scanhost_status (*scan)(void* self, const scanhost_call* call,
                          const scanhost_scan_request* request, const scanhost_scan_sink* sink);
} scanhost_scanner_local;

typedef struct scanhost_scanner_remote {
  scanhost_scanner scanner;
  /// Makes the remote scan and writes its reference. Ambiguous when the request may have been acted
  /// on and its reference is not known. [worker]
  scanhost_status (*prepare)(void* self, const scanhost_call* call,
                             const scanhost_scan_request* request,
                             const scanhost_text_sink* reference);
  /// Sets a prepared scan going and writes the id of that run. Refused when the scan has run before
  /// (subject TASK, ambiguous). [worker]
  scanhost_status (*start)(void* self, const scanhost_call* call, const scanhost_remote_scan* scan,
                           const scanhost_text_sink* run_id);
  /// Tells every scan whose name carries a marker that begins with `marker_prefix`
  /// ("[scanhost:<task id>/" for one task, "[scanhost:" for all of ours). [worker]
  scanhost_status (*find)(void* self, const scanhost_call* call, scanhost_text marker_prefix,
                          const scanhost_remote_sink* sink);
  /// Tells the state of each scan, in any order, with as few requests as the backend allows. A scan
  /// that is gone is told as GONE; one nothing could be learnt about is left out. [worker]
  scanhost_status (*poll)(void* self, const scanhost_call* call,
                          const scanhost_remote_scan* const* scans, uint64_t count,
                          const scanhost_remote_sink* sink);
  /// Each asks and does not wait; `poll` tells the effect. Harmless when repeated. [worker]
  scanhost_status (*pause)(void* self, const scanhost_call* call, const scanhost_remote_scan* scan);
  scanhost_status (*resume)(void* self, const scanhost_call* call, const scanhost_remote_scan* scan);
  scanhost_status (*stop)(void* self, const scanhost_call* call, const scanhost_remote_scan* scan);
  /// Reads the results of that run, whatever its state, and ends with the summary. [worker]
  scanhost_status (*collect)(void* self, const scanhost_call* call,
                             const scanhost_remote_scan* scan, const scanhost_scan_sink* sink);
  /// Deletes the remote scan; SCANHOST_OK too when it is gone already. [worker]
  scanhost_status (*remove)(void* self, const scanhost_call* call, const scanhost_remote_scan* scan);
} scanhost_scanner_remote;

#ifdef __cplusplus
}
#endif

#endif
