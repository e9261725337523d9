/* SPDX-FileCopyrightText: scanhost contributors
 * SPDX-License-Identifier: Apache-2.0 */

/// A whole exporter in C11 that does nothing, written against the ABI headers alone. Each file
/// beside this one defines what it gets wrong, one thing, and includes it.
///
/// check_faults/ does the same for what only `scanhost-plugin check` finds.
///
/// When the library is loaded it makes the file that SCANHOST_TEST_MARKER names, so that a test
/// can tell whether a refused plugin's code has run.
#include <scanhost/abi/exporter.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef ABI_MAJOR
#define ABI_MAJOR "1"
#endif
#ifndef MIN_MINOR
#define MIN_MINOR "0"
#endif
#ifndef PROVIDES
#define PROVIDES "{\"interface\": \"scanhost.exporter/1\"}"
#endif
#ifndef REQUIRES
#define REQUIRES ""
#endif
#ifndef CONFIG_SCHEMA
#define CONFIG_SCHEMA "{\"type\": \"object\", \"additionalProperties\": false}"
#endif
#ifndef MANIFEST
#define MANIFEST                                                                                \
  "{\"name\": \"" PLUGIN_NAME                                                                   \
  "\", \"version\": \"1.0.0\", \"vendor\": \"Example Ltd\", \"licence\": \"MIT\", "             \
  "\"abi\": {\"major\": " ABI_MAJOR ", \"min_minor\": " MIN_MINOR "}, \"provides\": [" PROVIDES \
  "], \"requires\": [" REQUIRES "], \"config_schema\": " CONFIG_SCHEMA                          \
  ", \"a_member_of_the_future\": true}"
#endif
#ifndef REVISION
#define REVISION SCANHOST_EXPORTER_REVISION
#endif
#ifndef INTERFACE_SIZE
#define INTERFACE_SIZE sizeof(scanhost_exporter)
#endif
#ifndef TABLE_SIZE
#define TABLE_SIZE sizeof(scanhost_plugin)
#endif
#ifndef CREATE
#define CREATE create
#endif
#ifndef START
#define START start
#endif
#ifndef STOP
#define STOP stop
#endif
#ifndef DESTROY
#define DESTROY destroy
#endif
#ifndef EVENTS
#define EVENTS NULL
#endif
#ifndef SPANS
#define SPANS NULL
#endif
#ifndef ENDPOINT
#define ENDPOINT NULL
#endif
#ifndef RENDER
#define RENDER NULL
#endif
#ifndef ENTRY
#define ENTRY scanhost_plugin_v1
#endif
#ifndef ENTRY_RESULT
#define ENTRY_RESULT &plugin
#endif
#ifndef GET_INTERFACE
#define GET_INTERFACE get_interface
#endif

#ifndef NO_MANIFEST
SCANHOST_MANIFEST(MANIFEST);
#endif
#ifndef TABLE_MANIFEST
#define TABLE_MANIFEST \
  { MANIFEST, sizeof(MANIFEST) - 1 }
#endif

__attribute__((constructor)) static void leave_marker(void) {
  const char* path = getenv("SCANHOST_TEST_MARKER");
  FILE* marker = path ? fopen(path, "w") : NULL;
  if (marker) fclose(marker);
}

static int instance;

__attribute__((unused)) static scanhost_status create(const scanhost_host* host,
                                                      const scanhost_call* call,
                                                      const scanhost_create_args* args,
                                                      void** self) {
  (void)host, (void)call, (void)args;
  *self = &instance;
  return SCANHOST_OK;
}
__attribute__((unused)) static scanhost_status start(void* self, const scanhost_call* call) {
  (void)self, (void)call;
  return SCANHOST_OK;
}
__attribute__((unused)) static void stop(void* self, const scanhost_call* call) {
  (void)self, (void)call;
}
__attribute__((unused)) static void destroy(void* self) {
  (void)self;
}

static const scanhost_exporter exporter = {
    {INTERFACE_SIZE, REVISION, CREATE, START, STOP, DESTROY}, EVENTS, NULL, ENDPOINT, RENDER, SPANS};

__attribute__((unused)) static const scanhost_interface* get_interface(scanhost_text id) {
  static const char known[] = SCANHOST_EXPORTER_ID;
  if (id.size != sizeof known - 1) return NULL;
  for (uint64_t i = 0; i < id.size; ++i)
    if (id.data[i] != known[i]) return NULL;
  return &exporter.base;
}

/// For the fault of answering every id.
__attribute__((unused)) static const scanhost_interface* get_any_interface(scanhost_text id) {
  (void)id;
  return &exporter.base;
}

/// For the fault of answering none.
__attribute__((unused)) static const scanhost_interface* get_no_interface(scanhost_text id) {
  (void)id;
  return NULL;
}

__attribute__((unused)) static const scanhost_plugin plugin = {TABLE_SIZE, SCANHOST_ABI_MINOR,
                                                               TABLE_MANIFEST, GET_INTERFACE};

SCANHOST_EXPORT const scanhost_plugin* ENTRY(const scanhost_host* host);
SCANHOST_EXPORT const scanhost_plugin* ENTRY(const scanhost_host* host) {
  (void)host;
  return ENTRY_RESULT;
}
