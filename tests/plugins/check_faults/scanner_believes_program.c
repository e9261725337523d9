// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// With --recording lines.jsonl.
/// Fails local.faults: it believes that a program which ended has said everything.
#define PLUGIN_NAME "scanner-believes-program"
#define REQUIRES "{\"service\": \"scanhost.host.process/1\"}"
#define SCAN scan_lines
#include <scanhost/abi/scanner.h>
static scanhost_status scan_lines(void* self, const scanhost_call* call,
                                  const scanhost_scan_request* request,
                                  const scanhost_scan_sink* sink);
#include "valid_scanner.h"

/// A finding for each line.
static scanhost_status count_lines(void* context, scanhost_bytes chunk) {
  for (uint64_t i = 0; i < chunk.size; ++i) *(int*)context += chunk.data[i] == '\n';
  return SCANHOST_OK;
}
static scanhost_status scan_lines(void* self, const scanhost_call* call,
                                  const scanhost_scan_request* request,
                                  const scanhost_scan_sink* sink) {
  (void)self, (void)request;
  int lines = 0;
  scanhost_process_spec spec;
  memset(&spec, 0, sizeof spec);
  spec.struct_size = sizeof spec;
  spec.program = TEXT("/usr/bin/lines");
  spec.context = &lines;
  spec.output = count_lines;
  scanhost_process_end how = {sizeof how, 0, 0, 0};
  const scanhost_process* processes = the_host->get_service(the_host, TEXT(SCANHOST_PROCESS_ID));
  const scanhost_status answer = processes->run(the_host, call, &spec, &how);
  return answer == SCANHOST_OK ? tell(call, sink, lines) : answer;
}
