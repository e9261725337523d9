// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A whole scanner in C11, local or (with REMOTE) remote, that knows forty findings and no network,
/// written against the ABI headers alone. Each file beside this one defines what it gets wrong, one
/// thing, and includes it.
#include <scanhost/abi/scanner.h>
#include <scanhost/abi/services.h>
#include <string.h>

#define FINDINGS 40
#define TEXT(literal) ((scanhost_text){literal, sizeof(literal) - 1})

#ifdef REMOTE
#define ID SCANHOST_SCANNER_REMOTE_ID
#else
#define ID SCANHOST_SCANNER_LOCAL_ID
#endif
#ifndef REQUIRES
#define REQUIRES ""
#endif
#ifndef DESCRIPTIONS
#define DESCRIPTIONS 1
#endif
#ifndef BEFORE_REPORT
#define BEFORE_REPORT
#endif
#ifndef AFTER_REPORT
#define AFTER_REPORT
#endif
#ifndef BEFORE_FINDING
#define BEFORE_FINDING          \
  if (call->is_cancelled(call)) \
    return fail(call, SCANHOST_ERROR_CANCELLED, TEXT("the call was cancelled"));
#endif
#ifndef ON_REFUSAL
#define ON_REFUSAL return answer;
#endif
#ifndef BATCH
#define BATCH 1
#endif
#ifndef CHECK_KEY
#define CHECK_KEY 'k'
#endif
#ifndef SUMMARIES
#define SUMMARIES 1
#endif
#ifndef SECOND_START
#define SECOND_START fail(call, SCANHOST_ERROR_AMBIGUOUS, TEXT("it has run before"))
#endif
#ifndef SECOND_REMOVAL
#define SECOND_REMOVAL SCANHOST_OK
#endif

SCANHOST_MANIFEST("{\"name\": \"" PLUGIN_NAME
                  "\", \"version\": \"1.0.0\", \"vendor\": \"Example Ltd\", \"licence\": \"MIT\", "
                  "\"abi\": {\"major\": 1}, \"provides\": [{\"interface\": \"" ID
                  "\"}], \"requires\": [" REQUIRES
                  "], \"max_parallel\": 4, "
                  "\"config_schema\": {\"type\": \"object\", \"additionalProperties\": false, "
                  "\"properties\": {\"url\": {\"type\": \"string\"}}}}");

static const scanhost_host* the_host;

__attribute__((unused)) static scanhost_status fail(const scanhost_call* call, int32_t class,
                                                    scanhost_text message) {
  const scanhost_error error = {sizeof error, class, SCANHOST_SUBJECT_TASK, 0, 0, message};
  return call->fail(call, &error);
}

static scanhost_status create(const scanhost_host* host, const scanhost_call* call,
                              const scanhost_create_args* args, void** self) {
  static int made;
  (void)call, (void)args;
  the_host = host;
  *self = &made;
  return SCANHOST_OK;
}
static scanhost_status begin(void* self, const scanhost_call* call) {
  (void)self, (void)call;
  return SCANHOST_OK;
}
static void end(void* self, const scanhost_call* call) {
  (void)self, (void)call;
}
static void destroy(void* self) {
  (void)self;
}

static scanhost_status describe(void* self, const scanhost_call* call,
                                const scanhost_scanner_sink* sink) {
  (void)self, (void)call;
  const scanhost_scanner_description told = {sizeof told, 0, 0, TEXT("forty"), {NULL, 0}};
  for (int i = 0; i < DESCRIPTIONS; ++i) sink->description(sink->context, &told);
  return SCANHOST_OK;
}
static scanhost_status self_test(void* self, const scanhost_call* call,
                                 const scanhost_scanner_sink* sink) {
  (void)self, (void)call;
  const scanhost_scanner_health told = {
      sizeof told, SCANHOST_SCANNER_READY, {NULL, 0}, TEXT("1"), -1};
  sink->health(sink->context, &told);
  return SCANHOST_OK;
}

__attribute__((unused)) static scanhost_status tell(const scanhost_call* call,
                                                    const scanhost_scan_sink* sink, int count) {
  BEFORE_REPORT
  for (int i = 0; i < count; i += BATCH) {
    BEFORE_FINDING
    const char id[] = {(char)('a' + i / 26), (char)('a' + i % 26)};
    const char key = CHECK_KEY;
    scanhost_finding finding;
    memset(&finding, 0, sizeof finding);
    finding.struct_size = sizeof finding;
    finding.exploit_available = -1;
    finding.check_id = (scanhost_text){id, sizeof id};
    finding.check_key = (scanhost_text){&key, 1};
    finding.host = TEXT("127.0.0.1");
    const scanhost_finding* const batch[] = {&finding, &finding};
    const scanhost_status answer = sink->findings(sink->context, batch, BATCH);
    if (answer != SCANHOST_OK) {
      ON_REFUSAL
    }
  }
  AFTER_REPORT
  const scanhost_scan_summary summary = {sizeof summary, 1, {NULL, 0}, 1, 0, 0, 0};
  scanhost_status answer = SCANHOST_OK;
  for (int i = 0; i < SUMMARIES; ++i) answer = sink->summary(sink->context, &summary);
  (void)call;
  return answer;
}

#ifndef REMOTE
#ifndef SCAN
#define SCAN scan
static scanhost_status scan(void* self, const scanhost_call* call,
                            const scanhost_scan_request* request, const scanhost_scan_sink* sink) {
  (void)self, (void)request;
  return tell(call, sink, FINDINGS);
}
#endif
static const scanhost_scanner_local table = {
    {{sizeof table, SCANHOST_SCANNER_REVISION, create, begin, end, destroy}, describe, self_test},
    SCAN};
#else
static int runs, removals;

static scanhost_status prepare(void* self, const scanhost_call* call,
                               const scanhost_scan_request* request,
                               const scanhost_text_sink* reference) {
  (void)self, (void)call, (void)request;
  runs = removals = 0;
  return reference->write(reference->context, TEXT("7"));
}
static scanhost_status start(void* self, const scanhost_call* call,
                             const scanhost_remote_scan* scan, const scanhost_text_sink* run_id) {
  (void)self, (void)call, (void)scan;
  if (runs++ > 0) return SECOND_START;
  return run_id->write(run_id->context, TEXT("run"));
}
static scanhost_status find(void* self, const scanhost_call* call, scanhost_text marker_prefix,
                            const scanhost_remote_sink* sink) {
  (void)self, (void)call, (void)marker_prefix, (void)sink;
  return SCANHOST_OK;
}
static scanhost_status poll(void* self, const scanhost_call* call,
                            const scanhost_remote_scan* const* scans, uint64_t count,
                            const scanhost_remote_sink* sink) {
  (void)self, (void)call;
  for (uint64_t i = 0; i < count; ++i) {
    scanhost_remote_state state;
    memset(&state, 0, sizeof state);
    state.struct_size = sizeof state;
    state.state = SCANHOST_REMOTE_COMPLETED;
    state.reference = scans[i]->reference;
    const scanhost_status answer = sink->state(sink->context, &state);
    if (answer != SCANHOST_OK) return answer;
  }
  return SCANHOST_OK;
}
static scanhost_status control(void* self, const scanhost_call* call,
                               const scanhost_remote_scan* scan) {
  (void)self, (void)call, (void)scan;
  return SCANHOST_OK;
}
static scanhost_status collect(void* self, const scanhost_call* call,
                               const scanhost_remote_scan* scan, const scanhost_scan_sink* sink) {
  (void)self, (void)scan;
  return tell(call, sink, FINDINGS);
}
static scanhost_status drop(void* self, const scanhost_call* call,
                            const scanhost_remote_scan* scan) {
  (void)self, (void)call, (void)scan;
  return removals++ > 0 ? SECOND_REMOVAL : SCANHOST_OK;
}
static const scanhost_scanner_remote table = {
    {{sizeof table, SCANHOST_SCANNER_REVISION, create, begin, end, destroy}, describe, self_test},
    prepare,
    start,
    find,
    poll,
    control,
    control,
    control,
    collect,
    drop};
#endif

static const scanhost_interface* get_interface(scanhost_text id) {
  static const char known[] = ID;
  const int same = id.size == sizeof known - 1 && memcmp(id.data, known, sizeof known - 1) == 0;
  return same ? &table.scanner.base : NULL;
}
static const scanhost_plugin plugin = {sizeof plugin,
                                       SCANHOST_ABI_MINOR,
                                       {scanhost_manifest, sizeof scanhost_manifest - 1},
                                       get_interface};

SCANHOST_EXPORT const scanhost_plugin* scanhost_plugin_v1(const scanhost_host* host);
SCANHOST_EXPORT const scanhost_plugin* scanhost_plugin_v1(const scanhost_host* host) {
  (void)host;
  return &plugin;
}
