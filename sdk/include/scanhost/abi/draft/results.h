// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The result store: findings by generation, and queries over them.
///
/// Findings are fenced like every other write: a *generation* is opened for one task, attempt and
/// lease, filled in batches and sealed with the host's summary. Only the generation that the task's
/// `finish` names is ever read as the result; a worker that lost its lease fills one that nobody
/// names, and `sweep` removes it.
#ifndef SCANHOST_ABI_DRAFT_RESULTS_H
#define SCANHOST_ABI_DRAFT_RESULTS_H

#include "../plugin.h"
#include "../finding.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_RESULTS_ID "scanhost.results/1"
#define SCANHOST_RESULTS_REVISION 2

typedef struct scanhost_generation {
  uint32_t struct_size;
  int32_t attempt;
  scanhost_text task_id;
  uint64_t epoch;
  uint8_t token[16];
  int64_t created_us;
} scanhost_generation;

/// Operators of a condition. Text is compared without regard to ASCII case.
#define SCANHOST_OP_EQUAL 0          ///< number, identifier, boolean: equal; text: the whole
#define SCANHOST_OP_CONTAINS 1       ///< text: substring; list: substring of any element
#define SCANHOST_OP_LESS 2
#define SCANHOST_OP_LESS_EQUAL 3
#define SCANHOST_OP_GREATER 4
#define SCANHOST_OP_GREATER_EQUAL 5

#define SCANHOST_KIND_NUMBER 0       ///< also severity and port, timestamps in microseconds UTC
#define SCANHOST_KIND_TEXT 1         ///< also identifiers and list elements
#define SCANHOST_KIND_BOOLEAN 2      ///< number 0 or 1

typedef struct scanhost_operand {
  int32_t op;
  int32_t kind;
  double number;
  scanhost_text text;
} scanhost_operand;

/// A field and what it must match: any of the operands. A field that a finding lacks never matches.
typedef struct scanhost_condition {
  uint32_t struct_size;
  uint32_t reserved;
  scanhost_text field;      ///< a canonical name of docs/reference/findings.md
  const scanhost_operand* operands;
  uint64_t operand_count;
} scanhost_condition;

typedef struct scanhost_sort_key {
  scanhost_text field;
  int32_t descending;
  uint32_t reserved;
} scanhost_sort_key;

typedef struct scanhost_results_query {
  uint32_t struct_size;
  uint32_t reserved;
  scanhost_text generation;
  /// All must hold.
  const scanhost_condition* const* conditions;
  uint64_t condition_count;
  /// Empty: order of arrival, which also settles ties.
  const scanhost_sort_key* sort;
  uint64_t sort_count;
  uint64_t offset;          ///< findings to pass over
  uint64_t limit;           ///< most findings in all; 0 no limit
  /// Fields the reader wants; empty: all. A store may leave the others empty.
  scanhost_texts fields;
} scanhost_results_query;

/// All functions are [worker].
typedef struct scanhost_results {
  scanhost_interface base;

  /// Opens a generation and writes its name.
  scanhost_status (*open_generation)(void* self, const scanhost_call* call,
                                     const scanhost_generation* generation,
                                     const scanhost_text_sink* name);
  /// Adds findings, which carry their fingerprint.
  scanhost_status (*append)(void* self, const scanhost_call* call, scanhost_text generation,
                            const scanhost_finding* const* findings, uint64_t count);
  /// Ends a generation with the host's summary (one JSON object). What was appended is durable when
  /// it returns; a sealed generation takes no more.
  scanhost_status (*seal)(void* self, const scanhost_call* call, scanhost_text generation,
                          scanhost_text summary);
  /// The newest generation of a task that a reader may see while the task has named none: the one
  /// of that epoch. Writes its name, or nothing.
  scanhost_status (*current)(void* self, const scanhost_call* call, scanhost_text task_id,
                             uint64_t epoch, const scanhost_text_sink* name);
  /// Writes the summary a generation was sealed with, or nothing. SCANHOST_ERROR_LOST when there is
  /// no such generation.
  scanhost_status (*summary)(void* self, const scanhost_call* call, scanhost_text generation,
                             const scanhost_text_sink* summary);

  /// Starts reading; `close` ends it. An open cursor holds nothing that a stalled client could keep
  /// from others. SCANHOST_ERROR_LOST when there is no such generation.
  scanhost_status (*open)(void* self, const scanhost_call* call,
                          const scanhost_results_query* query, void** cursor);
  /// Tells up to `max` more findings; none at the end.
  scanhost_status (*next)(void* self, const scanhost_call* call, void* cursor, uint64_t max,
                          const scanhost_finding_sink* sink);
  void (*close)(void* self, void* cursor);
  /// How many findings match the conditions; offset and limit do not count.
  scanhost_status (*count)(void* self, const scanhost_call* call,
                           const scanhost_results_query* query, uint64_t* count);

  /// Removes every generation of a task and tells how many findings went.
  scanhost_status (*remove)(void* self, const scanhost_call* call, scanhost_text task_id,
                            uint64_t* findings);
  /// Removes up to `limit` generations opened at or after one time and before another for which
  /// `keep` answers 0, oldest first.
  scanhost_status (*sweep)(void* self, const scanhost_call* call, int64_t from_us,
                           int64_t before_us, uint32_t limit,
                           int32_t (*keep)(void* context, scanhost_text task_id,
                                           scanhost_text generation),
                           void* context, uint64_t* removed);
  /// A small write that must succeed, for health. [worker]
  scanhost_status (*check)(void* self, const scanhost_call* call);
} scanhost_results;

#ifdef __cplusplus
}
#endif

#endif
