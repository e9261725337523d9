// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The queue: records, leases and idempotency together, because only together are they atomic.
///
/// The record here is the truth about a task. Every function is one atomic step (a transaction, a
/// script) and costs the same at a million records. The host's own view of a task travels in two
/// JSON texts that a queue stores and never reads: `submission`, written once, and `progress`,
/// written by the lease holder. Secrets inside `submission` are sealed by the host.
///
/// A *lease* is an epoch, which grows with every grant, and 16 random bytes, for a failed-over
/// server may grant an epoch twice. Every write of a worker carries both and is a compare-and-set:
/// a worker that lost its lease is told so and changes nothing. A lease that ran out makes the task
/// available to others; while nobody took it, its holder may still renew it.
///
/// Answers that are part of the work (a replay, a lost lease, a wrong state) are outcomes, not
/// errors; a function fails only when the store itself does: transient, subject BACKEND.
///
/// Wall clock times are microseconds UTC and come from the host; leases and delays are durations in
/// nanoseconds and run on the queue's one clock.
#ifndef SCANHOST_ABI_QUEUE_H
#define SCANHOST_ABI_QUEUE_H

#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_QUEUE_ID "scanhost.queue/1"
#define SCANHOST_QUEUE_REVISION 0

#define SCANHOST_TASK_QUEUED 0
#define SCANHOST_TASK_RUNNING 1
#define SCANHOST_TASK_PAUSED 2
#define SCANHOST_TASK_COMPLETED 3
#define SCANHOST_TASK_FAILED 4
#define SCANHOST_TASK_TIMEOUT 5
#define SCANHOST_TASK_CANCELLED 6

#define SCANHOST_TASK_DEAD_LETTER (1u << 0)
#define SCANHOST_TASK_CANCEL_REQUESTED (1u << 1)
#define SCANHOST_TASK_PAUSE_REQUESTED (1u << 2)
/// The operator allowed a new remote scan although the last launch is lost or in doubt. The next
/// intent or adopted launch uses it up.
#define SCANHOST_TASK_RELAUNCH (1u << 3)

/// A task as the queue knows it.
typedef struct scanhost_task {
  uint32_t struct_size;
  int32_t state;                  ///< SCANHOST_TASK_QUEUED...
  uint32_t flags;                 ///< SCANHOST_TASK_DEAD_LETTER...
  int32_t error_class;            ///< of the last failure; 0 none
  scanhost_text id;
  scanhost_text trace_id;
  scanhost_text owner;            ///< the caller it belongs to
  scanhost_text pool;
  scanhost_text wanted_instance;  ///< empty: any of the pool
  scanhost_text instance;         ///< where it was leased to last; empty before
  scanhost_text submission;       ///< the host's JSON, written by submit
  scanhost_text progress;         ///< the host's JSON, written by the lease holder
  scanhost_text reference;        ///< of the remote scan; empty when none
  scanhost_text run_id;
  scanhost_text generation;       ///< the sealed findings that `finish` named
  scanhost_text error_message;
  int64_t created_us, started_us, completed_us;  ///< 0: not yet
  int64_t delay_ns;               ///< until it may be leased; 0 now
  int32_t attempt;                ///< from 1
  int32_t takeovers;              ///< in a row, without a good poll between
  uint64_t launch;                ///< number of the last launch intent; 0 none
  uint64_t epoch;
  uint8_t token[16];              ///< only in what `lease` gives; else zero
  int64_t lease_left_ns;          ///< running tasks: until the lease ends, negative after; else 0
  scanhost_text worker;           ///< who holds or held the lease
  scanhost_text previous_worker;  ///< `lease` of an expired or released lease: who held it
  uint64_t position;              ///< queued tasks told by submit and get: from 1 in the pool; else 0
  /// Since when it waits, or waited last: created, redriven or resumed; a retry goes on waiting.
  int64_t queued_us;
} scanhost_task;

typedef struct scanhost_task_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  scanhost_status (*task)(void* context, const scanhost_task* task);
} scanhost_task_sink;

#define SCANHOST_QUEUE_DONE 0
#define SCANHOST_QUEUE_NOT_FOUND 1
#define SCANHOST_QUEUE_LEASE_LOST 2    ///< another epoch or token holds the task, or none may
#define SCANHOST_QUEUE_WRONG_STATE 3   ///< the task is in a state from which this cannot be done
#define SCANHOST_QUEUE_CREATED 4       ///< submit: a new task
#define SCANHOST_QUEUE_REPLAY 5        ///< submit: the key stands for an equal submission
#define SCANHOST_QUEUE_CONFLICT 6      ///< submit: the key stands for another submission
#define SCANHOST_QUEUE_FULL 7          ///< submit: the pool holds `cap` waiting tasks
#define SCANHOST_QUEUE_ID_TAKEN 8      ///< submit: choose another id

typedef struct scanhost_submission {
  uint32_t struct_size;
  uint32_t reserved;
  scanhost_text id, trace_id, owner, pool, wanted_instance;
  scanhost_text submission;
  int64_t created_us;
  uint64_t cap;             ///< most waiting tasks in the pool
  scanhost_text key;        ///< idempotency key, of this owner; empty: none
  scanhost_text key_hash;   ///< what the key stands for
  int64_t key_ttl_ns;       ///< from now
} scanhost_submission;

/// One scanner instance that a worker serves.
typedef struct scanhost_lease_instance {
  uint32_t struct_size;
  uint32_t limit;           ///< most tasks running or paused on it, over all nodes
  scanhost_text pool, name;
} scanhost_lease_instance;

typedef struct scanhost_lease_request {
  uint32_t struct_size;
  uint32_t max_tasks;
  scanhost_text worker;     ///< unique per process and start
  int64_t lease_ns;
  int64_t now_us;           ///< becomes started_us the first time
  /// After an outage of the queue: leave expired leases alone for this long. 0: no grace.
  int64_t takeover_grace_ns;
  const scanhost_lease_instance* const* instances;
  uint64_t instance_count;
} scanhost_lease_request;

/// Which grant a write belongs to.
typedef struct scanhost_lease {
  uint32_t struct_size;
  uint32_t reserved;
  scanhost_text id;
  uint64_t epoch;
  uint8_t token[16];
} scanhost_lease;

typedef struct scanhost_renewal {
  uint32_t struct_size;
  int32_t good_poll;        ///< 1: the scanner answered, so takeovers count anew
  scanhost_lease lease;
  scanhost_text progress;   ///< replaces the stored one; empty: keep
} scanhost_renewal;

typedef struct scanhost_renewal_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  /// One for each renewal, by its index: outcome DONE, LEASE_LOST or NOT_FOUND, and the task's
  /// flags as they are now.
  void (*renewed)(void* context, uint64_t index, int32_t outcome, uint32_t flags,
                  uint64_t found_epoch);
} scanhost_renewal_sink;

#define SCANHOST_CHANGE_INTENT (1u << 0)     ///< `launch` grows by one; reference and run id are cleared
#define SCANHOST_CHANGE_REFERENCE (1u << 1)  ///< set `reference`
#define SCANHOST_CHANGE_RUN (1u << 2)        ///< set `run_id`
#define SCANHOST_CHANGE_STATE (1u << 3)      ///< set `state`: running to paused and back
#define SCANHOST_CHANGE_PROGRESS (1u << 4)   ///< set `progress`
#define SCANHOST_CHANGE_LAUNCH (1u << 5)     ///< set `launch` to the adopted scan's

typedef struct scanhost_change {
  uint32_t struct_size;
  uint32_t fields;          ///< SCANHOST_CHANGE_* bits
  int32_t state;
  uint32_t reserved;
  uint64_t launch;
  scanhost_text reference, run_id, progress;
} scanhost_change;

typedef struct scanhost_finish {
  uint32_t struct_size;
  int32_t state;            ///< a terminal state
  int32_t error_class;
  int32_t dead_letter;      ///< 1: a failed task becomes a dead letter
  int64_t completed_us;
  scanhost_text error_message, generation, progress;  ///< empty progress: keep
} scanhost_finish;

typedef struct scanhost_release {
  uint32_t struct_size;
  /// 1: the task stays running without a lease, for another worker to follow its remote scan; 0: it
  /// is queued again, without reference and run id.
  int32_t stay_running;
  int32_t spend_attempt;    ///< 1: attempt grows by one
  int32_t error_class;
  int64_t delay_ns;         ///< before it may be leased
  scanhost_text error_message;
} scanhost_release;

#define SCANHOST_REQUEST_CANCEL 0
#define SCANHOST_REQUEST_PAUSE 1
#define SCANHOST_REQUEST_RESUME 2

/// What `list` looks for; empty texts and negative numbers: any.
typedef struct scanhost_task_query {
  uint32_t struct_size;
  int32_t state;            ///< SCANHOST_TASK_*, -1 any
  int32_t dead_letter;      ///< 1 only dead letters, 0 no dead letters, -1 any
  uint32_t limit;           ///< most tasks in this step
  scanhost_text owner, pool;
  scanhost_text cursor;     ///< `next` of the step before; empty: from the start
  int32_t oldest_first;     ///< 0: newest created first
  int32_t count_total;      ///< 1: tell the total by `counted`
} scanhost_task_query;

typedef struct scanhost_list_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  scanhost_status (*task)(void* context, const scanhost_task* task);
  /// After the tasks: where to go on, empty at the end.
  void (*next)(void* context, scanhost_text cursor);
  /// How many tasks match owner, pool, state and dead_letter in all, from counters.
  void (*counted)(void* context, uint64_t total);
} scanhost_list_sink;

typedef struct scanhost_queue_counts {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t queued;          ///< delayed and held ones included
  uint64_t delayed, running, paused, dead;  ///< paused: on their scanner, held ones excluded
  int64_t oldest_us;        ///< created_us of the oldest waiting task; 0 none
} scanhost_queue_counts;

typedef struct scanhost_counts_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  void (*pool)(void* context, scanhost_text pool, const scanhost_queue_counts* counts);
  /// Running and paused tasks of one instance, over all nodes.
  void (*instance)(void* context, scanhost_text pool, scanhost_text instance, uint64_t active);
} scanhost_counts_sink;

/// What all nodes know of one scanner instance. The host writes what its circuit breaker and its
/// self-tests found; the queue keeps the newest and forgets it `ttl_ns` after its last announcement.
typedef struct scanhost_instance_state {
  uint32_t struct_size;
  uint32_t limit;
  scanhost_text pool, name;
  scanhost_text state;      ///< the host's JSON
  int64_t ttl_ns;
} scanhost_instance_state;

typedef struct scanhost_instance_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  scanhost_status (*instance)(void* context, scanhost_text worker,
                              const scanhost_instance_state* instance);
} scanhost_instance_sink;

typedef struct scanhost_queue_change {
  uint32_t struct_size;
  int32_t state;            ///< the task's state now; -1 when deleted
  uint64_t sequence;        ///< grows by at least one each
  scanhost_text id;
} scanhost_queue_change;

typedef struct scanhost_change_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  scanhost_status (*change)(void* context, const scanhost_queue_change* change);
  /// Changes before `sequence` are no longer known: look at everything anew.
  void (*gap)(void* context, uint64_t sequence);
} scanhost_change_sink;

/// What may be lost, as found on the store itself and not as configured.
typedef struct scanhost_durability {
  uint32_t struct_size;
  int32_t survives_process;  ///< accepted tasks survive the death of this process
  int32_t survives_power;    ///< and a loss of power
  int32_t survives_machine;  ///< and the loss of any one machine
  scanhost_text detail;      ///< for an operator: settings found, and what to change
} scanhost_durability;

typedef struct scanhost_durability_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  void (*durability)(void* context, const scanhost_durability* durability);
} scanhost_durability_sink;

/// Every `outcome` is a SCANHOST_QUEUE_* code. All functions are [worker].
typedef struct scanhost_queue {
  scanhost_interface base;

  /// Stores a task, unless its key says otherwise, as durably as `durability` says before it
  /// returns. Tells the created task, or the one the key stands for, with its position.
  scanhost_status (*submit)(void* self, const scanhost_call* call,
                            const scanhost_submission* submission, int32_t* outcome,
                            const scanhost_task_sink* sink);
  /// Grants up to max_tasks leases, oldest first, each on the least loaded instance that may take
  /// it: tasks that wait, and running or paused ones whose lease ended (their takeovers grow by one
  /// when it expired, and stay when it was released; they have their place on their instance and
  /// need no free one). A task with a remote reference, or with an intent of which nobody said how
  /// it ended, goes to its instance only. Never blocks for want of tasks.
  scanhost_status (*lease)(void* self, const scanhost_call* call,
                           const scanhost_lease_request* request, const scanhost_task_sink* sink);
  /// Extends many leases at once and carries their progress.
  scanhost_status (*renew)(void* self, const scanhost_call* call,
                           const scanhost_renewal* const* renewals, uint64_t count,
                           int64_t lease_ns, const scanhost_renewal_sink* sink);
  /// Changes a task under its lease and tells it as it is then.
  scanhost_status (*advance)(void* self, const scanhost_call* call, const scanhost_lease* lease,
                             const scanhost_change* change, int32_t* outcome,
                             const scanhost_task_sink* sink);
  /// Ends a task under its lease.
  scanhost_status (*finish)(void* self, const scanhost_call* call, const scanhost_lease* lease,
                            const scanhost_finish* finish, int32_t* outcome);
  /// Gives a lease up. A pause that was asked for then holds a task that waits again; a cancel
  /// stays a flag and ends its delay, so that the next holder sees it soon.
  scanhost_status (*release)(void* self, const scanhost_call* call, const scanhost_lease* lease,
                             const scanhost_release* release, int32_t* outcome);

  /// Makes a failed task queued again as its next attempt: attempt grows by one, takeovers,
  /// completed_us, the dead letter mark and earlier requests are cleared. `relaunch` sets
  /// SCANHOST_TASK_RELAUNCH, frees a launch in doubt from its instance, and clears reference and run
  /// id: the next launch looks for the scan by its marker.
  scanhost_status (*redrive)(void* self, const scanhost_call* call, scanhost_text id,
                             int32_t relaunch, int32_t* outcome, const scanhost_task_sink* sink);
  /// Asks for cancel, pause or resume. A task that waits, or is held, changes at once (cancelled;
  /// paused; queued); one under way gets the flag, which its lease holder sees when it renews.
  /// Tells the task as it is then. A repeat is harmless.
  scanhost_status (*request)(void* self, const scanhost_call* call, scanhost_text id,
                             int32_t what, int64_t now_us, int32_t* outcome,
                             const scanhost_task_sink* sink);
  /// Removes an ended task and its key; a store that nodes share keeps its id ID_TAKEN for 3 days.
  scanhost_status (*remove)(void* self, const scanhost_call* call, scanhost_text id,
                            int32_t* outcome);
  /// Removes up to `limit` ended tasks that completed before the given times (one for completed
  /// tasks, one for the rest), with their keys, telling each as it was.
  scanhost_status (*expire)(void* self, const scanhost_call* call, int64_t completed_before_us,
                            int64_t failed_before_us, uint32_t limit,
                            const scanhost_task_sink* sink);

  /// Ends as timeout a task that nobody works on: one queued, or one under way whose lease ended or
  /// was given up. `epoch` is the one it was seen with; LEASE_LOST when it has another by now, or a
  /// live lease.
  scanhost_status (*time_out)(void* self, const scanhost_call* call, scanhost_text id,
                              uint64_t epoch, int64_t now_us, scanhost_text error_message,
                              int32_t* outcome);

  /// Tells the task, or nothing.
  scanhost_status (*get)(void* self, const scanhost_call* call, scanhost_text id,
                         const scanhost_task_sink* sink);
  /// Walks the records in bounded steps; no snapshot. A step may tell fewer than `limit` tasks,
  /// even none, and still have a next.
  scanhost_status (*list)(void* self, const scanhost_call* call, const scanhost_task_query* query,
                          const scanhost_list_sink* sink);
  /// Tells every pool and instance that has or had tasks.
  scanhost_status (*counts)(void* self, const scanhost_call* call,
                            const scanhost_counts_sink* sink);

  /// Tells the other nodes about the instances that `worker` serves.
  scanhost_status (*announce)(void* self, const scanhost_call* call, scanhost_text worker,
                              const scanhost_instance_state* const* instances, uint64_t count);
  scanhost_status (*instances)(void* self, const scanhost_call* call,
                               const scanhost_instance_sink* sink);

  /// Waits up to wait_ns for changes after `sequence` and tells them; 0 tells where the sequence
  /// stands, as a gap. Served by one thread per node; nothing depends on it for correctness.
  scanhost_status (*changes)(void* self, const scanhost_call* call, uint64_t sequence,
                             int64_t wait_ns, const scanhost_change_sink* sink);
  /// Tells what may be lost, as found on the store itself. The host asks every ten seconds, and a
  /// second after a call failed until one succeeds; a failure is how it learns that the queue is in
  /// trouble while no task comes. So write something here, as durably as `submit` does: a store
  /// that still reads and refuses writes (a full disk, a replica) is seen by nothing else.
  scanhost_status (*durability)(void* self, const scanhost_call* call,
                                const scanhost_durability_sink* sink);
} scanhost_queue;

#ifdef __cplusplus
}
#endif

#endif
