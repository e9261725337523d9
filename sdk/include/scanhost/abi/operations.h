// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Operations: named calls with a JSON Schema for what goes in and what comes out, and beside them
/// resources to read, prompts to fill in, and completion of their arguments. This header holds the
/// words that both sides use and the interface of a plugin that offers some of its own; transports
/// use all that a node offers through host_operations.h, which speaks the same words.
///
/// The host checks who may call, counts, logs, and seals what passes through a client's hands
/// (states, cursors, handles of tasks) before a plugin sees it again. What it does not check is the
/// arguments: they are one JSON object from a stranger.
#ifndef SCANHOST_ABI_OPERATIONS_H
#define SCANHOST_ABI_OPERATIONS_H

#include "plugin.h"
#include "http.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_OPERATIONS_ID "scanhost.operations/1"
#define SCANHOST_OPERATIONS_REVISION 0

/* --- What there is ------------------------------------------------------------------------ */

#define SCANHOST_OPERATION_READ_ONLY (1u << 0)
#define SCANHOST_OPERATION_DESTRUCTIVE (1u << 1)
#define SCANHOST_OPERATION_IDEMPOTENT (1u << 2)
#define SCANHOST_OPERATION_OPEN_WORLD (1u << 3)  ///< reaches beyond the service: it scans
/// The result is text; as a structured value it is {"result": "<text>"}.
#define SCANHOST_OPERATION_TEXT_RESULT (1u << 4)
/// May end with a task where the client can take one.
#define SCANHOST_OPERATION_TASK_OPTIONAL (1u << 5)
/// Ends with a task, and is refused ("task_required") where the client cannot take one.
#define SCANHOST_OPERATION_TASK_REQUIRED (1u << 6)
/// Exists for operators alone.
#define SCANHOST_OPERATION_OPERATORS_ONLY (1u << 7)

typedef struct scanhost_operation {
  uint32_t struct_size;
  uint32_t flags;               ///< SCANHOST_OPERATION_*
  scanhost_text name;           ///< `[A-Za-z0-9_.-]{1,64}`, unique in a node
  scanhost_text title;
  scanhost_text description;
  scanhost_text input_schema;   ///< JSON Schema 2020-12, root an object; passed on as it is
  scanhost_text output_schema;  ///< of the structured value; empty: none
} scanhost_operation;

/// `uri` is an RFC 6570 template whose expressions are simple ("{id}"), not an address.
#define SCANHOST_RESOURCE_TEMPLATE (1u << 0)

typedef struct scanhost_resource {
  uint32_t struct_size;
  uint32_t flags;           ///< SCANHOST_RESOURCE_*
  scanhost_text uri;        ///< absolute (RFC 3986); the scheme is the provider's own
  scanhost_text name;
  scanhost_text title;
  scanhost_text description;
  scanhost_text media_type; ///< empty: unknown
  int64_t size;             ///< bytes; -1 unknown
} scanhost_resource;

typedef struct scanhost_prompt {
  uint32_t struct_size;
  uint32_t reserved;
  scanhost_text name;
  scanhost_text title;
  scanhost_text description;
  /// JSON array of {"name", "title"?, "description"?, "required"?}; empty: takes none.
  scanhost_text arguments;
} scanhost_prompt;

#define SCANHOST_LIST_OPERATIONS 0
#define SCANHOST_LIST_RESOURCES 1
#define SCANHOST_LIST_TEMPLATES 2
#define SCANHOST_LIST_PROMPTS 3

/// Takes one page of a list; the function that fits what was asked for is called. An answer other
/// than SCANHOST_OK means that no more is wanted: return it. [same thread as the call]
typedef struct scanhost_listing_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  scanhost_status (*operation)(void* context, const scanhost_operation* operation);
  scanhost_status (*resource)(void* context, const scanhost_resource* resource);
  scanhost_status (*prompt)(void* context, const scanhost_prompt* prompt);
  /// There is more behind this cursor. At most once, last.
  void (*next)(void* context, scanhost_text cursor);
} scanhost_listing_sink;

/* --- What is asked ------------------------------------------------------------------------ */

/// `name` is the operation's, `arguments` one JSON object.
#define SCANHOST_REQUEST_OPERATION 0
/// `name` is the address of a resource. The reply is its contents, of kind resource, then `result`.
#define SCANHOST_REQUEST_RESOURCE 1
/// `name` is the prompt's, `arguments` an object of strings. The reply is the messages, each a
/// content with a role, then `result` with {"description"?}.
#define SCANHOST_REQUEST_PROMPT 2
/// `name` is a prompt's name or a template's uri; `arguments` is {"argument", "value", "context"?},
/// the context an object of the arguments that are known. The reply ends with `completion`.
#define SCANHOST_REQUEST_COMPLETION 3
/// `name` is a task's handle. The reply is the contents of its result if it has completed, then
/// `task`.
#define SCANHOST_REQUEST_TASK 4
/// `answers` are for the task's questions; unknown keys are passed over. The reply ends as above.
#define SCANHOST_REQUEST_TASK_ANSWER 5
/// The reply ends as above; a task that has ended stays as it is.
#define SCANHOST_REQUEST_TASK_CANCEL 6

/// The client can be given a task instead of a result.
#define SCANHOST_REQUEST_TASK_ALLOWED (1u << 0)
/// The client asked for a task.
#define SCANHOST_REQUEST_TASK_WANTED (1u << 1)

typedef struct scanhost_request {
  uint32_t struct_size;
  uint32_t flags;                ///< SCANHOST_REQUEST_TASK_*
  int32_t kind;                  ///< SCANHOST_REQUEST_*; an unknown one is refused ("unsupported")
  int32_t log_level;             ///< the least SCANHOST_LEVEL_* that is wanted; -1: no log
  scanhost_text name;
  scanhost_text arguments;       ///< JSON; empty counts as {}
  const scanhost_caller* caller;
  /// What the client can be asked, one JSON object: {"elicitation": {"form": {}, "url": {}},
  /// "sampling": {}, "roots": {}}; empty: nothing.
  scanhost_text client;
  int64_t task_ttl_ms;           ///< how long a task's result is wanted; -1: no wish
  /// To the questions asked earlier, one JSON object from key to answer; empty: none yet.
  scanhost_text answers;
  /// What came with those questions.
  scanhost_bytes state;
} scanhost_request;

/* --- What is answered --------------------------------------------------------------------- */

#define SCANHOST_CONTENT_TEXT 0
#define SCANHOST_CONTENT_IMAGE 1
#define SCANHOST_CONTENT_AUDIO 2
/// A resource with what is in it: `uri`, `media_type`, and text, or bytes if BINARY is set.
#define SCANHOST_CONTENT_RESOURCE 3
/// A resource to be read when it is needed: `uri`, `name`, ...; no bytes.
#define SCANHOST_CONTENT_LINK 4

#define SCANHOST_CONTENT_BINARY (1u << 0)

#define SCANHOST_ROLE_NONE 0
#define SCANHOST_ROLE_USER 1
#define SCANHOST_ROLE_ASSISTANT 2

typedef struct scanhost_content {
  uint32_t struct_size;
  uint32_t flags;             ///< SCANHOST_CONTENT_BINARY
  int32_t kind;               ///< SCANHOST_CONTENT_*
  int32_t role;               ///< SCANHOST_ROLE_*: of a prompt's message
  scanhost_text media_type;
  scanhost_text uri;
  scanhost_text name;
  scanhost_text title;
  scanhost_text description;
  scanhost_text annotations;  ///< {"audience"?, "priority"?, "lastModified"?}; empty: none
  int64_t size;               ///< of what a link leads to, in bytes; -1 unknown
} scanhost_content;

#define SCANHOST_REPLY_TASK_WORKING 0
#define SCANHOST_REPLY_TASK_INPUT_REQUIRED 1
#define SCANHOST_REPLY_TASK_COMPLETED 2
#define SCANHOST_REPLY_TASK_FAILED 3
#define SCANHOST_REPLY_TASK_CANCELLED 4

/// Work that goes on after its reply. Whoever offers it keeps it as safe as its promise: a handle
/// that was told is answered for until the task's time to live is over, on any node.
typedef struct scanhost_reply_task {
  uint32_t struct_size;
  int32_t state;             ///< SCANHOST_REPLY_TASK_*; the last three never change
  scanhost_text handle;
  scanhost_text message;     ///< for people
  int64_t created_us;        ///< UTC
  int64_t updated_us;
  int64_t ttl_ms;            ///< from its creation; -1 unlimited
  int64_t poll_ms;           ///< when to look again; 0 no advice
  scanhost_text requests;    ///< INPUT_REQUIRED: the open questions, as in `ask`
  scanhost_text structured;  ///< COMPLETED: the structured value, or empty
  scanhost_text error;       ///< FAILED: why there is no result at all
  int32_t is_error;          ///< COMPLETED: 1 when the result is an error of the operation
  int32_t reserved;
} scanhost_reply_task;

/// What becomes of a request: any number of `progress`, `log` and `content`, then exactly one of
/// the others, after which nothing more comes and `context` is not touched again. Calls come from
/// any thread, never two at once, also before the request's function returns.
typedef struct scanhost_reply {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  /// `total` is 0 when unknown.
  void (*progress)(void* context, double progress, double total, scanhost_text message);
  /// `data` is any JSON value. What is below the request's `log_level` is dropped.
  void (*log)(void* context, int32_t level, scanhost_text logger, scanhost_text data);
  /// A piece of content; while `more` is 1 the next call goes on with the same one. Another answer
  /// than SCANHOST_OK: nobody wants the rest; end the request.
  scanhost_status (*content)(void* context, const scanhost_content* content, scanhost_bytes piece,
                             int32_t more);
  /// `structured` is one JSON value or empty. Where no content came, it is shown as text. `is_error`
  /// is 1 when it tells why the operation failed.
  void (*result)(void* context, scanhost_text structured, int32_t is_error);
  /// The client must answer first: a JSON object from key to {"method", "params"}, where method is
  /// "elicitation/create", "sampling/createMessage" or "roots/list". The request comes again, with
  /// the answers and `state`, perhaps on another node.
  void (*ask)(void* context, scanhost_text requests, scanhost_bytes state);
  /// The work goes on as a task, or this is how the task that was asked about is.
  void (*task)(void* context, const scanhost_reply_task* task);
  /// At most 100 values; `total` is -1 when unknown.
  void (*completion)(void* context, scanhost_texts values, int64_t total, int32_t has_more);
  /// Not an answer. `reason` is one of: "unknown" (no such thing for this caller),
  /// "invalid_arguments", "invalid_state", "missing_capability" (data: {"requiredCapabilities"}),
  /// "task_required", "insufficient_scope" (data: {"scope"}), "rate_limited" (data:
  /// {"retry_after_s"}), "unsupported", "unavailable", "internal". `data` is a JSON object or empty.
  void (*refused)(void* context, scanhost_text reason, scanhost_text message, scanhost_text data);
} scanhost_reply;

/* --- What a plugin offers ------------------------------------------------------------------ */

typedef struct scanhost_operations {
  scanhost_interface base;
  /// One page of what this caller may use, in a stable order; `cursor` is empty, or one that `next`
  /// was given. unsupported for a cursor it never gave. [worker]
  scanhost_status (*list)(void* self, const scanhost_call* call, int32_t what,
                          const scanhost_caller* caller, scanhost_text cursor,
                          const scanhost_listing_sink* sink);
  /// Begins what is asked. Returns soon: work of more than some milliseconds goes on on a thread of
  /// the plugin's own. `request` is borrowed for the call; `call` and `reply`, of which a copy may be
  /// kept, until the reply has ended. When `call` is cancelled, end the reply soon. [any]
  void (*request)(void* self, const scanhost_call* call, const scanhost_request* request,
                  const scanhost_reply* reply);
} scanhost_operations;

SCANHOST_ABI_ASSERT(sizeof(scanhost_operation) == 88, "scanhost_operation grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_resource) == 96, "scanhost_resource grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_prompt) == 72, "scanhost_prompt grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_listing_sink) == 48, "scanhost_listing_sink grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_request) == 112, "scanhost_request grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_content) == 120, "scanhost_content grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_reply_task) == 128, "scanhost_reply_task grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_reply) == 80, "scanhost_reply grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_operations) == 56, "scanhost_operations grows at its end only");

#ifdef __cplusplus
}
#endif

#endif
