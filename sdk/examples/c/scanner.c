// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A local scanner in C11: connects to ports and tells what each says first.
///
/// What the C++ layer does for others is plain to see here: batches, the error slot, the answer of a
/// sink that is passed on, and a manifest that is the same in the section and in the table.
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <scanhost/abi/scanner.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NAME "scanner-banner-c"
#define MAX_PORTS 64
#define WAIT_NS INT64_C(2000000000)  // for a port to answer, and again for it to speak

#define TEXT_OF(value) #value
#define TEXT(value) TEXT_OF(value)

SCANHOST_MANIFEST(
    "{\"name\": \"" NAME "\", \"version\": \"0.1.0\", \"vendor\": \"scanhost contributors\","
    " \"licence\": \"Apache-2.0\", \"abi\": {\"major\": " TEXT(SCANHOST_ABI_MAJOR) "},"
    " \"provides\": [{\"interface\": \"" SCANHOST_SCANNER_LOCAL_ID "\","
    "  \"revision\": " TEXT(SCANHOST_SCANNER_REVISION) "}],"
    " \"max_parallel\": 4,"
    " \"config_schema\": {\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
    "  \"ports\": {\"type\": \"array\", \"default\": [21, 22, 25, 80, 110, 143], \"maxItems\": 64,"
    "   \"items\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 65535}}}}}");

typedef struct instance {
  uint16_t ports[MAX_PORTS];
  size_t port_count;
} instance;

/// What one scan needs in its depths.
typedef struct scan_context {
  const scanhost_call* call;
  const scanhost_scan_sink* sink;
  const instance* self;
  uint64_t answered, silent;
} scan_context;

static scanhost_text text(const char* terminated) {
  const scanhost_text view = {terminated, strlen(terminated)};
  return view;
}

static scanhost_status fail(const scanhost_call* call, int32_t error_class, const char* message) {
  scanhost_error error;
  memset(&error, 0, sizeof error);
  error.struct_size = sizeof error;
  error.error_class = error_class;
  error.subject = SCANHOST_SUBJECT_TASK;
  error.message = text(message);
  return call->fail(call, &error);
}

/// The settings have passed the schema: the only numbers in them are the ports.
static void read_ports(scanhost_text settings, instance* self) {
  for (uint64_t i = 0; i < settings.size; ++i) {
    if (settings.data[i] < '0' || settings.data[i] > '9') continue;
    unsigned long port = 0;
    for (; i < settings.size && settings.data[i] >= '0' && settings.data[i] <= '9'; ++i)
      port = port * 10 + (unsigned long)(settings.data[i] - '0');
    if (self->port_count < MAX_PORTS) self->ports[self->port_count++] = (uint16_t)port;
  }
}

static scanhost_status create(const scanhost_host* host, const scanhost_call* call,
                              const scanhost_create_args* args, void** out) {
  (void)host;
  instance* self = calloc(1, sizeof *self);
  if (!self) return fail(call, SCANHOST_ERROR_INTERNAL, "out of memory");
  read_ports(args->settings, self);
  *out = self;
  return SCANHOST_OK;
}
static scanhost_status start(void* self, const scanhost_call* call) {
  (void)self, (void)call;
  return SCANHOST_OK;
}
static void stop(void* self, const scanhost_call* call) {
  (void)self, (void)call;
}
static void destroy(void* self) {
  free(self);
}

static scanhost_status describe(void* self, const scanhost_call* call,
                                const scanhost_scanner_sink* sink) {
  (void)self, (void)call;
  scanhost_scanner_description description;
  memset(&description, 0, sizeof description);
  description.struct_size = sizeof description;
  description.capabilities = SCANHOST_SCANNER_PINS_NAMES;
  sink->description(sink->context, &description);
  return SCANHOST_OK;
}

static scanhost_status self_test(void* self, const scanhost_call* call,
                                 const scanhost_scanner_sink* sink) {
  (void)self, (void)call;
  scanhost_scanner_health health;
  memset(&health, 0, sizeof health);
  health.struct_size = sizeof health;
  health.state = SCANHOST_SCANNER_READY;
  health.active_scans = -1;
  sink->health(sink->context, &health);
  return SCANHOST_OK;
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/// Waits for `events` on `fd` at most WAIT_NS: 1 they came, 0 they did not or the call is cancelled.
static int wait_for(const scanhost_call* call, int fd, short events) {
  const int64_t until = now_ns() + WAIT_NS;
  while (!call->is_cancelled(call) && now_ns() < until) {
    struct pollfd polled[2] = {{fd, events, 0}, {call->cancel_fd, POLLIN, 0}};
    if (poll(polled, 2, 200) > 0 && polled[0].revents) return 1;
  }
  return 0;
}

/// A connected socket, or -1. `*refused` is set when the host said no, which is an answer too.
static int connect_to(const scanhost_call* call, const char* address, uint16_t port, int* refused) {
  struct sockaddr_in6 v6;
  struct sockaddr_in v4;
  memset(&v6, 0, sizeof v6);
  memset(&v4, 0, sizeof v4);
  const int is_v6 = inet_pton(AF_INET6, address, &v6.sin6_addr) == 1;
  if (!is_v6 && inet_pton(AF_INET, address, &v4.sin_addr) != 1) return -1;
  v6.sin6_family = AF_INET6;
  v4.sin_family = AF_INET;
  v6.sin6_port = v4.sin_port = htons(port);
  const int fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  const int done = is_v6 ? connect(fd, (struct sockaddr*)&v6, sizeof v6)
                         : connect(fd, (struct sockaddr*)&v4, sizeof v4);
  int error = done == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    socklen_t size = sizeof error;
    if (!wait_for(call, fd, POLLOUT) || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
      error = ETIMEDOUT;
  }
  if (error == 0) return fd;
  *refused = *refused || error == ECONNREFUSED;
  close(fd);
  return -1;
}

static scanhost_status tell_banner(const scan_context* scan, scanhost_text address, uint16_t port,
                                   scanhost_text banner) {
  char port_text[8];
  snprintf(port_text, sizeof port_text, "%u", (unsigned)port);
  scanhost_finding finding;
  memset(&finding, 0, sizeof finding);
  finding.struct_size = sizeof finding;
  finding.severity = SCANHOST_SEVERITY_INFO;
  finding.exploit_available = -1;
  finding.host = address;
  finding.port = text(port_text);
  finding.protocol = text("tcp");
  finding.check_id = text("banner");
  finding.check_name = text("A service introduces itself");
  finding.family = text("Service detection");
  finding.output = banner;
  // An absent score is NaN: zero would be a score.
  finding.cvss_base_score = finding.cvss_temporal_score = NAN;
  finding.cvss3_base_score = finding.cvss3_temporal_score = NAN;
  finding.cvss4_base_score = finding.vpr_score = finding.epss_score = NAN;
  const scanhost_finding* records[] = {&finding};
  return scan->sink->findings(scan->sink->context, records, 1);
}

static scanhost_status tell_host(const scan_context* scan, scanhost_text address) {
  scanhost_host_report report;
  memset(&report, 0, sizeof report);
  report.struct_size = sizeof report;
  report.state = SCANHOST_HOST_ANSWERED;
  report.host = address;
  const scanhost_host_report* records[] = {&report};
  return scan->sink->hosts(scan->sink->context, records, 1);
}

/// What a port says first, up to its first line's end. Bytes that are no UTF-8 the host replaces.
static scanhost_text read_banner(const scanhost_call* call, int fd, char* buffer, size_t size) {
  scanhost_text banner = {buffer, 0};
  while (banner.size < size && wait_for(call, fd, POLLIN)) {
    const ssize_t got = recv(fd, buffer + banner.size, size - banner.size, 0);
    if (got <= 0) break;
    banner.size += (uint64_t)got;
    if (memchr(buffer, '\n', banner.size)) break;
  }
  while (banner.size > 0 && (buffer[banner.size - 1] == '\n' || buffer[banner.size - 1] == '\r'))
    --banner.size;
  return banner;
}

static scanhost_status scan_address(scan_context* scan, scanhost_text address) {
  char name[INET6_ADDRSTRLEN];
  if (address.size >= sizeof name || memchr(address.data, '/', address.size))
    return fail(scan->call, SCANHOST_ERROR_UNSUPPORTED,
                NAME " scans single addresses and no blocks; name the addresses one by one");
  memcpy(name, address.data, address.size);
  name[address.size] = 0;

  int answered = 0;
  for (size_t i = 0; i < scan->self->port_count; ++i) {
    if (scan->call->is_cancelled(scan->call))
      return fail(scan->call, SCANHOST_ERROR_CANCELLED, "the scan was cancelled");
    const uint16_t port = scan->self->ports[i];
    const int fd = connect_to(scan->call, name, port, &answered);
    if (fd < 0) continue;
    answered = 1;
    char buffer[512];
    const size_t most = scan->sink->max_text < sizeof buffer ? scan->sink->max_text : sizeof buffer;
    const scanhost_text banner = read_banner(scan->call, fd, buffer, most);
    close(fd);
    const scanhost_status told = tell_banner(scan, address, port, banner);
    if (told != SCANHOST_OK) return told;  // the sink wants no more: its answer is ours
  }
  if (!answered) return ++scan->silent, SCANHOST_OK;
  ++scan->answered;
  return tell_host(scan, address);
}

static scanhost_status scan(void* self, const scanhost_call* call,
                            const scanhost_scan_request* request, const scanhost_scan_sink* sink) {
  scan_context context = {call, sink, self, 0, 0};
  for (uint64_t i = 0; i < request->target_count; ++i) {
    const scanhost_texts addresses = request->targets[i]->addresses;
    for (uint64_t j = 0; j < addresses.count; ++j) {
      const scanhost_status done = scan_address(&context, addresses.items[j]);
      if (done != SCANHOST_OK) return done;
    }
    const int32_t percent = (int32_t)((i + 1) * 100 / request->target_count);
    const scanhost_status told = sink->progress(sink->context, percent, text("scanning"));
    if (told != SCANHOST_OK) return told;
  }
  if (call->is_cancelled(call))  // a port that was not waited for would pass for silent
    return fail(call, SCANHOST_ERROR_CANCELLED, "the scan was cancelled");
  scanhost_scan_summary summary;
  memset(&summary, 0, sizeof summary);
  summary.struct_size = sizeof summary;
  summary.complete = 1;
  summary.hosts_answered = context.answered;
  summary.hosts_silent = context.silent;
  return sink->summary(sink->context, &summary);
}

static const scanhost_scanner_local scanner = {
    .scanner = {.base = {.struct_size = sizeof(scanhost_scanner_local),
                         .revision = SCANHOST_SCANNER_REVISION,
                         .create = create,
                         .start = start,
                         .stop = stop,
                         .destroy = destroy},
                .describe = describe,
                .self_test = self_test},
    .scan = scan};

static const scanhost_interface* get_interface(scanhost_text id) {
  const char known[] = SCANHOST_SCANNER_LOCAL_ID;
  if (id.size != sizeof known - 1 || memcmp(id.data, known, id.size) != 0) return NULL;
  return &scanner.scanner.base;
}

SCANHOST_EXPORT const scanhost_plugin* scanhost_plugin_v1(const scanhost_host* host);
SCANHOST_EXPORT const scanhost_plugin* scanhost_plugin_v1(const scanhost_host* host) {
  static const scanhost_plugin plugin = {
      .struct_size = sizeof(scanhost_plugin),
      .abi_minor = SCANHOST_ABI_MINOR,
      .manifest = {scanhost_manifest, sizeof scanhost_manifest - 1},
      .get_interface = get_interface};
  (void)host;
  return &plugin;
}
