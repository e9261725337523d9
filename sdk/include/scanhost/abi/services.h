// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Small host services: clock, metrics, processes.
#ifndef SCANHOST_ABI_SERVICES_H
#define SCANHOST_ABI_SERVICES_H

#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_CLOCK_ID "scanhost.host.clock/1"
#define SCANHOST_CLOCK_REVISION 0

/// Time as the host has it, which tests may turn. [any]
typedef struct scanhost_clock {
  scanhost_service base;
  int64_t (*wall_us)(const scanhost_host* host);       ///< microseconds UTC
  int64_t (*monotonic_ns)(const scanhost_host* host);  ///< CLOCK_MONOTONIC
} scanhost_clock;

#define SCANHOST_METRICS_ID "scanhost.host.metrics/1"
#define SCANHOST_METRICS_REVISION 0

/// A plugin's own metrics, beside those the host keeps for it. Names match `scanhost_[a-z0-9_]+`;
/// label values are bounded: no target, user or task id. [any]
typedef struct scanhost_metrics {
  scanhost_service base;
  /// Makes or finds one series and writes its handle, valid until the process ends. config when the
  /// name is taken with another type or other labels.
  scanhost_status (*counter)(const scanhost_host* host, scanhost_text name, scanhost_text help,
                             scanhost_pairs labels, void** series);
  scanhost_status (*gauge)(const scanhost_host* host, scanhost_text name, scanhost_text help,
                           scanhost_pairs labels, void** series);
  scanhost_status (*histogram)(const scanhost_host* host, scanhost_text name, scanhost_text help,
                               scanhost_pairs labels, const double* bounds, uint64_t bound_count,
                               void** series);
  void (*add)(void* counter, double amount);        ///< counter: at least 0
  void (*set)(void* gauge, double value);
  void (*observe)(void* histogram, double value);
} scanhost_metrics;

#define SCANHOST_PROCESS_ID "scanhost.host.process/1"
#define SCANHOST_PROCESS_REVISION 0

typedef struct scanhost_process_spec {
  uint32_t struct_size;
  uint32_t reserved;
  scanhost_text program;      ///< absolute path; no search, no shell
  scanhost_texts arguments;   ///< after the program's name; never a secret, for all users see them
  scanhost_pairs environment; ///< the whole of it
  scanhost_bytes input;       ///< what it reads on standard input, then end of file
  int64_t grace_ns;           ///< between SIGTERM and SIGKILL when the call is cancelled
  void* context;
  /// Output as it comes; an answer other than SCANHOST_OK ends the program and is returned by run.
  scanhost_status (*output)(void* context, scanhost_bytes chunk);
  /// Standard error, of which the host keeps the last 4 KiB for its message. May be null.
  scanhost_status (*error_output)(void* context, scanhost_bytes chunk);
} scanhost_process_spec;

typedef struct scanhost_process_end {
  uint32_t struct_size;
  int32_t exit_code;          ///< -1 when a signal ended it
  int32_t signal;             ///< 0 when none did
  uint32_t reserved;
} scanhost_process_end;

/// Starts programs in a process group of their own, with no descriptor of ours, and waits. [worker]
typedef struct scanhost_process {
  scanhost_service base;
  /// Runs to the end, or until the call is cancelled or past its deadline (cancelled, timeout). The
  /// group is gone when it returns. config when the program cannot be started.
  scanhost_status (*run)(const scanhost_host* host, const scanhost_call* call,
                         const scanhost_process_spec* spec, scanhost_process_end* end);
} scanhost_process;

#ifdef __cplusplus
}
#endif

#endif
